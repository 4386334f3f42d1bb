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
/** The description of the symbol under which Jest's runner, jest-circus, keeps its state. */
const STATE = "JEST_STATE_SYMBOL";

/** The sandbox of the current test: each test has its own, and a failing test prints what its sandbox has seen. Call
 * this at the top of a file or of a `describe`. */
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

/** Whether the test that has just ended failed. Jest does not tell hooks, so this reads the runner's own state. */
function hasFailed(): boolean {
  const symbol = Object.getOwnPropertySymbols(globalThis).find((each) => each.description === STATE);
  const state = symbol && (globalThis as Record<symbol, any>)[symbol];
  if (!state) throw new Error("useEmulator() needs jest-circus, which has been Jest's own runner since version 27");
  return state.currentlyRunningTest?.errors.length > 0;
}
