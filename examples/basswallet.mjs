// A BassWallet client in Node 20, without packages: creates a payment, then asks whether it was paid.
//
//   emulator --ready-file ready.json
//   node examples/basswallet.mjs ready.json

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";

const { control, urls, credentials } = JSON.parse(readFileSync(process.argv[2] ?? "ready.json", "utf8"));
const { access_key: accessKey, secret_key: secretKey } = credentials.basswallet;

// The client: the same as against https://api.basswallet.com. The signature covers the parameters as sent, in order.

async function call(method, path, parameters) {
  const text = new URLSearchParams({ ...parameters, timestamp: Date.now() }).toString();
  const response = await fetch(`${urls.basswallet}/api${path}${method === "GET" ? `?${text}` : ""}`, {
    method,
    headers: {
      "API-Access-Key": accessKey,
      Signature: createHmac("sha256", secretKey).update(text).digest("hex"),
      "Content-Type": "application/x-www-form-urlencoded",
    },
    body: method === "POST" ? text : undefined,
  });
  const answer = await response.json();
  assert.equal(answer.code, 200, `${method} ${path}: ${answer.code} ${answer.msg}`);
  return answer.data;
}

const businessId = `Order${Date.now()}`;
const order = { amount: "25.50", tokenName: "USDT", chainName: "Tron", businessId, displayInfo: "Gold plan" };
const created = await call("POST", "/v1/account/payment", order);
console.log(`created    ${created.id}: pay ${created.amount} ${created.tokenName} to ${created.address}`);
console.log(`page       ${created.redirectUrl}`);

const waiting = await call("GET", "/v1/account/order/query", { businessId });
assert.equal(waiting.status, "Pending");
console.log(`read       ${waiting.status}`);

// Only with the emulator: nobody has to wait for the payer and the blocks of the chain.

const advanced = await fetch(`${control}/sandboxes/${credentials.sandbox}/clock/advance`, {
  method: "POST",
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify({ by: "2m" }),
});
assert.equal(advanced.status, 200, await advanced.clone().text());
console.log(`advanced   to ${(await advanced.json()).now}`);

const paid = await call("GET", "/v1/account/order/query", { id: created.id });
assert.equal(paid.status, "Success");
assert.equal(paid.amountActual, 25.5);
console.log(`read       ${paid.status}, ${paid.amountActual} ${paid.tokenName} in ${paid.txHash}`);
