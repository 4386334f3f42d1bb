import type { Emulator, NewSandbox } from "./emulator.js";
import { startEmulator, type StartOptions } from "./launch.js";
import type { Sandbox } from "./sandbox.js";

export interface TestOptions extends StartOptions {
  /** What the sandbox of each test begins with: `{ seed, clock, settings, webhook_url }`. */
  sandbox?: Omit<NewSandbox, "name">;
}

/** A new sandbox for each test, for any test runner. */
export interface PerTest {
  /** The sandbox of the current test. */
  readonly current: Sandbox;
  start(): Promise<void>;
  begin(): Promise<void>;
  /** `failed`: whether the test has failed; if so, prints what its sandbox has seen. */
  end(failed: boolean): Promise<void>;
  stop(): Promise<void>;
}

/** Call `start` and `stop` around all tests, `begin` and `end` around each. */
export function perTest(options: TestOptions): PerTest {
  let emulator: Emulator | undefined;
  let sandbox: Sandbox | undefined;
  const current = new Proxy({} as Sandbox, {
    get(_, name) {
      if (sandbox === undefined) throw new Error("there is a sandbox only while a test runs, or its beforeEach");
      const member: unknown = Reflect.get(sandbox, name, sandbox);
      return typeof member === "function" ? member.bind(sandbox) : member;
    },
  });
  return {
    current,
    async start() {
      emulator = await startEmulator(options);
    },
    async begin() {
      if (sandbox !== undefined) {
        throw new Error(
          "two tests run at the same time and would share a sandbox: give each its own with createSandbox(), or with " +
            "`test` of payment-provider-emulator/vitest",
        );
      }
      sandbox = await emulator?.createSandbox(options.sandbox);
    },
    async end(failed) {
      const ended = sandbox;
      sandbox = undefined;
      if (ended !== undefined) await endSandbox(ended, failed);
    },
    async stop() {
      await emulator?.stop();
    },
  };
}

/** Removes a test's sandbox; if the test failed, first prints what it has seen. */
export async function endSandbox(sandbox: Sandbox, failed: boolean): Promise<void> {
  if (failed) console.error(await sandbox.report());
  await sandbox.remove();
}

