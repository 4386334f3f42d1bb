import { perTest, type TestOptions } from "./per-test.js";
import type { Sandbox } from "./sandbox.js";

type Hook = (work: () => unknown, timeoutMs?: number) => void;
interface Globals {
  beforeAll?: Hook;
  beforeEach?: Hook;
  afterEach?: Hook;
  afterAll?: Hook;
}
const START_MS = 60_000;
/** The description of the symbol under which Jest's runner, jest-circus, keeps what it does. */
const STATE = "JEST_STATE_SYMBOL";

/** The sandbox of the test that runs: each has its own, and one that fails prints what its sandbox has seen. Call it at
 * the top of a file or of a `describe`. */
export function useEmulator(options: TestOptions = {}): Sandbox {
  const { beforeAll, beforeEach, afterEach, afterAll } = globalThis as Globals;
  if (!beforeAll || !beforeEach || !afterEach || !afterAll) {
    throw new Error("useEmulator() belongs into a test file of Jest, with injectGlobals as it is by default");
  }
  const life = perTest(options);
  beforeAll(life.start, START_MS);
  beforeEach(life.begin);
  afterEach(() => life.end(hasFailed()));
  afterAll(life.stop);
  return life.current;
}

/** Whether the test that has just ended has failed. Hooks are not told, so that the runner's own record is asked. */
function hasFailed(): boolean {
  const symbol = Object.getOwnPropertySymbols(globalThis).find((each) => each.description === STATE);
  const state = symbol && (globalThis as Record<symbol, any>)[symbol];
  if (!state) throw new Error("useEmulator() needs jest-circus, which has been Jest's own runner since version 27");
  return state.currentlyRunningTest?.errors.length > 0;
}
