// Made by scripts/generate_docs.py from emulator/providers/baanx/verify.ts: edit that, and run it again.
import { type AnyHeaders, type Bytes, header, hmac, isSame } from "../signatures.js";

/** Baanx: hex HMAC-SHA256 over `<X-Timestamp>.<raw body>`.
 * Source: https://docs.baanx.com/guides/webhooks/security, seen 2026-11. */
export function verifyBaanx(body: Bytes, headers: AnyHeaders, apiKey: string): boolean {
  const signed = Buffer.concat([Buffer.from(`${header(headers, "x-timestamp")}.`), Buffer.from(body)]);
  return isSame(hmac(apiKey, signed), header(headers, "x-signature"));
}
