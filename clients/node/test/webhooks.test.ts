import { expect, test } from "vitest";

import { type Received, verifyBaanx, verifyBassWallet, verifyChangelly, verifyKoywe } from "../src/index.js";
import { useEmulator } from "../src/vitest.js";

const emulator = useEmulator({ sandbox: { receive: true, seed: "webhooks" } });
const VERIFY = {
  baanx: (it: Received, key: string) => verifyBaanx(it.body, it.headers, key),
  basswallet: (it: Received, key: string) => verifyBassWallet(it.body, it.headers, key),
  changelly: (it: Received, key: string) => verifyChangelly(it.body, it.headers, key),
  koywe: (it: Received, key: string) => verifyKoywe(it.body, it.headers, key),
};
const VERIFIED = Object.keys(VERIFY) as (keyof typeof VERIFY)[];
const OTHER_KEY = `-----BEGIN PUBLIC KEY-----
MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAKj34GkxFhD90vcNLYLInFEX6Ppy1tPf9Cnzj4p4WGeKLs1Pt8QuKUpRKfFLfRYC9AIKjbJTWit+CqvjWYzvQwECAwEAAQ==
-----END PUBLIC KEY-----`;

const keys = () => ({
  baanx: "whk_baanx_test",
  basswallet: emulator.basswallet.credentials.callback_secret_key,
  changelly: emulator.changelly.credentials.callback_public_key,
  koywe: "whsec_koywe_test",
});

test.each(VERIFIED)("%s: a webhook is verified, and nothing that is like it", async (provider) => {
  await emulator.command(provider, "test_webhook");
  const [received] = await emulator.receiver.wait();
  const key = keys()[provider];
  expect(received?.method).toBe("POST");
  const verify = (change: Partial<Received>, by = key) => VERIFY[provider]({ ...received!, ...change }, by);
  expect(verify({})).toBe(true);
  expect(verify({ headers: new Headers(received!.headers as Record<string, string>) as never })).toBe(true);
  expect(verify({}, provider === "changelly" ? OTHER_KEY : `${key}x`)).toBe(false);
  expect(verify({ headers: {} })).toBe(false);
  const signed = provider === "changelly" ? /("orderId":")(.)/ : /(id[^0-9a-z]+)([0-9a-z])/i;
  const changed = received!.text.replace(signed, (_, name, first) => name + (first === "1" ? "2" : "1"));
  expect(changed).not.toBe(received!.text);
  expect(verify({ body: Buffer.from(changed) })).toBe(false);
  expect(verify({ body: Buffer.from("{") })).toBe(false);
});

test.each(VERIFIED)("%s: a badly signed webhook is found out", async (provider) => {
  await emulator.inject("bad-signature", { provider });
  await emulator.command(provider, "test_webhook");
  const [received] = await emulator.receiver.wait();
  expect(VERIFY[provider](received!, keys()[provider])).toBe(false);
});

test("BassWallet's JSON is verified by its numbers as they are written", async () => {
  const body = '{"id": "1", "amount": 275.0, "fee": 1e2, "note": "a \\"b\\", {c}: 1", "left": null, "good": true}';
  await emulator.sendWebhook("basswallet", body);
  const [received] = await emulator.receiver.wait();
  expect(received!.text).toBe(body);
  expect(verifyBassWallet(received!.body, received!.headers, keys().basswallet)).toBe(true);
  const rounded = Buffer.from(body.replace("275.0", "275"));
  expect(verifyBassWallet(rounded, received!.headers, keys().basswallet)).toBe(false);
});

test("Changelly's key may be the base64 of its PEM", async () => {
  await emulator.command("changelly", "test_webhook");
  const [received] = await emulator.receiver.wait();
  const key = emulator.changelly.credentials["callback_public_key_base64"]!;
  expect(verifyChangelly(received!.body, received!.headers, key)).toBe(true);
});

test("a failed delivery is retried", async () => {
  emulator.receiver.answer(503, () => { throw new Error("the shop is on fire"); }, 200);
  const { id } = await emulator.makeOrder("basswallet");
  await emulator.advance("1h");
  const [first] = await emulator.webhooks(id);
  expect(first!.attempts.map(({ status }: any) => status)).toEqual([503, 500, 200]);
  expect(first!.state).toBe("delivered");
  await emulator.replay(first!.id);
  expect(emulator.receiver.received.at(-1)!.text).toContain(id);
  expect(await emulator.waitForWebhooks({ match: { order: id, state: "delivered" } })).toMatchObject({ complete: true });
});

test("a receiver that gets nothing says so", async () => {
  await expect(emulator.receiver.wait(1, 20)).rejects.toThrow("0 of 1 webhooks came within 20 ms");
});
