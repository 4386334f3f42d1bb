// Made by scripts/generate_docs.py from the tables of the emulator: do not edit.

// Each function takes the raw body as received, the headers (names in any case) and the receiver's key, and says
// whether the signature is good. What cannot be read has no good signature. How old a webhook may be, the receiver
// judges.

export * from "./verify/baanx.js";
export * from "./verify/basswallet.js";
export * from "./verify/changelly.js";
export * from "./verify/koywe.js";
