// A Changelly Fiat client in Node 20, without packages: buys ether for dollars and polls the order list.
//
//   emulator --ready-file ready.json
//   node examples/changelly.mjs ready.json

import assert from "node:assert/strict";
import { createPrivateKey, sign } from "node:crypto";
import { readFileSync } from "node:fs";

const { control, urls, credentials } = JSON.parse(readFileSync(process.argv[2] ?? "ready.json", "utf8"));
const privateKey = createPrivateKey(Buffer.from(credentials.changelly.private_key_base64, "base64"));

// The client: the same as against https://fiat-api.changelly.com. The signature covers the full URL and the body, or {}.

async function call(method, path, body) {
  const url = urls.changelly + path;
  const json = body && JSON.stringify(body);
  const response = await fetch(url, {
    method,
    headers: {
      "X-Api-Key": credentials.changelly.api_key,
      "X-Api-Signature": sign("sha256", Buffer.from(url + (json ?? "{}")), privateKey).toString("base64"),
      "Content-Type": "application/json",
    },
    body: json,
  });
  const answer = await response.json();
  assert.ok(response.ok, `${method} ${path}: ${response.status} ${JSON.stringify(answer)}`);
  return answer;
}

const created = await call("POST", "/v1/orders", {
  externalOrderId: `order-${Date.now()}`,
  externalUserId: "user-1",
  providerCode: "moonpay",
  currencyFrom: "USD",
  currencyTo: "ETH",
  amountFrom: "150",
  country: "EE",
  walletAddress: "0x8cfbd31371e9bec8c82ae101e25bd9394c03a227",
});
console.log(`created    ${created.orderId}: ${created.redirectUrl}`);

const [waiting] = (await call("GET", `/v1/orders?orderId=${created.orderId}`)).orders;
assert.equal(waiting?.status, "created");
console.log(`read       ${waiting.status}`);

// Only with the emulator: nobody has to wait for the buyer and the provider.

const clock = `${control}/sandboxes/${credentials.sandbox}/clock/advance`;
const advanced = await fetch(clock, { method: "POST", body: JSON.stringify({ by: "10s" }) });
assert.equal(advanced.status, 200, await advanced.clone().text());
console.log(`advanced   to ${(await advanced.json()).now}`);

const [bought] = (await call("GET", `/v1/orders?externalOrderId=${created.externalOrderId}`)).orders;
assert.equal(bought?.status, "complete");
console.log(`read       ${bought.status}`);
