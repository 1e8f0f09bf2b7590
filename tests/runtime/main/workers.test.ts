import { EventEmitter, once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { type IncomingMessage, request } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { beforeAll, expect, jest, test } from '@jest/globals';
import type { Config } from '../../../runtime/config/config.ts';
import { createChannel, type Port } from '../../../runtime/main/workers/channel.ts';
import { requireSharing } from '../../../runtime/main/workers/require-sharing.ts';
import { budgetOf } from '../../../runtime/main/workers/worker.ts';
import { defaultBudget } from '../../../runtime/server/memory/byte-budget.ts';
import { eventually } from '../../support/eventually.ts';
import { forAll } from '../../support/for-all.ts';
import { onNewConnection, type PlainRequest } from '../../support/new-connection.ts';
import { listen } from '../../support/served.ts';
import { isAlive, type KvflowProcess, makePlace } from '../transports/cli/kvflow-process.ts';

const WORKERS = 2;
const WATCHES = 100;

// Every worker is a process that loads all of kvflow, beside other tests.
jest.setTimeout(60_000);

let server: KvflowProcess & { url: string; natsPid: number };
let key: string;
let slow: string;

const place = forAll(makePlace);

beforeAll(async () => {
  const strict = { type: 'sqlite', table: 'strict', primary_key_fields: ['event_id'], misfits: 'refuse' };
  await writeFile(join(place.path, 'kvflow.yaml'), JSON.stringify({ destinations: { strict } }));
  key = await addKey('all');
  slow = await addKey('slow', '--rate', '1/minute');
  server = await place.start({ args: ['--workers', String(WORKERS)] });
  await eventually(async () => expect(await workers()).toHaveLength(WORKERS));
});

test('workers - a rate limit holds for all of them together', async () => {
  const answers = await Promise.all(
    Array.from({ length: 6 * WORKERS }, () => call('kv-account-info', {}, slow)),
  );
  const statuses = answers.map(({ status }) => status).sort();
  // One call a minute, whichever worker it comes to.
  expect(statuses).toEqual([200, ...Array(6 * WORKERS - 1).fill(429)]);
});

test('workers - /metrics tells the figures of all, whichever answers, also of one that has ended', async () => {
  await call('kv-bucket-create', { bucket: 'counted' });
  for (let put = 0; put < 6; put += 1)
    await call('kv-key-put', { bucket: 'counted', key: 'k', value: String(put) });
  for (let scrape = 0; scrape < WORKERS; scrape += 1) expect(await puts()).toBe(6);
  const before = await metric('kvflow_server_worker_restarts_total');
  const [pid = 0] = await workers();
  process.kill(pid, 'SIGKILL');
  await replaced(pid);
  expect(await puts()).toBe(6);
  expect(await metric('kvflow_server_worker_restarts_total')).toBe(before + 1);
  expect(await metric('kvflow_server_workers')).toBe(WORKERS);
  expect(await metric('kvflow_nats_connected')).toBe(1);
});

test('workers - what recognition left is asked for once for all workers, whether or not the leader recognizes anybody', async () => {
  const dead = 'kvflow_recognition_dead_letters{destination="strict"}';
  await call('identify', { destination: 'strict', events: [{ event_id: 'm', m: 1 }] });
  for (let worker = 0; worker < 4 * WORKERS; worker += 1) {
    const events = [{ event_id: `m${worker}`, m: 'no number' }];
    expect((await call('identify', { destination: 'strict', events })).status).toBe(200);
  }
  expect(await metric(dead)).toBe(4 * WORKERS);
});

test(`workers - ${WATCHES} clients that watch miss nothing when each worker is killed in turn`, async () => {
  await call('kv-bucket-create', { bucket: 'watched' });
  const seen = Array.from({ length: WATCHES }, (): number[] => []);
  const done = new AbortController();
  const clients = seen.map(values => follow(values, done.signal));
  let value = 0;
  const put = async () => {
    value += 1;
    const answer = await call('kv-key-put', { bucket: 'watched', key: 'k', value: String(value) });
    expect(answer.status).toBe(200);
    await eventually(() => expect(new Set(seen.map(values => values.at(-1)))).toEqual(new Set([value])));
  };
  try {
    await put();
    for (const pid of await workers()) {
      process.kill(pid, 'SIGKILL');
      await replaced(pid);
      await put();
    }
  } finally {
    done.abort();
    await Promise.all(clients);
  }
  expect(new Set(seen.map(values => values.join()))).toEqual(new Set([range(1, value).join()]));
});

test('workers - one that is killed costs its calls in flight alone', async () => {
  await call('kv-bucket-create', { bucket: 'waited' });
  const input = { bucket: 'waited', filter: 'k', wait_ms: 25_000 };
  const outcomes: (number | string)[] = [];
  const waiting = Array.from({ length: 20 * WORKERS }, async () => {
    const outcome = await call('kv-key-watch', input).then(
      ({ status }) => status,
      (error: NodeJS.ErrnoException) => error.code ?? '',
    );
    outcomes.push(outcome);
  });
  const inFlight = () => metric('kvflow_invocations_in_flight');
  await eventually(async () => expect(await inFlight()).toBeGreaterThanOrEqual(20 * WORKERS));
  const [pid = 0] = await workers();
  process.kill(pid, 'SIGKILL');
  await replaced(pid);
  expect((await call('kv-key-put', { bucket: 'waited', key: 'k', value: 'v' })).status).toBe(200);
  await Promise.all(waiting);
  // Those of the other were answered: it may have had all of them, the one that was killed not.
  expect(outcomes).toContain(200);
  expect(outcomes.filter(outcome => outcome !== 200 && outcome !== 'ECONNRESET')).toEqual([]);
  await eventually(async () => expect(await inFlight()).toBe(0));
});

test('workers - they share the bytes that one process may hold', () => {
  const mib = 1024 * 1024;
  expect([1, 2, 4].map(count => budgetOf(count, 1_024 * mib) / mib)).toEqual([1_024, 512, 256]);
  // A batch of ordinary size goes through any of them.
  expect(budgetOf(64, 1_024 * mib)).toBe(64 * mib);
  expect(budgetOf(2)).toBe(Math.floor(defaultBudget() / 2));
});

test('workers - the flows that the leader runs are reached through each', async () => {
  const mode = await send('/flows/process', { method: 'PUT', body: { mode: 'safe' } });
  expect(JSON.parse(mode.body)).toMatchObject({ mode: 'safe', state: 'running' });
  for (let worker = 0; worker < 4 * WORKERS; worker += 1) {
    expect(JSON.parse((await get('/flows/process')).body)).toMatchObject({ mode: 'safe', state: 'running' });
    expect((await onNewConnection(`${server.url}/flows/`)).body).toContain('<title>kvflow: flows');
  }
  expect(await metric('kvflow_flows_safe_mode')).toBe(1);
});

test('workers - a worker that begins after the last key was revoked lets nobody in', async () => {
  for (const name of ['slow', 'all']) await place.run(['keys', 'revoke', name]);
  const pids = await workers();
  for (const pid of pids) process.kill(pid, 'SIGKILL');
  for (const pid of pids) await replaced(pid);
  for (let worker = 0; worker < 4 * WORKERS; worker += 1)
    expect((await onNewConnection(`${server.url}/functions`)).status).toBe(401);
});

test('workers - the leader ends them, the last to end is nats-server', async () => {
  const pids = await workers();
  server.child.kill('SIGTERM');
  expect(await server.ended).toMatchObject({ code: 0, signal: null });
  for (const pid of [...pids, server.natsPid]) expect(await isAlive(pid)).toBe(false);
});

test('workers - one that broke down says so by its exit code, and all finish what they do when the leader is gone', async () => {
  await using other = await makePlace();
  const breaks = "process.on('SIGUSR2', () => { throw new Error('broke down'); })";
  const env = {
    NODE_OPTIONS: `--import ${JSON.stringify(`data:text/javascript,${encodeURIComponent(breaks)}`)}`,
  };
  const led = await other.start({ args: ['--workers', String(WORKERS)], env });
  await led.printed(/(worker \d+ listens[\s\S]*){2}/);
  const pids = await workers(led);
  process.kill(pids[0] ?? 0, 'SIGUSR2');
  await led.printed(new RegExp(`a worker \\(pid ${pids[0]}\\) ended with exit code 1;`));
  await led.printed(/(worker \d+ listens[\s\S]*){3}/);
  // A call whose input is still on its way when the leader is killed.
  const sending = request(`${led.url}/functions/kv-key-get/invocations`, {
    method: 'POST',
    agent: false,
    headers: { 'content-type': 'application/json', expect: '100-continue' },
  });
  const answered = once(sending, 'response');
  answered.catch(() => undefined);
  sending.flushHeaders();
  await once(sending, 'continue');
  led.child.kill('SIGKILL');
  await once(led.child, 'exit');
  // No worker takes a connection any more.
  await eventually(() => expect(onNewConnection(led.url)).rejects.toMatchObject({ code: 'ECONNREFUSED' }));
  sending.end('{}');
  const [response] = (await answered) as [IncomingMessage];
  expect(response.statusCode).toBe(400);
  for (const pid of pids) await eventually(async () => expect(await isAlive(pid)).toBe(false));
});

test('workers - what one process alone can open is refused with the way out', async () => {
  await using other = await makePlace();
  const usersRecognition = { enabled: true } as Config['usersRecognition'];
  const config = { destinations: {}, workers: 2, dataDir: other.dataDir, usersRecognition };
  const local = { ...config, destinations: { local: { type: 'pglite' as const } } };
  expect(() => requireSharing(local)).toThrow(/"local".*KVFLOW_WORKERS at 1/);
  expect(() => requireSharing(config)).not.toThrow();
  // The embedded warehouse as builds before made it.
  await mkdir(join(other.dataDir, 'warehouse'), { recursive: true });
  await writeFile(join(other.dataDir, 'warehouse/PG_VERSION'), '17');
  expect(() => requireSharing(config)).toThrow(/"embedded".*pglite.*KVFLOW_WORKERS at 1/);
  const elsewhere = { embedded: { type: 'sqlite' as const } };
  expect(() => requireSharing({ ...config, destinations: elsewhere })).not.toThrow();
});

test('workers - what breaks in the leader is told its log, not the worker that asked', async () => {
  const { ours, theirs } = pipe();
  const faults: unknown[] = [];
  const broken = { metrics: () => Promise.reject(new Error('secret place')) };
  createChannel(ours, broken, (cause, name) => faults.push([name, String(cause)]));
  const asked = createChannel<object, { metrics(): Promise<string> }>(theirs, {}).ask('metrics', []);
  await expect(asked).rejects.toMatchObject({
    code: 'INTERNAL',
    message: expect.not.stringContaining('secret'),
  });
  expect(faults).toEqual([['metrics', 'Error: secret place']]);
});

test('workers - a port that is taken is told once, and nothing stays behind', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  await using other = await makePlace();
  const port = String((taken.address() as AddressInfo).port);
  const { code, stderr } = await other.run(['start', '--workers', '2', '--port', port]);
  taken.close();
  expect(code).not.toBe(0);
  expect(stderr).toMatch(/kvflow: .*Port \d+ .*in use/);
});

