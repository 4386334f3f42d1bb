// Made by scripts/generate_docs.py from emulator/providers/changelly/verify.ts: edit that, and run it again.
import { createPublicKey, verify } from "node:crypto";

import { type AnyHeaders, type Bytes, header } from "../signatures.js";

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
