// A Koywe client in Node 20, without packages: signs in, asks for a payment and reads whether it came.
//
//   emulator --ready-file ready.json
//   node examples/koywe.mjs ready.json

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

const { control, urls, credentials } = JSON.parse(readFileSync(process.argv[2] ?? "ready.json", "utf8"));
const { api_key: apiKey, secret, organization_id: organization, merchant_id: merchant } = credentials.koywe;

// The client: the same as against https://api.koywe.com.

async function call(method, path, { token, body } = {}) {
  const response = await fetch(`${urls.koywe}/api/v1${path}`, {
    method,
    headers: { "Content-Type": "application/json", ...(token && { Authorization: `Bearer ${token}` }) },
    body: body && JSON.stringify(body),
  });
  const answer = await response.json();
  assert.ok(response.ok, `${method} ${path}: ${response.status} ${answer.errorCode} ${answer.message}`);
  return answer;
}

const { token } = await call("POST", "/auth/sign-in", { body: { apiKey, secret } });
console.log(`signed in  as ${apiKey}`);

const orders = `/organizations/${organization}/merchants/${merchant}/orders`;
const order = {
  type: "PAYIN",
  originCurrencySymbol: "COP",
  destinationCurrencySymbol: "COP",
  amountIn: 50000,
  externalId: `invoice-${Date.now()}`,
  paymentMethods: [{ method: "PSE", extra: { bankAccount: { name: "BANCOLOMBIA" } } }],
};
const created = await call("POST", orders, { token, body: order });
console.log(`created    ${created.id}: ${created.providedAction}`);

const waiting = await call("GET", `${orders}/external/${order.externalId}`, { token });
assert.deepEqual([waiting.id, waiting.status], [created.id, "PENDING"]);
console.log(`read       ${waiting.status}`);

// Only with the emulator: nobody has to wait for the payer.

const clock = `${control}/sandboxes/${credentials.sandbox}/clock/advance`;
const advanced = await fetch(clock, { method: "POST", body: JSON.stringify({ by: "10s" }) });
assert.equal(advanced.status, 200, await advanced.clone().text());
console.log(`advanced   to ${(await advanced.json()).now}`);

const paid = await call("GET", `${orders}/${created.id}`, { token });
assert.equal(paid.status, "COMPLETED");
console.log(`read       ${paid.status}, ${paid.amountOut} ${paid.destinationCurrencySymbol}`);
