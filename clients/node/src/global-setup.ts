import { startEmulator } from "./launch.js";

/** For `globalSetup` of Vitest or Jest: one emulator for all test files, which find it through EMULATOR_URL. If that is
 * already set, none is started. */
export default async function setup(): Promise<() => Promise<void>> {
  const emulator = await startEmulator();
  process.env["EMULATOR_URL"] = emulator.url;
  return () => emulator.stop();
}
