/** Tries to make a kvflow hold more memory than it may: each way alone, a number of times at once. */
import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:http';

/** How hard to press. */
export interface Pressure {
  url: string;
  /** Process that is pressed. */
  pid: number;
  /** Large requests at once. */
  atOnce: number;
  /** Streams whose clients read nothing. */
  streams: number;
  /** Bytes of one line of an import that does not end. */
  lineBytes: number;
}

/** What became of one way: how many answers of each status, and the most memory meanwhile, in MiB. */
export interface Pressed {
  way: string;
  statuses: Record<string, number>;
  peakMiB: number;
}

type Way = (pressure: Pressure) => Promise<(number | string)[]>;

const MIB = 1024 * 1024;
const JSON_TYPE = { 'content-type': 'application/json' };
const agent = new Agent({ keepAlive: false });

/** Keys of 1 MB values that the ways read; to be put beforehand, into the bucket `large`. */
export const LARGE_KEYS = Array.from({ length: 36 }, (_, at) => `k${at}`);

/** A NATS server keeps at most 1,000 consumers of one. */
const SMALL = ['b', 'c', 'd'];

/** Every way there is to press. */
export const WAYS: Record<string, Way> = {
  'an import line without an end': pressure =>
    all(Math.ceil(pressure.atOnce / 4), () => endlessLine(pressure)),
  'batches of 300 large reads': pressure =>
    all(pressure.atOnce, () =>
      post(pressure, '/invocations', {
        items: Array.from({ length: 300 }, (_, at) => ({
          function: 'kv-key-get',
          input: { bucket: 'large', key: LARGE_KEYS[at % LARGE_KEYS.length] },
        })),
      }),
    ),
  'many keys': pressure =>
    all(pressure.atOnce * 4, () =>
      post(pressure, '/functions/kv-key-get-many/invocations', { bucket: 'large', keys: LARGE_KEYS }),
    ),
  'many keys at one revision': pressure =>
    all(pressure.atOnce * 2, () =>
      post(pressure, '/functions/kv-key-get-many/invocations', {
        bucket: 'large',
        keys: LARGE_KEYS,
        consistent: true,
      }),
    ),
  listings: pressure =>
    all(pressure.atOnce * 4, () =>
      post(pressure, '/functions/kv-key-list/invocations', { bucket: 'large', limit: 1000 }),
    ),
  'single values': pressure =>
    all(pressure.atOnce * 10, at =>
      exchange(pressure, 'GET', `/buckets/large/keys/${LARGE_KEYS[at % LARGE_KEYS.length]}`),
    ),
  exports: pressure => all(pressure.atOnce, () => exchange(pressure, 'GET', '/buckets/large/export')),
  'deep JSON': pressure =>
    all(pressure.atOnce, () => sendText(pressure, `{"bucket":"b","key":"k","value":${nested(4 * MIB)}}`)),
  'JSON of millions of empty objects': pressure =>
    all(pressure.atOnce, () => sendText(pressure, `{"bucket":"b","key":"k","value":[${empties(15 * MIB)}]}`)),
  'bodies of 15 MiB': pressure =>
    all(pressure.atOnce, () =>
      sendText(pressure, `{"bucket":"b","key":"k","value":"${'x'.repeat(15 * MIB)}"}`),
    ),
  'streams that nobody reads': pressure => unreadStreams(pressure, ['large'], pressure.streams),
  'two thousand idle streams': pressure => unreadStreams(pressure, SMALL, 2_000),
};

/** Presses in one way and answers what came of it, the memory read from the system. */
export async function press(way: string, pressure: Pressure): Promise<Pressed> {
  const statuses: Record<string, number> = {};
  let peak = residentMiB(pressure.pid);
  const watching = setInterval(() => {
    peak = Math.max(peak, residentMiB(pressure.pid));
  }, 25);
  try {
    for (const status of (await WAYS[way]?.(pressure)) ?? []) statuses[status] = (statuses[status] ?? 0) + 1;
  } finally {
    clearInterval(watching);
  }
  return { way, statuses, peakMiB: Math.max(peak, residentMiB(pressure.pid)) };
}

/** Resident memory of a process, in MiB. */
export function residentMiB(pid: number): number {
  const [, kib = '0'] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Math.round(Number(kib) / 1024);
}