/** Two ends between which messages go. */
function pipe(): { ours: Port; theirs: Port } {
  const [one, two] = [new EventEmitter(), new EventEmitter()];
  const port = (own: EventEmitter, other: EventEmitter): Port =>
    Object.assign(own, { send: (message: unknown) => other.emit('message', message) });
  return { ours: port(one, two), theirs: port(two, one) };
}

/** Watches as clients do: goes on after the last event it saw, on any worker. */
async function follow(values: number[], signal: AbortSignal): Promise<void> {
  let last: string | undefined;
  while (!signal.aborted) {
    try {
      const headers = { authorization: `Bearer ${key}`, ...(last && { 'last-event-id': last }) };
      await using stream = await listen(`${server.url}/buckets/watched/watch?start=current`, headers);
      const stop = () => stream.response.destroy();
      signal.addEventListener('abort', stop, { once: true });
      for (;;) {
        const event = await stream.next(({ lastEventId }) => lastEventId !== undefined);
        last = event.lastEventId;
        if (event.event === 'put') values.push(Number(event.data.value));
      }
    } catch {
      // The stream ended, or its worker: the next turn of the loop goes on.
      await new Promise(setImmediate);
    }
  }
}

async function addKey(name: string, ...more: string[]): Promise<string> {
  const { stdout } = await place.run(['keys', 'add', name, ...more]);
  return /kvf_\S+/.exec(stdout)?.[0] ?? '';
}

