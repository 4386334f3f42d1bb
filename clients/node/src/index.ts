/** The payment provider emulator in tests: `startEmulator()`, a sandbox for each test, its clock, events and webhooks. */

export { ControlRefused } from "./connection.js";
export { type Calls, type Names, type Provider, PROVIDERS, VERSION } from "./control.js";
export type { Credentials, ProviderAccess } from "./credentials.js";
export { Emulator, type NewSandbox } from "./emulator.js";
export { startEmulator, type StartOptions } from "./launch.js";
export { type Behaviour, type Received, type Receiver, type ReceiverOptions, startReceiver } from "./receiver.js";
export { NotSettled, Sandbox, type SandboxCall } from "./sandbox.js";
export { type AnyHeaders, verifyBaanx, verifyBassWallet, verifyChangelly, verifyKoywe } from "./verify.js";
