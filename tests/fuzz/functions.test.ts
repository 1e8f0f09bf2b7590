/**
 * Every function with inputs made from its schema, mostly such that it runs: whatever comes, it answers what its schema or its
 * errors allow, in time, and nothing of it is left behind. KVFLOW_FUZZ_RUNS is how many calls each function gets, else as
 * many as fit into some seconds; KVFLOW_FUZZ_SEED begins another series, KVFLOW_FUZZ_ONLY are functions by what their names begin with,
 * with commas between them, KVFLOW_FUZZ_DEBUG tells how each did.
 */
import { join } from 'node:path';
import { inspect } from 'node:util';
import { expect, test } from '@jest/globals';
import { ERRORS } from '../../contract/errors.ts';
import manifest from '../../manifest.json' with { type: 'json' };
import type { Envelope } from '../../runtime/core/envelope.ts';
import { isFailure } from '../../runtime/core/envelope.ts';
import type { Manifest, ManifestFunction } from '../../runtime/core/manifest.ts';
import { placeOf } from '../../runtime/core/place-faults.ts';
import { createLazyRemote } from '../../runtime/main/remote.ts';
import { freePort } from '../support/free-port.ts';
import { joinIdentifying } from '../support/identify.ts';
import type { JoinOptions, TestKvflow } from '../support/kvflow.ts';
import { startNats } from '../support/nats.ts';
import { createRandom } from '../support/random.ts';
import { seedOf } from '../support/seed.ts';
import { serve } from '../support/served.ts';
import { tempDir } from '../support/temp-dir.ts';
import { createInputs } from './inputs.ts';

const RUNS = Number(process.env.KVFLOW_FUZZ_RUNS ?? Number.POSITIVE_INFINITY);
const SEED = seedOf('KVFLOW_FUZZ_SEED');
const ONLY = (process.env.KVFLOW_FUZZ_ONLY ?? '').split(',');
const SHORT_MS = 10_000;
const AT_ONCE = Number(process.env.KVFLOW_FUZZ_AT_ONCE ?? 8);
/** What a call may take; what answers later than this much beyond hangs. */
const TIMEOUT_MS = 400;
/** A process of its own, or a connection, takes its time to start on a busy machine. */
const LONGER: Record<string, number> = { 'warehouse-query': 3_000, 'kv-bucket-send': 3_000 };
const HANGS_MS = 20_000;
/** Of so many calls some work. */
const MANY = 500;

const all = (manifest as unknown as Manifest).functions.filter(({ name }) =>
  ONLY.some(start => name.startsWith(start)),
);

test(
  'every function - answers as it says, whatever it is given',
  async () => {
    console.info(`fuzz: seed ${SEED}`);
    await using folder = await tempDir();
    const left: unknown[] = [];
    const causes: string[] = [];
    const onError: JoinOptions['onError'] = ({ code, message, cause }) => {
      if (code === 'INTERNAL') causes.push(`${message} ${inspect(cause).slice(0, 600)}`);
    };
    const onLeft = (reason: unknown) => left.push(reason);
    process.on('unhandledRejection', onLeft);
    try {
      await using server = await startNats();
      const url = join(folder.path, 'warehouse.db');
      const table = { table: 'events', tables: ['others'], primaryKeyFields: ['event_id'] };
      const port = await freePort();
      const hosts = [`127.0.0.1:${port}`, `nats://127.0.0.1:${new URL(server.url).port}`];
      await using k = joinIdentifying(
        [server.url],
        { type: 'sqlite', url, query: true, ...table },
        { onError, remote: createLazyRemote({ hosts, private: true }) },
      );
      await using served = await serve(k, { port });
      const faults = await fuzz(k, { url: [server.url, served.url, 'https://elsewhere.example'] });
      expect([...faults, ...[...new Set(causes)].slice(0, 5)]).toEqual([]);
      expect(left).toEqual([]);
      // It serves as before.
      await k.call('kv-bucket-create', { bucket: 'after' });
      await k.call('kv-key-put', { bucket: 'after', key: 'a', value: 'x' });
    } finally {
      process.off('unhandledRejection', onLeft);
    }
  },
  Number.isFinite(RUNS) ? 60_000 + RUNS * 2_000 : 60_000,
);

