// An app whose base URLs are the providers' own: it runs the clients in the folder above. Only its credentials are
// the emulator's, which it asks for; yours would come from where your app keeps its secrets.

import { spawnSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const urls = {
  baanx: "https://api.baanx.com",
  basswallet: "https://api.basswallet.com",
  changelly: "https://fiat-api.changelly.com",
  koywe: "https://api.koywe.com",
};
const control = `${urls.koywe}/_emulator`;
const { credentials } = await (await fetch(`${control}/sandboxes/default`)).json();
const configuration = join(mkdtempSync(join(tmpdir(), "app-")), "configuration.json");
writeFileSync(configuration, JSON.stringify({ control, urls, credentials }));

for (const provider of Object.keys(urls)) {
  console.log(`--- ${provider} at ${urls[provider]}`);
  const client = fileURLToPath(new URL(`../${provider}.mjs`, import.meta.url));
  const { status } = spawnSync(process.execPath, [client, configuration], { stdio: "inherit" });
  if (status !== 0) process.exit(1);
}
