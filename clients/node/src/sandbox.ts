import { ByProvider, type Credentials } from "./by-provider.js";
import { type Arguments, type Connection, ControlRefused, type Input } from "./connection.js";
import type { Calls, Names, ProviderName, QueryText } from "./control.js";
import { type Receiver, type ReceiverOptions, startReceiver } from "./receiver.js";
import { report } from "./report.js";

/** Longer than any budget that the emulator accepts. */
const MOST_ADVANCE_MS = 11 * 60_000;

/** The calls about one sandbox, such as `"GET /sandboxes/{sandbox}/orders"`. */
export type SandboxCall = Extract<keyof Calls, `${string} /sandboxes/{sandbox}${string}`>;
/** A known word, or any other text. */
export type Word<K extends string> = K | (string & {});
type Path<T> = T extends { path: infer P } ? Omit<P, "sandbox"> : {};
type OwnInput<K extends SandboxCall> = Omit<Input<K>, "path"> & (keyof Path<Calls[K]> extends never ? {} : { path: Path<Calls[K]> });
type Body<K extends keyof Calls> = Calls[K] extends { body?: infer B } ? NonNullable<B> : never;
type Answer<K extends keyof Calls> = Calls[K]["answer"];
type Query<K extends keyof Calls> = Calls[K] extends { query?: infer Q } ? NonNullable<Q> : never;

/** A sandbox as the API returns it. */
export interface SandboxDocument {
  name: string;
  credentials: Credentials;
  urls: Record<ProviderName, string>;
}

/** An advance used up its budget of real time before everything was done. */
export class NotSettled extends Error {
  constructor(
    /** Where the clock stands. */
    readonly now: string,
    /** What had happened by then. */
    readonly happened: any[],
    /** The webhooks that were not answered. */
    readonly silent: any[],
  ) {
    const why = silent.map((it) => `${it.receiver} has not answered webhook ${it.webhook} (${it.provider} ${it.event})`);
    const told = why.join("; ") || "there was too much to do; allow more with `budget`";
    super(`the clock stopped at ${now}, as the time for this advance was over: ${told}`);
    this.name = "NotSettled";
  }
}

/** One sandbox, with its own orders, clock, journal, faults and webhooks. */
export class Sandbox extends ByProvider {
  readonly name: string;
  readonly #connection: Connection;
  readonly #reached: ReceiverOptions;
  readonly #receivers: Receiver[] = [];

  constructor(connection: Connection, document: SandboxDocument, reached: ReceiverOptions = {}, receiver?: Receiver) {
    super(document.urls, document.credentials);
    this.#connection = connection;
    this.#reached = reached;
    this.name = document.name;
    if (receiver !== undefined) this.#receivers.push(receiver);
  }

  /** The receiver that was started last, for example by `createSandbox({ receive: true })`. */
  get receiver(): Receiver {
    const last = this.#receivers.at(-1);
    if (last === undefined) throw new Error("nothing receives here: createSandbox({ receive: true }), or receive()");
    return last;
  }

  /** Any call about this sandbox, by its method and path. Throws ControlRefused. */
  call<K extends SandboxCall>(call: K, ...[input]: Arguments<OwnInput<K>>): Promise<Answer<K>> {
    return this.#ask(call, input as { path?: Record<string, string> } | undefined);
  }

  /** Moves the clock, sends what falls due, and returns what happened: `advance("30s")`, `advance({ until: "idle" })`.
   * Throws NotSettled. */
  async advance(
    by: string | number | Body<"POST /sandboxes/{sandbox}/clock/advance">,
  ): Promise<Answer<"POST /sandboxes/{sandbox}/clock/advance">["happened"]> {
    const body = typeof by === "object" ? by : { by };
    const timeoutMs = body.budget === undefined ? undefined : MOST_ADVANCE_MS;
    const answer = await this.#ask("POST /sandboxes/{sandbox}/clock/advance", { body }, timeoutMs);
    if (answer.settled === false) throw new NotSettled(answer.now, answer.happened, answer.silent);
    return answer.happened;
  }