/** Puts what the ways read. */
export async function prepare(
  pressure: Pick<Pressure, 'url'>,
  keys = LARGE_KEYS,
  bytes = 1_000_000,
): Promise<void> {
  for (const bucket of ['large', ...SMALL])
    await post(pressure, '/functions/kv-bucket-create/invocations', { bucket, storage: 'memory' });
  const value = 'x'.repeat(bytes);
  const statuses: (number | string)[] = [];
  for (let at = 0; at < keys.length; at += 4) {
    const some = keys.slice(at, at + 4);
    const put = (key: string | undefined) =>
      post(pressure, '/functions/kv-key-put/invocations', { bucket: 'large', key, value });
    statuses.push(...(await all(some.length, which => put(some[which]))));
  }
  if (statuses.some(status => status !== 200)) throw new Error(`puts answered ${statuses.join(' ')}`);
}

function all<T>(count: number, one: (at: number) => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: count }, (_, at) => one(at)));
}

function post(pressure: Pick<Pressure, 'url'>, path: string, body: object): Promise<number | string> {
  return exchange(pressure, 'POST', path, JSON.stringify(body));
}

function sendText(pressure: Pressure, body: string): Promise<number | string> {
  return exchange(pressure, 'POST', '/functions/kv-key-put/invocations', body);
}

/** Reads the answer slowly: what is not read is held by the server. */
function exchange(
  { url }: Pick<Pressure, 'url'>,
  method: string,
  path: string,
  body?: string,
): Promise<number | string> {
  return new Promise(resolve => {
    const outgoing = request(url + path, { method, agent, headers: body ? JSON_TYPE : {} });
    outgoing.once('response', (response: IncomingMessage) => {
      setTimeout(() => response.resume(), 300);
      response.once('close', () => resolve(response.statusCode ?? 0));
    });
    outgoing.once('error', error => resolve((error as NodeJS.ErrnoException).code ?? 'error'));
    outgoing.end(body);
  });
}

function endlessLine({ url, lineBytes }: Pressure): Promise<number | string> {
  return new Promise(resolve => {
    const chunk = Buffer.alloc(MIB, 'x');
    let sent = 0;
    let over = false;
    const outgoing = request(`${url}/buckets/b/import`, {
      method: 'POST',
      agent,
      headers: { 'content-type': 'application/x-ndjson' },
    });
    outgoing.once('response', response => {
      over = true;
      response.resume();
      resolve(response.statusCode ?? 0);
      outgoing.destroy();
    });
    outgoing.on('error', error => resolve((error as NodeJS.ErrnoException).code ?? 'error'));
    outgoing.write('{"key":"k","value":"');
    const go = (): void => {
      if (over || sent >= lineBytes) return;
      sent += chunk.length;
      outgoing.write(chunk, () => setImmediate(go));
    };
    go();
  });
}

/** Opens streams of all that is there, of which the clients read nothing but the head. */
async function unreadStreams(
  { url }: Pressure,
  buckets: readonly string[],
  streams: number,
): Promise<(number | string)[]> {
  const open: IncomingMessage[] = [];
  const statuses: (number | string)[] = [];
  const one = () =>
    new Promise<void>(resolve => {
      const bucket = buckets[statuses.length % buckets.length];
      const outgoing = request(`${url}/buckets/${bucket}/watch?start=current`, { agent });
      outgoing.once('response', (response: IncomingMessage) => {
        open.push(response);
        response.on('error', () => undefined);
        statuses.push(response.statusCode ?? 0);
        resolve();
      });
      outgoing.once('error', error => {
        statuses.push((error as NodeJS.ErrnoException).code ?? 'error');
        resolve();
      });
      outgoing.end();
    });
  for (let at = 0; at < streams; at += 50) await all(Math.min(50, streams - at), one);
  await new Promise(resolve => setTimeout(resolve, 1_000));
  for (const response of open) response.destroy();
  return statuses;
}

function nested(bytes: number): string {
  return '['.repeat(bytes / 2) + ']'.repeat(bytes / 2);
}

function empties(bytes: number): string {
  return '{},'.repeat(Math.floor(bytes / 3)).slice(0, -1);
}
