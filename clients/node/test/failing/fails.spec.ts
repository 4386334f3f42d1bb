// Run by ../reporting.test.ts: two of these tests are meant to fail.
import { describe, expect } from "vitest";

import { type Sandbox } from "../../src/index.js";
import { test, useEmulator } from "../../src/vitest.js";

async function ask(sandbox: Sandbox): Promise<number> {
  const headers = { "X-Client-ID": sandbox.baanx.credentials.client_id, Authorization: "Bearer nobody" };
  return (await fetch(`${sandbox.baanx.url}/v1/order/products/available`, { headers })).status;
}

describe("with useEmulator", () => {
  const emulator = useEmulator();

  test("this one is meant to fail", async () => {
    expect(await ask(emulator)).toBe(200);
  });

  test("this one is good", async () => {
    await emulator.makeOrder("basswallet");
  });
});

test("this one is meant to fail, too", async ({ emulator }) => {
  await emulator.makeOrder("koywe");
  expect(emulator.name).toBe("another");
});

describe.concurrent("at the same time", () => {
  test.for(["one", "other"])("%s has a sandbox of its own", async (kind, { emulator }) => {
    await emulator.makeOrder("basswallet", { body: { businessId: kind } });
    expect((await emulator.orders()).length).toBe(1);
  });
});