function send(path: string, request: PlainRequest, withKey = key) {
  const headers = { authorization: `Bearer ${withKey}` };
  return onNewConnection(`${server.url}${path}`, { ...request, headers });
}

const get = (path: string, withKey?: string) => send(path, {}, withKey);
const call = (name: string, body: unknown, withKey?: string) =>
  send(`/functions/${name}/invocations`, { body }, withKey);
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

async function metric(name: string): Promise<number> {
  const { body } = await get('/metrics');
  return Number(
    body
      .split('\n')
      .find(line => line.startsWith(`${name} `))
      ?.slice(name.length),
  );
}

async function puts(): Promise<number> {
  return metric('kvflow_invocations_total{function="kv-key-put",code="OK"}');
}

/** Process ids of the workers that listen now, as the log tells. */
async function workers(of: KvflowProcess = server): Promise<number[]> {
  const [log] = await of.printed(/[\s\S]*/);
  const pids = (pattern: RegExp) => [...log.matchAll(pattern)].map(([, pid]) => Number(pid));
  const ended = pids(/a worker \(pid (\d+)\)/g);
  return pids(/worker (\d+) listens/g).filter(pid => !ended.includes(pid));
}

async function replaced(pid: number): Promise<void> {
  await eventually(
    async () => {
      const now = await workers();
      expect(now).not.toContain(pid);
      expect(now).toHaveLength(WORKERS);
    },
    { within: 40_000 },
  );
}
