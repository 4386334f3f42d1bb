// A Baanx client in Node 20, without packages: orders a product and polls until it is paid.
//
//   emulator --ready-file ready.json
//   node examples/baanx.mjs ready.json

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

const { control, urls, credentials } = JSON.parse(readFileSync(process.argv[2] ?? "ready.json", "utf8"));
const { client_id: clientId, token } = credentials.baanx;

// The client: the same as against https://api.baanx.com.

async function call(method, path, body) {
  const response = await fetch(urls.baanx + path, {
    method,
    headers: { "X-Client-ID": clientId, Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
    body: body && JSON.stringify(body),
  });
  const answer = await response.json();
  assert.equal(response.status, 200, `${method} ${path}: ${response.status} ${JSON.stringify(answer)}`);
  return answer;
}

const created = await call("POST", "/v1/order", {
  productId: "PRODUCT_ID_ABC",
  paymentMethod: "CRYPTO_EXTERNAL_DAIMO",
});
const { paymentAmount, paymentCurrency, destinationAddress } = created.paymentConfig;
console.log(`created    ${created.orderId}: pay ${paymentAmount} ${paymentCurrency} to ${destinationAddress}`);

const started = await call("GET", `/v1/order/${created.orderId}`);
assert.equal(started.status, "STARTED");
console.log(`read       ${started.status}`);

// Only with the emulator: nobody has to wait for the payer.

const advanced = await fetch(`${control}/sandboxes/${credentials.sandbox}/clock/advance`, {
  method: "POST",
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify({ by: "10s" }),
});
assert.equal(advanced.status, 200, await advanced.clone().text());
console.log(`advanced   to ${(await advanced.json()).now}`);

const paid = await call("GET", `/v1/order/${created.orderId}`);
assert.equal(paid.status, "COMPLETED");
assert.equal(paid.metadata.paymentId, created.requestId);
console.log(`read       ${paid.status}, paid at ${paid.paidAt}`);
