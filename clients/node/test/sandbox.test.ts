import { describe, expect, test, vi } from "vitest";

import { ControlRefused, NotSettled } from "../src/index.js";
import { useEmulator } from "../src/vitest.js";

const emulator = useEmulator();
const FIRST = "2026-01-05T12:00:00.000Z";

const FIRST_EVENT = { baanx: "pay", basswallet: "pay", changelly: "start", koywe: "start" } as const;
const WITH_EVENT = Object.keys(FIRST_EVENT) as (keyof typeof FIRST_EVENT)[];

test.each(WITH_EVENT)("%s: an order is made, seen, led on and in the journal", async (provider) => {
  const made = await emulator.makeOrder(provider, { scenario: "manual" });
  expect((await emulator.orders({ provider })).map(({ id }: any) => id)).toEqual([made.id]);
  await emulator.fire(made.id, FIRST_EVENT[provider]);
  const { story } = await emulator.order(made.id);
  expect(story.some((it: any) => it.kind === "transition" && it.event === FIRST_EVENT[provider])).toBe(true);
  expect((await emulator.journal({ kind: "request", order: made.id, limit: 1 }))[0]?.provider).toBe(provider);
  expect(await emulator.count({ kind: "request", provider })).toMatchObject({ complete: true });
});

describe("each test has a sandbox of its own", () => {
  const names: string[] = [];
  test.each([1, 2])("nothing is there at first (%i)", async () => {
    expect(await emulator.orders()).toEqual([]);
    await emulator.makeOrder("baanx");
    names.push(emulator.name);
    expect(new Set(names).size).toBe(names.length);
  });
});

test("the test moves time", async () => {
  const { id } = await emulator.makeOrder("baanx");
  expect(await emulator.now()).toBe(FIRST);
  expect((await emulator.advance("10s")).map((it: any) => [it.order, it.status])).toEqual([[id, "COMPLETED"]]);
  await emulator.advance({ to: "2026-02-01T00:00:00Z" });
  expect(await emulator.now()).toBe("2026-02-01T00:00:00.000Z");
  expect(await emulator.advance({ until: "idle" })).toEqual([]);
});

test("an advance that cannot end names the silent receiver", async () => {
  const receiver = await emulator.receive({ behaviours: [() => new Promise(() => {})] });
  await emulator.set("changelly", { callbackUrl: receiver.url });
  await emulator.makeOrder("changelly");
  const failed: unknown = await emulator.advance({ until: "idle", budget: "100ms" }).catch((error) => error);
  expect(failed).toBeInstanceOf(NotSettled);
  expect((failed as NotSettled).message).toContain(new URL(receiver.url).host);
  expect((await receiver.wait()).length).toBe(1);
});

test("an order can be moved, and an impossible event is refused", async () => {
  const { id } = await emulator.makeOrder("baanx", { body: { productId: "PRODUCT_ID_ABC" } });
  await emulator.move(id, "FAILED");
  expect((await emulator.orders({ status: "FAILED" })).length).toBe(1);
  const refused: unknown = await emulator.fire(id, "pay").catch((error) => error);
  expect(refused).toBeInstanceOf(ControlRefused);
  expect(refused).toMatchObject({ status: 409, error: "illegal-event", body: { legal: expect.anything() } });
  await emulator.move(id, "STARTED", { force: true });
  expect((await emulator.order(id)).status).toBe("STARTED");
});

test("scenarios can be added and chosen, as YAML and as values", async () => {
  const slow = { version: 1, provider: "baanx", about: "Paid late.", timeline: [{ after: "1h", do: "pay" }] };
  await emulator.scenario("baanx", "slow", slow);
  await emulator.scenario("koywe", "never", "version: 1\nprovider: koywe\nabout: Nobody pays.\n");
  expect(await emulator.choose({ baanx: "slow", koywe: "never" })).toMatchObject({ baanx: "slow", koywe: "never" });
  expect((await emulator.makeOrder("baanx")).next?.at).toBe("2026-01-05T13:00:00.000Z");
});

test("faults can be injected and removed", async () => {
  const { url, credentials } = emulator.baanx;
  const headers = { "X-Client-ID": credentials.client_id, Authorization: `Bearer ${credentials.token}` };
  const ask = () => fetch(`${url}/v1/order/products/available`, { headers }).then((answer) => answer.status);
  const { id: fault } = await emulator.inject("status", { status: 500, provider: "baanx" });
  expect(await ask()).toBe(500);
  await emulator.call("DELETE /sandboxes/{sandbox}/faults/{fault}", { path: { fault } });
  await emulator.inject("gateway", { status: 502 });
  expect(await ask()).toBe(502);
  await emulator.clearFaults();
  expect(await ask()).toBe(200);
});

test("a snapshot restores everything", async () => {
  const { id } = await emulator.makeOrder("koywe");
  const kept = await emulator.snapshot();
  await emulator.reset();
  expect(await emulator.orders()).toEqual([]);
  await emulator.restore(kept);
  expect((await emulator.order(id)).provider).toBe("koywe");
});

test("commands and settings belong to a provider", async () => {
  const settings = await emulator.set("koywe", { person_takes_over: "never" });
  expect(settings.koywe?.person_takes_over).toBe("never");
  const unknown: unknown = await emulator.command("baanx", "fly").catch((error) => error);
  expect(unknown).toMatchObject({ error: "unknown-command" });
});

test("a sandbox that the test has removed itself causes no error", async () => {
  await emulator.remove();
  await expect(emulator.now()).rejects.toMatchObject({ error: "unknown-sandbox" });
});

test("events are streamed as they happen", async () => {
  const { id } = await emulator.makeOrder("baanx", { scenario: "manual" });
  const seen: any[] = [];
  for await (const event of emulator.events({ after: 0, order: id })) {
    seen.push(event);
    if (event.event === "pay") break;
    if (event.kind === "request") await emulator.fire(id, "pay");
  }
  expect(seen[0]).toMatchObject({ kind: "request", order: id });
  expect(seen.at(-1)).toMatchObject({ order: id, status: "COMPLETED" });
});

test("fake timers and a replaced fetch change nothing", async () => {
  vi.useFakeTimers();
  vi.stubGlobal("fetch", () => Promise.reject(new Error("no network in this test")));
  try {
    const { id } = await emulator.makeOrder("baanx");
    await emulator.advance("10s");
    expect((await emulator.order(id)).status).toBe("COMPLETED");
  } finally {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  }
});
