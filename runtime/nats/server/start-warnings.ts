import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

const START = /Starting nats-server/;
const FAULT = /\[(?:WRN|ERR|FTL)\] (.*)$/;
/** What concerns stores, and not what clients do. */
const STORE = /stor|stream|consumer|block|corrupt|lost|jetstream|checksum|recover/i;
/** What the server says of its own settings each time. */
const HARMLESS = /sync_interval|plaintext|password|JetStream has .* of memory/i;
const MAX_LINES = 20;

/** What the embedded server said of its stores since it was started last, from its log; none where it has no log. */
export async function startWarnings(dataDir: string): Promise<string[]> {
  const log = await readFile(join(dataDir, 'nats', 'nats-server.log'), 'utf8').catch(() => '');
  const lines = log.split('\n');
  const start = lines.findLastIndex(line => START.test(line));
  const faults = lines.slice(Math.max(0, start)).flatMap(line => FAULT.exec(line)?.[1] ?? []);
  return [...new Set(faults.filter(line => STORE.test(line) && !HARMLESS.test(line)))].slice(0, MAX_LINES);
}
