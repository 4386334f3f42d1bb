import { startEmulator } from "./launch.js";

/** For `globalSetup` of Vitest or Jest: one emulator for all test files, which find it by EMULATOR_URL. Where that is
 * set already, none is started. */
export default async function setup(): Promise<() => Promise<void>> {
  const emulator = await startEmulator();
  process.env["EMULATOR_URL"] = emulator.url;
  return () => emulator.stop();
}
