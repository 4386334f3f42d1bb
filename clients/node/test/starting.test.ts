import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";

import { type Emulator, startEmulator, VERSION } from "../src/index.js";
import setup from "../src/global-setup.js";
import { COMMAND } from "./started.js";

const CLI = fileURLToPath(new URL("../dist/esm/cli.js", import.meta.url));
const SYSTEM = process.env["PATH"] ?? "";
let running: Emulator;

beforeAll(async () => void (running = await startEmulator({ command: COMMAND, token: "t0ken" })), 60_000);
afterAll(() => running.stop());
afterEach(() => vi.unstubAllEnvs());

test("a running emulator can be used by its URL, with or without the control API's path, and is not stopped", async () => {
  for (const url of [running.url, `${running.url}/`, running.controlUrl]) {
    const same = await startEmulator({ url, token: "t0ken" });
    expect(same.url).toBe(running.url);
    await same.stop();
  }
  vi.stubEnv("EMULATOR_URL", running.url);
  vi.stubEnv("EMULATOR_CONTROL_TOKEN", "t0ken");
  const named = await startEmulator();
  expect(await named.call("GET /version")).toMatchObject({ version: VERSION });
  await (await named.createSandbox({ name: "by-name" })).set("baanx", { use_pending: true });
  expect((await named.sandbox("by-name")).baanx.credentials.client_id).toBe("client-by-name");
});

test("with arguments an emulator is started, whatever EMULATOR_URL says", async () => {
  vi.stubEnv("EMULATOR_URL", running.url);
  vi.stubEnv("PATH", dirname(COMMAND) + delimiter + SYSTEM);
  const own = await startEmulator({ args: ["--set", "baanx.use_pending=true"] });
  const sandbox = await own.createSandbox();
  expect((await sandbox.call("GET /sandboxes/{sandbox}/settings")).baanx?.use_pending).toBe(true);
  await own.stop();
  await expect(startEmulator({ url: running.url, args: [] })).rejects.toThrow("leave out one of them");
});

test("a wrong token is refused", async () => {
  const emulator = await startEmulator({ url: running.url, token: "other" });
  await expect(emulator.createSandbox()).rejects.toMatchObject({ status: 401, error: "unauthorized" });
});

test("an unreachable emulator is an error that says where", async () => {
  const url = "http://127.0.0.1:9";
  await expect(startEmulator({ url, startTimeoutMs: 1 })).rejects.toThrow(`the emulator at ${url}/_emulator does not answer`);
});

test("the command is found on the PATH, for all files of a run, and ends with stop", async () => {
  vi.stubEnv("EMULATOR_URL", "");
  vi.stubEnv("PATH", dirname(COMMAND) + delimiter + SYSTEM);
  const stop = await setup();
  const url = process.env["EMULATOR_URL"]!;
  expect(await (await startEmulator()).call("GET /health")).toEqual({ status: "ok" });
  await stop();
  await expect(startEmulator({ url, startTimeoutMs: 1 })).rejects.toThrow("does not answer");
});

test("without an emulator, the error says what to do", async () => {
  vi.stubEnv("EMULATOR_URL", "");
  vi.stubEnv("PATH", "/nowhere");
  await expect(startEmulator()).rejects.toThrow("pip install payment-provider-emulator");
});

test("a failing command is an error with its output", async () => {
  const failing = startEmulator({ command: [COMMAND], args: ["--set", "nothing"] });
  await expect(failing).rejects.toThrow(/ended with exit status \d.*\n.*PROVIDER\.SETTING=VALUE/s);
  await expect(startEmulator({ command: "/nowhere/emulator" })).rejects.toThrow("ENOENT");
});

test("an image is run by docker with one port, and removed", async () => {
  const folder = mkdtempSync(join(tmpdir(), "docker-"));
  const log = join(folder, "calls");
  writeFileSync(join(folder, "docker"), DOCKER);
  chmodSync(join(folder, "docker"), 0o755);
  vi.stubEnv("PATH", folder + delimiter + SYSTEM);
  vi.stubEnv("DOCKER_LOG", log);
  vi.stubEnv("DOCKER_PORT", new URL(running.url).port);
  const emulator = await startEmulator({ image: "shop/emulator:1", token: "t0ken", args: ["--seed", "7"] });
  const sandbox = await emulator.createSandbox({ receive: { host: "127.0.0.1" } });
  expect(sandbox.urls.koywe).toBe((await running.sandbox(sandbox.name)).urls.koywe);
  expect((await sandbox.receive()).url).toMatch(/^http:\/\/host\.docker\.internal:\d+\/hook$/);
  await sandbox.remove();
  await emulator.stop();
  const [start, port, end] = readFileSync(log, "utf8").trim().split("\n");
  expect(start).toMatch(/^run --detach --rm --publish 127\.0\.0\.1::8900 .* shop\/emulator:1 serve --self-check --seed 7$/);
  expect([port, end]).toEqual(["port c0ffee 8900/tcp", "rm --force c0ffee"]);
});

test("npx passes everything on to the command, and its exit status back", () => {
  const env = { ...process.env, PATH: dirname(COMMAND) + delimiter + SYSTEM };
  expect(execFileSync(process.execPath, [CLI, "--version"], { env, encoding: "utf8" })).toContain(VERSION);
  expect(spawnSync(process.execPath, [CLI, "fly"], { env }).status).toBe(2);
  const without = spawnSync(process.execPath, [CLI], { env: { PATH: "/nowhere" }, encoding: "utf8" });
  expect(without.status).toBe(127);
  expect(without.stderr).toContain("pip install payment-provider-emulator");
});

test("require works, too, and an emulator that nobody stops ends with its process", async () => {
  const script = `
    const { startEmulator } = require("payment-provider-emulator");
    startEmulator({ command: ${JSON.stringify(COMMAND)} }).then((emulator) => console.log(emulator.url));`;
  const folder = fileURLToPath(new URL("..", import.meta.url));
  const url = execFileSync(process.execPath, ["-e", script], { cwd: folder, encoding: "utf8" }).trim();
  await expect(startEmulator({ url, startTimeoutMs: 1 })).rejects.toThrow("does not answer");
});

/** Stands for docker: writes down how it is called, and maps the port of the emulator that runs already. */
const DOCKER = `#!/bin/sh
echo "$*" >> "$DOCKER_LOG"
case $1 in
  run) echo c0ffee ;;
  port) echo "127.0.0.1:$DOCKER_PORT" ;;
esac
`;
