// A webhook receiver in Node 20, without packages: it believes nothing that is not signed.
//
//   emulator --ready-file ready.json
//   node examples/receive-webhooks.mjs ready.json 9000
//   node examples/koywe.mjs ready.json                     in another window, or any other client

import { createHmac, timingSafeEqual, verify } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { text } from "node:stream/consumers";

const { control, urls, credentials } = JSON.parse(readFileSync(process.argv[2] ?? "ready.json", "utf8"));
const { basswallet, changelly, koywe } = credentials;
const koyweSecret = "whsec_koywe_test"; // chosen by the merchant
const here = `http://127.0.0.1:${process.argv[3] ?? 9000}`;

const hmac = (secret, message) => createHmac("sha256", secret).update(message).digest("hex");
const same = (one, other) => one.length === other?.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));

const receivers = {
  "/basswallet"(body, headers) { // signs the parameters as received, in order, with a secret of its own
    const members = new URLSearchParams(body);
    const signed = [...members].map(([name, value]) => `${name}=${value}`).join("&");
    const good = same(hmac(basswallet.callback_secret_key, signed), headers.signature);
    return { good, order: members.get("id"), status: members.get("status") };
  },
  "/changelly"(body, headers) { // signs only the order's id: read the order to be sure of the rest
    const { orderId, status } = JSON.parse(body);
    const signature = Buffer.from(headers["x-callback-signature"] ?? "", "base64");
    const signed = Buffer.from(JSON.stringify({ orderId }));
    return { good: verify("sha256", signed, changelly.callback_public_key, signature), order: orderId, status };
  },
  "/koywe"(body, headers) { // signed is the body, byte by byte
    const good = same(hmac(koyweSecret, body), headers["koywe-signature"]);
    const { data, relationships } = JSON.parse(body);
    return { good, order: relationships.self.id, status: data.status };
  },
};

createServer(async (request, response) => {
  const { good, order, status } = receivers[request.url](await text(request), request.headers);
  console.log(`${request.url.slice(1).padEnd(10)} ${order} ${good ? status : "has a wrong signature"}`);
  response.writeHead(good ? 200 : 401).end();
}).listen(new URL(here).port, "127.0.0.1");

async function call(method, url, body, headers = {}) {
  const answer = await fetch(url, { method, headers: { "Content-Type": "application/json", ...headers }, body });
  if (!answer.ok) throw new Error(`${url}: ${await answer.text()}`);
  return answer.json();
}

// Two providers are told the address by hand, which the control API stands for; Koywe has a call for it.
const settings = { basswallet: { webhook_url: `${here}/basswallet` }, changelly: { callbackUrl: `${here}/changelly` } };
await call("PUT", `${control}/sandboxes/${credentials.sandbox}/settings`, JSON.stringify(settings));
const who = JSON.stringify({ apiKey: koywe.api_key, secret: koywe.secret });
const { token } = await call("POST", `${urls.koywe}/api/v1/auth/sign-in`, who);
const endpoints = `${urls.koywe}/api/v1/organizations/${koywe.organization_id}/webhooks`;
const endpoint = JSON.stringify({ url: `${here}/koywe`, secret: koyweSecret });
await call("POST", endpoints, endpoint, { Authorization: `Bearer ${token}` });
console.log(`listening  ${here}`);
