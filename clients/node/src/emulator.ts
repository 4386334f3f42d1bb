import { randomBytes } from "node:crypto";

import { type Arguments, Connection, type Input } from "./connection.js";
import type { Calls } from "./control.js";
import { type Receiver, type ReceiverOptions, startReceiver } from "./receiver.js";
import { Sandbox, type SandboxDocument } from "./sandbox.js";

const MANUAL_START = "2026-01-05T12:00:00Z";

/** What a new sandbox begins with. By default its name is a free one and its clock stands still. With `receive`, all
 * webhooks of all providers go to a receiver in this process, the sandbox's `receiver`. */
export type NewSandbox = Partial<Calls["POST /sandboxes"]["body"]> & { receive?: boolean | ReceiverOptions };

/** A running emulator. */
export class Emulator {
  readonly #connection: Connection;

  constructor(
    /** The front door, for example `http://127.0.0.1:8900`. */
    readonly url: string,
    private readonly options: { token?: string | undefined; receiverHost?: string | undefined } = {},
    private readonly end: () => Promise<void> = async () => {},
  ) {
    this.#connection = new Connection(`${url}/_emulator`, options.token);
  }

  /** The URL of the control API. */
  get controlUrl(): string {
    return this.#connection.controlUrl;
  }

  /** Any call of the control API, by its method and path: `call("GET /version")`. Throws ControlRefused. */
  call<K extends keyof Calls>(call: K, ...input: Arguments<Input<K>>): Promise<Calls[K]["answer"]> {
    return this.#connection.call(call, ...input);
  }

  /** A new sandbox. */
  async createSandbox({ receive = false, ...wanted }: NewSandbox = {}): Promise<Sandbox> {
    const name = `test-${randomBytes(8).toString("hex")}`;
    const body = { name, clock: { mode: "manual" as const, now: MANUAL_START }, ...wanted };
    if (!receive) return this.#sandbox(await this.call("POST /sandboxes", { body }));
    const receiver = await startReceiver({ ...this.#reached(), ...(receive === true ? {} : receive) });
    try {
      const document = await this.call("POST /sandboxes", { body: { ...body, webhook_url: receiver.url } });
      return this.#sandbox(document, receiver);
    } catch (error) {
      await receiver.close();
      throw error;
    }
  }

  /** An existing sandbox. */
  async sandbox(name: string): Promise<Sandbox> {
    return this.#sandbox(await this.call("GET /sandboxes/{sandbox}", { path: { sandbox: name } }));
  }

  /** Stops the emulator if it was started here; otherwise closes only the connection. */
  async stop(): Promise<void> {
    this.#connection.close();
    await this.end();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  #sandbox(document: unknown, receiver?: Receiver): Sandbox {
    return new Sandbox(this.#connection, document as SandboxDocument, this.#reached(), receiver);
  }

  #reached(): ReceiverOptions {
    return this.options.receiverHost === undefined ? {} : { host: this.options.receiverHost };
  }
}
