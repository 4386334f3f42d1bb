import { fileURLToPath } from "node:url";

/** The emulator that is tested with: the checkout's own, unless TEST_EMULATOR names another command. */
export const COMMAND = process.env["TEST_EMULATOR"] ?? fileURLToPath(new URL("../../../.venv/bin/emulator", import.meta.url));
