// Made by scripts/generate_docs.py from emulator/providers/koywe/verify.ts: edit that, and run it again.
import { type AnyHeaders, type Bytes, header, hmac, isSame } from "../signatures.js";

/** Koywe: hex HMAC-SHA256 over the raw body.
 * Source: https://docs.koywe.com/payments/advanced/webhooks, seen 2026-11. */
export function verifyKoywe(body: Bytes, headers: AnyHeaders, secret: string): boolean {
  return isSame(hmac(secret, body), header(headers, "koywe-signature"));
}
