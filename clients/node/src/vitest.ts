import { afterAll, afterEach, beforeAll, beforeEach, test as plain } from "vitest";

import type { Emulator } from "./emulator.js";
import { startEmulator } from "./launch.js";
import { endSandbox, perTest, type TestOptions } from "./per-test.js";
import type { Sandbox } from "./sandbox.js";

const START_MS = 60_000;

/** The sandbox of the current test: each test has its own, and a failing test prints what its sandbox has seen. Call
 * this at the top of a file or of a `describe`. */
export function useEmulator(options: TestOptions = {}): Sandbox {
  const life = perTest(options);
  beforeAll(life.start, START_MS);
  beforeEach(() => life.begin());
  afterEach(({ task }) => life.end(task.result?.state === "fail"));
  afterAll(life.stop);
  return life.current;
}

/** Vitest's `test`, with an `emulator` for each test: its own sandbox, even if tests run at the same time. */
export const test = plain.extend<{ emulatorServer: Emulator; emulator: Sandbox }>({
  emulatorServer: [
    async ({}, use) => {
      const emulator = await startEmulator();
      await use(emulator);
      await emulator.stop();
    },
    { scope: "file" },
  ],
  emulator: async ({ emulatorServer, task }, use) => {
    const sandbox = await emulatorServer.createSandbox();
    await use(sandbox);
    await endSandbox(sandbox, task.result?.state === "fail");
  },
});