  /** The sandbox's time, for example `2026-01-05T12:00:00.000Z`. */
  async now(): Promise<string> {
    return (await this.call("GET /sandboxes/{sandbox}/clock")).now;
  }

  /** Creates an order with a valid, signed request; `body` replaces members of the usual one. */
  makeOrder<P extends ProviderName>(
    provider: P,
    wanted: { kind?: string; scenario?: Word<Names[P]["scenarios"]>; body?: Record<string, unknown> } = {},
  ) {
    return this.call("POST /sandboxes/{sandbox}/orders", { body: { provider, ...wanted } });
  }

  /** An order with its story. */
  order(id: string) {
    return this.call("GET /sandboxes/{sandbox}/orders/{order}", { path: { order: id } });
  }

  /** The sandbox's orders, filtered by `provider`, `status` and `limit`. */
  async orders(query: Query<"GET /sandboxes/{sandbox}/orders"> = {}) {
    return (await this.call("GET /sandboxes/{sandbox}/orders", { query })).orders;
  }

  /** Makes an event happen to an order now: `fire(id, "pay", { amount: "5" })`. */
  fire(id: string, event: Word<Names[ProviderName]["events"]>, args: Record<string, unknown> = {}) {
    const body = { event, ...args };
    return this.call("POST /sandboxes/{sandbox}/orders/{order}/events", { path: { order: id }, body });
  }

  /** Moves an order to a status now; `force`: even if no event leads there. */
  move(id: string, to: Word<Names[ProviderName]["statuses"]>, options: { force?: boolean } = {}) {
    const body = { to, ...options };
    return this.call("POST /sandboxes/{sandbox}/orders/{order}/events", { path: { order: id }, body });
  }

  /** Makes something happen at a provider apart from any order. */
  command<P extends ProviderName>(provider: P, name: Word<Names[P]["commands"]>, body: Record<string, unknown> = {}) {
    return this.call("POST /sandboxes/{sandbox}/commands/{provider}/{name}", { path: { provider, name }, body });
  }

  /** Changes settings of a provider. */
  set<P extends ProviderName>(provider: P, settings: { [N in Word<Names[P]["settings"]>]?: unknown }) {
    return this.call("PUT /sandboxes/{sandbox}/settings", { body: { [provider]: settings } });
  }

  /** Adds or replaces a scenario. `document`: YAML text, or a value. */
  scenario(
    provider: ProviderName,
    name: string,
    document: string | Record<string, unknown>,
  ): Promise<Answer<"PUT /sandboxes/{sandbox}/scenarios/{provider}/{name}">> {
    const input = { path: { provider, name }, body: document };
    return this.#ask("PUT /sandboxes/{sandbox}/scenarios/{provider}/{name}", input);
  }

  /** Sets default scenarios: `choose({ changelly: "kyc-hold" })`; null clears one. */
  choose(scenarios: { [P in ProviderName]?: Word<Names[P]["scenarios"]> | null }) {
    return this.call("PUT /sandboxes/{sandbox}/default-scenario", { body: scenarios as Record<string, string | null> });
  }

  /** Adds a fault rule: `inject("reset", { when: "after", provider: "koywe", times: 1 })`. */
  inject(
    fault: Body<"POST /sandboxes/{sandbox}/faults">["fault"],
    rule: Omit<Body<"POST /sandboxes/{sandbox}/faults">, "fault"> = {},
  ) {
    return this.call("POST /sandboxes/{sandbox}/faults", { body: { ...rule, fault } });
  }

  /** Removes all fault rules. */
  async clearFaults(): Promise<void> {
    await this.call("DELETE /sandboxes/{sandbox}/faults");
  }

