// What the verify functions share.

import { createHmac, timingSafeEqual } from "node:crypto";

/** Headers from `node:http` or `fetch`, or a plain object. */
export type AnyHeaders = Headers | Readonly<Record<string, string | readonly string[] | undefined>>;
export type Bytes = string | Uint8Array;

/** Hex HMAC-SHA256. */
export function hmac(key: string, message: Bytes): string {
  return createHmac("sha256", key).update(message).digest("hex");
}

/** Whether two texts are the same, in constant time. */
export function isSame(expected: string, given: string): boolean {
  const [one, other] = [Buffer.from(expected), Buffer.from(given)];
  return one.length === other.length && timingSafeEqual(one, other);
}

/** The value of a header, empty where it is missing; `name` in lower case. */
export function header(headers: AnyHeaders, name: string): string {
  if (typeof (headers as Headers).get === "function") return (headers as Headers).get(name) ?? "";
  const found = Object.entries(headers).find(([each]) => each.toLowerCase() === name)?.[1];
  return typeof found === "string" ? found : (found?.[0] ?? "");
}

/** Names and values of a flat JSON object, numbers as they are written: `JSON.parse` would turn `275.0` into 275. */
export function jsonMembers(text: string): [string, string][] | undefined {
  try {
    JSON.parse(text);
  } catch {
    return undefined;
  }
  const member = /("(?:[^"\\]|\\.)*")\s*:\s*("(?:[^"\\]|\\.)*"|[^\s,}\]]+)/g;
  return [...text.matchAll(member)].map(([, name = '""', value = ""]) => [
    JSON.parse(name),
    value.startsWith('"') ? JSON.parse(value) : value,
  ]);
}
