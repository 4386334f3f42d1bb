import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

import { perTest } from "../src/per-test.js";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

test("a failed test shows what happened in its sandbox, a passed one is silent", () => {
  const args = ["node_modules/vitest/vitest.mjs", "run", "--root", "test/failing"];
  const env = { ...process.env, NO_COLOR: "1" };
  const run = spawnSync(process.execPath, args, { cwd: ROOT, env, encoding: "utf8" });
  const shown = run.stdout + run.stderr;
  expect(run.status, shown).toBe(1);
  expect(shown).toMatch(/2 failed.* 3 passed/s);
  expect(shown).toContain("GET /v1/order/products/available -> 401 unauthenticated: no such token; a ready one is 'user-test-");
  expect(shown).toMatch(/koywe \S+ PENDING, scenario happy, next /);
  expect(shown).not.toContain("basswallet");
});

test("concurrent tests have their own sandboxes, or are told that they share one", async () => {
  const life = perTest({});
  await life.start();
  await life.begin();
  await expect(life.begin()).rejects.toThrow("two tests run at the same time and would share a sandbox");
  await life.end(false);
  expect(() => life.current.name).toThrow("there is a sandbox only while a test runs");
  await life.stop();
});