/** What went wrong, the first of each kind. */
async function fuzz(k: TestKvflow, more: Record<string, readonly unknown[]>): Promise<string[]> {
  const random = createRandom(SEED);
  const inputs = createInputs(random, more);
  const started = Date.now();
  const until = Number.isFinite(RUNS) ? Number.POSITIVE_INFINITY : Date.now() + SHORT_MS;
  const faults = new Map<string, string>();
  const codes = new Map<string, number>();
  const times = new Map<string, number>();
  let calls = 0;
  const lane = async () => {
    while (calls < RUNS * all.length && Date.now() < until) {
      const call = ++calls;
      if (call % 150 === 1) await prepare(k);
      // The answers of calls at once come in any order: what the next is made of is not to hang on that.
      random.restart(SEED + call);
      const fn = random.pick(all);
      const input = inputs.of(fn);
      const began = Date.now();
      const envelope = await answerOf(k, fn, input);
      times.set(fn.name, (times.get(fn.name) ?? 0) + Date.now() - began);
      const code = envelope && isFailure(envelope) ? envelope.error.code : 'ok';
      codes.set(`${fn.name} ${code}`, (codes.get(`${fn.name} ${code}`) ?? 0) + 1);
      const fault = envelope ? faultOf(fn, envelope, input) : 'hangs';
      if (fault && !faults.has(`${fn.name}: ${fault}`)) {
        faults.set(`${fn.name}: ${fault}`, JSON.stringify(input).slice(0, 800));
      }
      if (envelope && !isFailure(envelope)) inputs.learn(envelope.data, input);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  const never = neverWorked(codes);
  const ok = [...codes].reduce((sum, [id, count]) => sum + (id.endsWith(' ok') ? count : 0), 0);
  console.info(
    `fuzz: ${calls} calls in ${Math.round((Date.now() - started) / 1_000)} s, ${Math.round(process.cpuUsage().user / 1_000_000)} s of the processor; ${ok} worked; ${never.length > 0 ? `never: ${never.join(', ')}` : 'each function did'}`,
  );
  if (process.env.KVFLOW_FUZZ_DEBUG) console.info(shares(codes, times));
  const idle = RUNS >= MANY && Number.isFinite(RUNS) ? never : [];
  return [
    ...[...faults].map(([fault, input]) => `${fault}\n  ${input}`),
    ...idle.map(name => `${name} never worked`),
  ];
}

async function answerOf(k: TestKvflow, fn: ManifestFunction, input: unknown): Promise<Envelope | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const hangs = new Promise<undefined>(resolve => {
    timer = setTimeout(resolve, HANGS_MS, undefined);
  });
  const envelope = await Promise.race([
    k.invoke(fn.name, input, { timeoutMs: LONGER[fn.name] ?? TIMEOUT_MS }),
    hangs,
  ]);
  clearTimeout(timer);
  return envelope;
}

/** Codes that any function may answer with. */
const COMMON = ['INVALID_INPUT', 'UNAVAILABLE', 'TIMEOUT', 'FORBIDDEN', 'UNSUPPORTED', 'RATE_LIMITED'];

function faultOf(fn: ManifestFunction, envelope: Envelope, input: unknown): string | undefined {
  if (!isFailure(envelope)) return undefined;
  const { code, message, retryable, errors = [] } = envelope.error;
  if (code === 'INTERNAL') return `INTERNAL ${message}`;
  if (![...fn.errors, ...COMMON].includes(code)) return `${code}, which its schema does not name`;
  if (ERRORS[code].status !== envelope.status_code) return `${code} with status ${envelope.status_code}`;
  if (ERRORS[code].retryable && !retryable) return `${code} that is not retryable`;
  if (
    !message ||
    /undefined|\[object|NaN/.test(code === 'SCRIPT_ERROR' ? '' : message.replaceAll(/"[^"]*"/g, ''))
  )
    return `says "${message}"`;
  const wrong = errors.find(({ pointer }) => placeOf(pointer, input, fn.input) !== pointer);
  return wrong && `points to "${wrong.pointer}", which neither its input nor its schema has`;
}

/** Buckets and items for the calls to meet; what is there already stays. */
async function prepare(k: TestKvflow): Promise<void> {
  const make = async (bucket: string, options: object) => {
    await k.invoke('kv-bucket-create', { bucket, ...options });
    await k.invoke('kv-bucket-update', { bucket, max_bytes: -1, max_value_size: -1, ttl: 0, ...options });
  };
  await Promise.all([
    make('plain', { key_ttl: true }),
    make('past', { history: 5, key_ttl: true }),
    k.invoke('kv-bucket-create', { bucket: 'coded', key_encoding: 'base64' }),
    make('small', { max_bytes: 20_000, max_value_size: 100 }),
  ]);
  const items = {
    n: '1',
    json: '{"a":{"b":1},"list":[1],"n":1}',
    list: '[1,2]',
    text: 'text',
    a: 'x',
    'a.b': 'y',
  };
  const puts = ['plain', 'past', 'coded'].flatMap(bucket =>
    Object.entries(items).map(([key, value]) => k.invoke('kv-key-put', { bucket, key, value })),
  );
  await Promise.all(puts);
}

/** Functions that never did what they are there for: of those the validator alone was tried. */
function neverWorked(codes: Map<string, number>): string[] {
  return all.filter(({ name }) => !codes.has(`${name} ok`)).map(({ name }) => name);
}

/** Each function with the milliseconds that a call of it took, how many of a hundred worked, and what the others were answered. */
function shares(codes: Map<string, number>, times: Map<string, number>): string {
  const lines = all.map(({ name }) => {
    const its = [...codes].filter(([id]) => id.startsWith(`${name} `));
    const total = its.reduce((sum, [, count]) => sum + count, 0);
    const others = its.map(([id, count]) => `${id.slice(name.length + 1)} ${count}`).sort();
    const ok = Math.round((100 * (codes.get(`${name} ok`) ?? 0)) / total);
    return `${name}: ${Math.round((times.get(name) ?? 0) / total)} ms, ${ok} % worked; ${others.join(', ')}`;
  });
  return lines.join('\n');
}
