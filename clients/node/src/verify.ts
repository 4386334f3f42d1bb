// Made by scripts/generate_docs.py from the tables of the emulator: do not edit.

// Each function takes the raw body as received, the headers (names in any case) and the receiver's key, and returns
// whether the signature is good. Malformed webhooks are not. The receiver decides how old a webhook may be.

export * from "./verify/baanx.js";
export * from "./verify/basswallet.js";
export * from "./verify/changelly.js";
export * from "./verify/koywe.js";
