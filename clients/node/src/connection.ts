import * as http from "node:http";
import * as https from "node:https";

import type { Calls, QueryText } from "./control.js";

const TIMEOUT_MS = 90_000;
/** What a call of the control API takes. */
export type Input<K extends keyof Calls> = Omit<Calls[K], "answer">;
/** The arguments for an input; none are required if all of its members are optional. */
export type Arguments<T> = {} extends T ? [input?: T] : [input: T];

/** The control API has refused a call. */
export class ControlRefused extends Error {
  /** The error's name, such as `unknown-order`. */
  readonly error: string;

  constructor(
    /** HTTP status. */
    readonly status: number,
    /** The whole answer. */
    readonly body: Record<string, any>,
  ) {
    super(`${body["error"]}: ${body["message"]}`);
    this.name = "ControlRefused";
    this.error = String(body["error"]);
  }
}

interface Anything {
  path?: Record<string, string>;
  query?: Record<string, QueryText | undefined>;
  body?: unknown;
}

/** A connection to the control API of one emulator. Mocks of `fetch` and fake timers do not affect it. */
export class Connection {
  readonly #agent: http.Agent;
  readonly #request: typeof http.request;

  constructor(
    /** For example `http://127.0.0.1:8900/_emulator`. */
    readonly controlUrl: string,
    readonly token?: string,
  ) {
    const { Agent, request } = controlUrl.startsWith("https:") ? https : http;
    this.#agent = new Agent({ keepAlive: true });
    this.#request = request;
  }

  /** One call, by its method and path: `call("GET /sandboxes/{sandbox}/orders", { path: { sandbox: "shop" } })`. */
  call<K extends keyof Calls>(call: K, ...[input]: Arguments<Input<K>>): Promise<Calls[K]["answer"]> {
    return this.ask(call, input);
  }

  /** Like `call`, for input whose type was checked elsewhere. Throws ControlRefused. */
  async ask(call: string, input: Anything = {}, timeoutMs = TIMEOUT_MS): Promise<any> {
    const [method = "GET", path = ""] = call.split(" ");
    const answer = await this.#send(method, this.#target(path, input), input.body, timeoutMs);
    const text = await read(answer);
    const status = answer.statusCode ?? 0;
    const isJson = /^application\/json/.test(answer.headers["content-type"] ?? "");
    const content = isJson ? JSON.parse(text) : text || undefined;
    if (status < 300) return content;
    throw new ControlRefused(status, isJson ? content : { error: `HTTP ${status}`, message: text });
  }

  /** The events of a stream (`text/event-stream`), as JSON documents. */
  async *stream(call: string, input: Anything = {}): AsyncGenerator<any, void, undefined> {
    const [method = "GET", path = ""] = call.split(" ");
    const answer = await this.#send(method, this.#target(path, input), undefined);
    try {
      if (answer.statusCode !== 200) throw new ControlRefused(answer.statusCode ?? 0, JSON.parse(await read(answer)));
      let text = "";
      answer.setEncoding("utf8");
      for await (const piece of answer) {
        const events = (text + piece).split("\n\n");
        text = events.pop() ?? "";
        for (const event of events) {
          const data = event.split("\n").filter((line) => line.startsWith("data:"));
          if (data.length) yield JSON.parse(data.map((line) => line.slice(5)).join("\n"));
        }
      }
    } finally {
      answer.destroy();
    }
  }

  /** Closes all connections. */
  close(): void {
    this.#agent.destroy();
  }

  #target(path: string, input: Anything): URL {
    const filled = path.replace(/{(\w+)}/g, (_, name: string) => encodeURIComponent(input.path?.[name] ?? ""));
    const url = new URL(this.controlUrl + filled);
    for (const [name, value] of Object.entries(input.query ?? {})) {
      for (const each of [value ?? []].flat()) url.searchParams.append(name, String(each));
    }
    return url;
  }

  #send(method: string, url: URL, body: unknown, timeoutMs?: number): Promise<http.IncomingMessage> {
    const content = body === undefined ? undefined : typeof body === "string" ? body : JSON.stringify(body);
    const headers: Record<string, string | number> = { "Content-Type": "application/json" };
    if (this.token) headers["Authorization"] = `Bearer ${this.token}`;
    if (content !== undefined) headers["Content-Length"] = Buffer.byteLength(content);
    return new Promise((resolve, reject) => {
      const request = this.#request(url, { method, headers, agent: this.#agent }, resolve);
      request.on("error", (error: NodeJS.ErrnoException) => {
        if (request.reusedSocket && error.code === "ECONNRESET") {
          resolve(this.#send(method, url, body, timeoutMs)); // the connection was idle for too long: nothing was done
        } else {
          reject(new Error(`the emulator at ${this.controlUrl} does not answer: ${error.message}`, { cause: error }));
        }
      });
      if (timeoutMs) request.setTimeout(timeoutMs, () => request.destroy(new Error(`silent for ${timeoutMs} ms`)));
      request.end(content);
    });
  }
}

async function read(answer: http.IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of answer) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString("utf8");
}
