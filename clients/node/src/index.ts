/** The payment provider emulator in tests: `startEmulator()`, a sandbox for each test, its clock, events and webhooks. */

export type { Credentials, ProviderAccess } from "./by-provider.js";
export { ControlRefused } from "./connection.js";
export { type Calls, type Names, type ProviderName, PROVIDERS, VERSION } from "./control.js";
/** What the control API takes and answers, by the names in its OpenAPI document. */
export type * as schemas from "./control.js";
export { Emulator, type NewSandbox } from "./emulator.js";
export { startEmulator, type StartOptions } from "./launch.js";
export { type Behaviour, type Received, type Receiver, type ReceiverOptions, startReceiver } from "./receiver.js";
export { NotSettled, Sandbox, type SandboxCall } from "./sandbox.js";
export type { AnyHeaders } from "./signatures.js";
export * from "./verify.js";
