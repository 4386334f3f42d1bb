// Made by scripts/generate_docs.py from emulator/providers/basswallet/verify.ts: edit that, and run it again.
import { type AnyHeaders, type Bytes, header, hmac, isSame, jsonMembers } from "../signatures.js";

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