  /** Webhooks with every attempt, oldest first: those of one order, or all. */
  async webhooks(order?: string) {
    const query = order === undefined ? {} : { order };
    return (await this.call("GET /sandboxes/{sandbox}/webhooks", { query })).webhooks;
  }

  /** Sends a webhook again, and returns the outcome. */
  replay(webhook: string) {
    return this.call("POST /sandboxes/{sandbox}/webhooks/{webhook}/replay", { path: { webhook } });
  }

  /** Holds back a webhook that is waiting for an attempt, until it is released. */
  holdWebhook(webhook: string) {
    return this.call("POST /sandboxes/{sandbox}/webhooks/{webhook}/hold", { path: { webhook } });
  }

  /** Sends a webhook that was held back. */
  releaseWebhook(webhook: string) {
    return this.call("POST /sandboxes/{sandbox}/webhooks/{webhook}/release", { path: { webhook } });
  }

  /** Sends bytes as a provider's webhook, freshly signed; by default to where the sandbox's webhooks go. */
  sendWebhook(provider: ProviderName, body: string | Uint8Array, url?: string) {
    const sent = { provider, body_base64: Buffer.from(body).toString("base64"), ...(url === undefined ? {} : { url }) };
    return this.call("POST /sandboxes/{sandbox}/webhooks/send", { body: sent });
  }

  /** Waits in real time until matching webhooks have been sent: `{ complete, count, webhooks }`. */
  waitForWebhooks(wanted: Body<"POST /sandboxes/{sandbox}/webhooks/wait"> = {}) {
    return this.call("POST /sandboxes/{sandbox}/webhooks/wait", { body: wanted });
  }

  /** Journal entries; with `order: "desc"`, the newest first. */
  async journal(query: Query<"GET /sandboxes/{sandbox}/journal"> = {}) {
    return (await this.call("GET /sandboxes/{sandbox}/journal", { query })).entries;
  }

  /** How many journal entries match: `{ count, complete }`. */
  count(match: Record<string, unknown>) {
    return this.call("POST /sandboxes/{sandbox}/journal/count", { body: { match } });
  }

  /** Journal entries as they happen; `after: 0` starts with the first. Ends when the loop is left. */
  events(query: Record<string, QueryText> = {}): AsyncGenerator<any, void, undefined> {
    return this.#connection.stream("GET /sandboxes/{sandbox}/events", { path: { sandbox: this.name }, query });
  }

  /** The whole sandbox as one document, for `restore`. */
  snapshot() {
    return this.call("GET /sandboxes/{sandbox}/snapshot");
  }

  /** Replaces everything in the sandbox with a snapshot. */
  restore(snapshot: Record<string, unknown>) {
    return this.call("PUT /sandboxes/{sandbox}/snapshot", { body: snapshot });
  }

  /** Brings the sandbox back to its initial state. */
  async reset(): Promise<void> {
    await this.call("POST /sandboxes/{sandbox}/reset");
  }

  /** Starts a webhook receiver in this process, which ends with the sandbox. */
  async receive(options: ReceiverOptions = {}): Promise<Receiver> {
    const receiver = await startReceiver({ ...this.#reached, ...options });
    this.#receivers.push(receiver);
    return receiver;
  }

  /** What a failing test prints: the latest requests with the true reasons of refusals, the orders, the webhooks. */
  report(): Promise<string> {
    return report(this);
  }

  /** Removes the sandbox and stops its receivers. */
  async remove(): Promise<void> {
    await Promise.all(this.#receivers.splice(0).map((receiver) => receiver.close()));
    await this.call("DELETE /sandboxes/{sandbox}").catch((error: unknown) => {
      if (!(error instanceof ControlRefused && error.status === 404)) throw error; // the test has forgotten it itself
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.remove();
  }

  #ask(call: SandboxCall, input: { path?: Record<string, string>; body?: unknown } = {}, timeoutMs?: number) {
    return this.#connection.ask(call, { ...input, path: { ...input.path, sandbox: this.name } }, timeoutMs);
  }
}
