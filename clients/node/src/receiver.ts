import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { clearTimeout, setTimeout } from "node:timers"; // not those that fake timers replace

const WAIT_MS = 10_000;
const LOOPBACK = "127.0.0.1";

/** A webhook as it was received. */
export interface Received {
  readonly method: string;
  readonly path: string;
  /** With names in lower case. */
  readonly headers: IncomingHttpHeaders;
  /** The raw bytes, which the signature covers. */
  readonly body: Buffer;
  /** The body as text. */
  readonly text: string;
}

/** How a receiver answers: with a status, or with a function that writes the answer. */
export type Behaviour = number | ((received: Received, response: ServerResponse) => unknown);

export interface ReceiverOptions {
  /** 0 takes a free one. */
  port?: number;
  /** The name at which the emulator reaches this process; any other than 127.0.0.1 listens on all addresses. */
  host?: string;
  /** How to answer the first webhook, the second, and so on; the last one repeats. Defaults to 200. */
  behaviours?: readonly Behaviour[];
}

/** A webhook receiver on a socket of this process. */
export interface Receiver {
  /** Where to send webhooks. */
  readonly url: string;
  /** Everything received, oldest first. */
  readonly received: readonly Received[];
  /** Everything received, once there are at least `count`; throws after `timeoutMs` of real time. */
  wait(count?: number, timeoutMs?: number): Promise<readonly Received[]>;
  /** Changes the answers from now on. */
  answer(...behaviours: Behaviour[]): void;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Listens until `close`. */
export async function startReceiver(options: ReceiverOptions = {}): Promise<Receiver> {
  const host = options.host ?? LOOPBACK;
  const received: Received[] = [];
  const waiting = new Set<() => void>();
  let behaviours = [...(options.behaviours ?? [])];

  const server = createServer(async (request, response) => {
    try {
      const one = await read(request);
      received.push(one);
      const behaviour = (behaviours.length > 1 ? behaviours.shift() : behaviours[0]) ?? 200;
      for (const look of [...waiting]) look();
      if (typeof behaviour === "number") response.writeHead(behaviour).end();
      else await behaviour(one, response);
    } catch (error) {
      if (!response.headersSent) response.writeHead(500);
      response.end(error instanceof Error ? error.message : String(error));
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port ?? 0, host === LOOPBACK ? host : undefined, resolve);
  });
  server.unref();

  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      (server as { closeAllConnections?(): void }).closeAllConnections?.();
    });
  const wait = (count = 1, timeoutMs = WAIT_MS) =>
    new Promise<readonly Received[]>((resolve, reject) => {
      const end = (finish: () => void) => {
        clearTimeout(timer);
        waiting.delete(look);
        finish();
      };
      const look = () => received.length >= count && end(() => resolve([...received]));
      const late = () => reject(new Error(`${received.length} of ${count} webhooks came within ${timeoutMs} ms`));
      const timer = setTimeout(() => end(late), timeoutMs);
      waiting.add(look);
      look();
    });
  const url = `http://${host}:${(server.address() as AddressInfo).port}/hook`;
  const answer = (...changed: Behaviour[]) => void (behaviours = changed);
  return { url, received, wait, answer, close, [Symbol.asyncDispose]: close };
}

async function read(request: IncomingMessage): Promise<Received> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  const body = Buffer.concat(pieces);
  const { method = "", url = "", headers } = request;
  return { method, path: url, headers, body, text: body.toString("utf8") };
}
