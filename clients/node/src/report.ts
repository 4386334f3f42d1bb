/** What is asked of a sandbox. */
type Seen = {
  readonly name: string;
  journal(query: { kind: "request"; limit: number }): Promise<any>;
  orders(query: { limit: number }): Promise<any>;
  webhooks(): Promise<any>;
};

/** How many of each are shown, the latest ones. */
const SHOWN = 10;

/** What a sandbox has seen, as text. Never throws: the test's own failure comes first. */
export async function report(sandbox: Seen): Promise<string> {
  const heading = `Emulator: sandbox ${sandbox.name}`;
  try {
    const requests: any[] = await sandbox.journal({ kind: "request", limit: 10_000 });
    const orders: any[] = await sandbox.orders({ limit: 10_000 });
    const webhooks: any[] = await sandbox.webhooks();
    const none = "requests: none; those whose key is no sandbox's are in the journal of 'default'";
    const parts = [
      requests.length ? part("requests", requests, writeRequest) : none,
      part("orders", orders, writeOrder),
      part("webhooks", webhooks, writeWebhook),
    ];
    return [heading, ...parts].join("\n");
  } catch (error) {
    return `${heading}\nIt cannot be asked: ${error instanceof Error ? error.message : error}`;
  }
}

function part(name: string, all: any[], write: (each: any) => string): string {
  if (!all.length) return `${name}: none`;
  const heading = all.length <= SHOWN ? `${name}:` : `${name}, the last ${SHOWN} of ${all.length}:`;
  return [heading, ...all.slice(-SHOWN).map(write)].join("\n");
}

function writeRequest(entry: any): string {
  const status = entry.sent === false ? "no answer" : entry.status;
  const refused = entry.error ? ` ${entry.error}` : "";
  const reason = entry.reason ? `: ${entry.reason}` : "";
  return `  ${entry.at} ${entry.provider} ${entry.method} ${entry.path} -> ${status}${refused}${reason}`;
}

function writeOrder(order: any): string {
  const scenario = order.scenario ? `, scenario ${order.scenario}` : "";
  const next = order.next ? `, next ${JSON.stringify(order.next)}` : "";
  return `  ${order.provider} ${order.id} ${order.status}${scenario}${next}`;
}

function writeWebhook(webhook: any): string {
  const fault = webhook.fault ? `, fault ${webhook.fault}` : "";
  const line = `  ${webhook.provider} ${webhook.event} to ${webhook.url} ${webhook.state}${fault}`;
  return [line, ...webhook.attempts.slice(-3).map(writeAttempt)].join("\n");
}

function writeAttempt(attempt: any): string {
  const answered = [attempt.status, attempt.error, attempt.answer].filter(Boolean).join(" ");
  return `    ${attempt.at} -> ${answered.replace(/\s+/g, " ")}`;
}
