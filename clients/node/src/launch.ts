import { type ChildProcess, execFile, spawn, spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { clearTimeout, setTimeout } from "node:timers"; // not those that fake timers replace
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";

import { Emulator } from "./emulator.js";

const run = promisify(execFile);
const START_MS = 30_000;
const STOP_MS = 10_000;
const PAUSE_MS = 50;
const STDERR_SHOWN = 4000;

export interface StartOptions {
  /** The front door of a running emulator; none is started. Defaults to EMULATOR_URL. */
  url?: string;
  /** The command that starts one: `".venv/bin/emulator"`, or with arguments `["python3", "-m", "emulator"]`. Defaults
   * to `emulator` from the PATH. */
  command?: string | readonly string[];
  /** An image that docker runs, for example `payment-provider-emulator`. */
  image?: string;
  /** Arguments of `emulator serve`, for example `["--set", "changelly.edition=C"]`. Then EMULATOR_URL is ignored. */
  args?: readonly string[];
  /** The token of the control API. Defaults to EMULATOR_CONTROL_TOKEN. */
  token?: string;
  /** The name at which the emulator reaches receivers in this process. Defaults to 127.0.0.1, or, for an image, to
   * `host.docker.internal`. */
  receiverHost?: string;
  /** How long the start may take. */
  startTimeoutMs?: number;
}

/** A running emulator: the one at `url`, or one started by `command` or from `image`, whichever is given; otherwise the
 * one at EMULATOR_URL; otherwise one started by the command `emulator` from the PATH. An emulator that was started here
 * ends with this process at the latest. */
export async function startEmulator(options: StartOptions = {}): Promise<Emulator> {
  if (options.url !== undefined && options.args !== undefined) {
    throw new Error("`args` are for an emulator that is started here, and that at `url` runs already: leave out one of them");
  }
  if (options.url !== undefined) return connect(options.url, options);
  if (options.command !== undefined) return startCommand([options.command].flat(), options);
  if (options.image !== undefined) return startImage(options.image, options);
  const url = process.env["EMULATOR_URL"];
  if (url && options.args === undefined) return connect(url, options);
  const found = findOnPath("emulator");
  if (found !== undefined) return startCommand([found], options);
  throw new Error(
    "there is no command `emulator` on the PATH: install it (pip install payment-provider-emulator), or give " +
      "`command`, `image`, or `url` (or EMULATOR_URL) of one that runs",
  );
}

/** The path of a program, if it is on the PATH. */
export function findOnPath(name: string): string | undefined {
  const names = process.platform === "win32" ? [`${name}.exe`, `${name}.cmd`] : [name];
  for (const folder of (process.env["PATH"] ?? "").split(delimiter).filter(Boolean)) {
    for (const path of names.map((each) => join(folder, each))) {
      try {
        accessSync(path, constants.X_OK);
        return path;
      } catch {} // not in this folder
    }
  }
  return undefined;
}

function accessOf(options: StartOptions) {
  return { token: options.token ?? process.env["EMULATOR_CONTROL_TOKEN"], receiverHost: options.receiverHost };
}

async function connect(url: string, options: StartOptions): Promise<Emulator> {
  const emulator = new Emulator(url.replace(/\/+$/, "").replace(/\/_emulator$/, ""), accessOf(options));
  await untilReady(emulator, options.startTimeoutMs);
  return emulator;
}

/** Waits until it can serve. Throws the last problem if it never can. */
async function untilReady(emulator: Emulator, timeoutMs = START_MS): Promise<void> {
  const latest = Date.now() + timeoutMs;
  for (;;) {
    try {
      await emulator.call("GET /ready");
      return;
    } catch (error) {
      if (Date.now() > latest) throw error;
    }
    await pause(PAUSE_MS);
  }
}

async function startCommand(command: readonly string[], options: StartOptions): Promise<Emulator> {
  const [program = "", ...own] = command;
  const flags = ["serve", "--host", "127.0.0.1", "--port", "0", "--json", "--self-check", "--log-level", "warning"];
  const env = { ...process.env, ...(options.token === undefined ? {} : { EMULATOR_CONTROL_TOKEN: options.token }) };
  const child = spawn(program, [...own, ...flags, ...(options.args ?? [])], { env, stdio: ["ignore", "pipe", "pipe"] });
  const kill = () => void child.kill("SIGKILL");
  process.once("exit", kill);
  try {
    const { control } = await readyDocument(child, command.join(" "), options.startTimeoutMs ?? START_MS);
    for (const each of [child, child.stdout, child.stderr]) (each as { unref?(): void }).unref?.();
    return new Emulator(control.replace(/\/_emulator$/, ""), accessOf(options), async () => {
      process.removeListener("exit", kill);
      await endOf(child);
    });
  } catch (error) {
    process.removeListener("exit", kill);
    kill();
    throw error;
  }
}

/** The JSON that the command prints once it serves: `{control, urls, credentials}`. */
function readyDocument(child: ChildProcess, command: string, timeoutMs: number): Promise<{ control: string }> {
  let [printed, errors] = ["", ""];
  return new Promise((resolve, reject) => {
    const fail = (why: string) => reject(new Error(`${command}: ${why}${errors ? `\n${errors.trimEnd()}` : ""}`));
    const timer = setTimeout(() => fail(`does not serve after ${timeoutMs} ms`), timeoutMs);
    child.once("error", (error) => fail(error.message));
    child.once("close", (code, signal) => fail(`ended with ${signal ?? `exit status ${code}`} before it could serve`));
    child.once("close", () => clearTimeout(timer));
    child.stderr?.on("data", (piece) => void (errors = (errors + piece).slice(-STDERR_SHOWN)));
    child.stdout?.on("data", (piece) => {
      printed += piece;
      if (!/^}$/m.test(printed)) return;
      clearTimeout(timer);
      resolve(JSON.parse(printed));
    });
  });
}

async function endOf(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.ref();
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const timer = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
  child.kill("SIGTERM");
  await ended;
  clearTimeout(timer);
}

async function startImage(image: string, options: StartOptions): Promise<Emulator> {
  const { token } = accessOf(options);
  const variables = token === undefined ? [] : ["--env", `EMULATOR_CONTROL_TOKEN=${token}`];
  const publish = ["--publish", "127.0.0.1::8900", "--add-host", "host.docker.internal:host-gateway"];
  const args = ["run", "--detach", "--rm", ...publish, ...variables, image, "serve", "--self-check"];
  const container = (await run("docker", [...args, ...(options.args ?? [])])).stdout.trim();
  const kill = () => void spawnSync("docker", ["rm", "--force", container]);
  process.once("exit", kill);
  const end = async () => {
    process.removeListener("exit", kill);
    await run("docker", ["rm", "--force", container]);
  };
  try {
    const [address = ""] = (await run("docker", ["port", container, "8900/tcp"])).stdout.split("\n");
    const access = { token, receiverHost: options.receiverHost ?? "host.docker.internal" };
    const emulator = new Emulator(`http://${address.trim()}`, access, end);
    await untilReady(emulator, options.startTimeoutMs);
    return emulator;
  } catch (error) {
    await end();
    throw error;
  }
}
