// Each function takes the raw body as received, the headers (names in any case) and the receiver's key, and says whether
// the signature is good. What cannot be read has no good signature. How old a webhook may be, the receiver judges.

import { createHmac, createPublicKey, timingSafeEqual, verify } from "node:crypto";

/** Headers of `node:http`, of `fetch`, or plain ones. */
export type AnyHeaders = Headers | Readonly<Record<string, string | readonly string[] | undefined>>;
type Bytes = string | Uint8Array;

/** Baanx: hex HMAC-SHA256 over `<X-Timestamp>.<raw body>`.
 * Source: https://docs.baanx.com/guides/webhooks/security, seen 2026-11. */
export function verifyBaanx(body: Bytes, headers: AnyHeaders, apiKey: string): boolean {
  const signed = Buffer.concat([Buffer.from(`${header(headers, "x-timestamp")}.`), Buffer.from(body)]);
  return isSame(hmac(apiKey, signed), header(headers, "x-signature"));
}

/** BassWallet: hex HMAC-SHA256 over `name=value&...` in the order received; for JSON over its members.
 * Source: https://docs-en.basswallet.com/api-reference/info/webhook-explain, seen 2026-11. */
export function verifyBassWallet(body: Bytes, headers: AnyHeaders, secretKey: string): boolean {
  const text = Buffer.from(body).toString("utf8");
  const isJson = header(headers, "content-type").startsWith("application/json");
  const pairs = isJson ? jsonMembers(text) : [...new URLSearchParams(text)];
  if (pairs === undefined) return false;
  const signed = pairs.map(([name, value]) => `${name}=${value}`).join("&");
  return isSame(hmac(secretKey, signed), header(headers, "signature").toLowerCase());
}

/** Changelly: base64 RSA-SHA256 (PKCS#1 v1.5) over `{"orderId":"<id>"}`. `publicKey`: PEM, or base64 of it.
 * Source: https://fiat-api.changelly.com/docs/Webhooks-guide/Callbacks-receiving, seen 2026-11. */
export function verifyChangelly(body: Bytes, headers: AnyHeaders, publicKey: string): boolean {
  const pem = publicKey.startsWith("-----BEGIN") ? publicKey : Buffer.from(publicKey, "base64").toString("utf8");
  const key = createPublicKey(pem);
  const signature = header(headers, "x-callback-signature");
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(signature)) return false;
  try {
    const { orderId } = JSON.parse(Buffer.from(body).toString("utf8"));
    return verify("sha256", Buffer.from(JSON.stringify({ orderId })), key, Buffer.from(signature, "base64"));
  } catch {
    return false;
  }
}

/** Koywe: hex HMAC-SHA256 over the raw body.
 * Source: https://docs.koywe.com/payments/advanced/webhooks, seen 2026-11. */
export function verifyKoywe(body: Bytes, headers: AnyHeaders, secret: string): boolean {
  return isSame(hmac(secret, body), header(headers, "koywe-signature"));
}

function hmac(key: string, message: Bytes): string {
  return createHmac("sha256", key).update(message).digest("hex");
}

function isSame(expected: string, given: string): boolean {
  const [one, other] = [Buffer.from(expected), Buffer.from(given)];
  return one.length === other.length && timingSafeEqual(one, other);
}

function header(headers: AnyHeaders, name: string): string {
  if (typeof (headers as Headers).get === "function") return (headers as Headers).get(name) ?? "";
  const found = Object.entries(headers).find(([each]) => each.toLowerCase() === name)?.[1];
  return typeof found === "string" ? found : (found?.[0] ?? "");
}

/** Names and values of a flat JSON object, numbers as they are written: `JSON.parse` would turn `275.0` into 275. */
function jsonMembers(text: string): [string, string][] | undefined {
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
