import { delimiter, dirname } from "node:path";

import setup from "../src/global-setup.js";
import { COMMAND } from "./started.js";

/** One emulator for the files that need none of their own, found as users have it found: on the PATH. */
export default function start(): Promise<() => Promise<void>> {
  delete process.env["EMULATOR_URL"];
  process.env["PATH"] = dirname(COMMAND) + delimiter + process.env["PATH"];
  return setup();
}
