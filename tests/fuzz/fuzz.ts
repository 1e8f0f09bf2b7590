import { ERRORS } from '../../contract/errors.ts';
import type { Envelope } from '../../runtime/core/envelope.ts';
import { isFailure } from '../../runtime/core/envelope.ts';
import type { ManifestFunction } from '../../runtime/core/manifest.ts';
import { placeOf } from '../../runtime/core/place-faults.ts';
import { PATIENCE } from '../support/patience.ts';
import { createRandom } from '../support/random.ts';
import { createInputs } from './inputs.ts';
import { changedBy, PREPARED, prepareBucket, prepareItems, prepareOnce, tidy } from './prepare.ts';
import type { World } from './world.ts';

/** What came of it. */
export interface Fuzzed {
  /** What went wrong, the first of each kind. */
  faults: string[];
  /** Of each function how many calls worked, of how many. */
  worked: Map<string, { ok: number; calls: number }>;
  /** Each function with the milliseconds that a call of it took, how many of a hundred worked, and what the others were answered. */
  told: string;
}

/** How it is done. */
export interface Fuzzing {
  functions: readonly ManifestFunction[];
  /** Calls of each. */
  runs: number;
  seed: number;
  atOnce: number;
}

/** What a call may take; what answers later than this much beyond hangs. */
const TIMEOUT_MS = 400;
/** A process of its own, a connection, or a copy of a bucket takes its time on a busy machine. */
const LONGER: Record<string, number> = {
  'warehouse-query': 3_000,
  'kv-bucket-send': 3_000,
  'kv-bucket-clone': 3_000,
};
const HANGS_MS = 20_000 * PATIENCE;
/** After so many calls items are put again. */
const PREPARED_CALLS = 100;

/** Calls each function so many times, several at once and all mixed, so that each meets what the others left. */
export async function fuzz(
  { k, values }: World,
  { functions, runs, seed, atOnce }: Fuzzing,
): Promise<Fuzzed> {
  const random = createRandom(seed);
  const inputs = createInputs(random, values);
  const faults = new Map<string, string>();
  const codes = new Map<string, number>();
  const times = new Map<string, number>();
  const order: ManifestFunction[] = [];
  let calls = 0;
  const next = () => {
    // Each as often as the others, in another order each time.
    if (order.length === 0) order.push(...shuffled(functions, random.next));
    return order.pop() as ManifestFunction;
  };
  const lane = async () => {
    while (calls < runs * functions.length) {
      const call = calls++;
      // The answers of calls at once come in any order: what the next is made of is not to hang on that.
      random.restart(seed + call);
      const fn = next();
      const input = inputs.of(fn);
      if (call % PREPARED_CALLS === 0) await Promise.all(PREPARED.map(bucket => prepareItems(k, bucket)));
      const began = Date.now();
      const envelope = await answerOf(k, fn, input);
      times.set(fn.name, (times.get(fn.name) ?? 0) + Date.now() - began);
      const code = envelope && isFailure(envelope) ? envelope.error.code : 'ok';
      codes.set(`${fn.name} ${code}`, (codes.get(`${fn.name} ${code}`) ?? 0) + 1);
      const fault = envelope ? faultOf(fn, envelope, input) : 'hangs';
      if (fault && !faults.has(`${fn.name}: ${fault}`)) {
        faults.set(`${fn.name}: ${fault}`, JSON.stringify(input).slice(0, 800));
      }
      if (!envelope || isFailure(envelope)) continue;
      inputs.learn(fn.name, envelope.data, input);
      const changed = changedBy(fn.name, input);
      if (changed !== undefined) await prepareBucket(k, changed);
      await tidy(k, fn.name, input);
    }
  };
  await prepareOnce(k);
  await Promise.all(Array.from({ length: atOnce }, lane));
  const worked = functions.map(
    ({ name }) => [name, { ok: codes.get(`${name} ok`) ?? 0, calls: runs }] as const,
  );
  return {
    faults: [...faults].map(([fault, input]) => `${fault}\n  ${input}`),
    worked: new Map(worked),
    told: functions.map(({ name }) => told(name, codes, times)).join('\n'),
  };
}

async function answerOf(k: World['k'], fn: ManifestFunction, input: unknown): Promise<Envelope | undefined> {
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

function told(name: string, codes: ReadonlyMap<string, number>, times: ReadonlyMap<string, number>): string {
  const its = [...codes].filter(([id]) => id.startsWith(`${name} `));
  const total = its.reduce((sum, [, count]) => sum + count, 0);
  const others = its.map(([id, count]) => `${id.slice(name.length + 1)} ${count}`).sort();
  const ok = Math.round((100 * (codes.get(`${name} ok`) ?? 0)) / total);
  return `${name}: ${Math.round((times.get(name) ?? 0) / total)} ms, ${ok} % worked; ${others.join(', ')}`;
}

function shuffled<T>(all: readonly T[], next: () => number): T[] {
  return all
    .map(one => ({ one, at: next() }))
    .sort((a, b) => a.at - b.at)
    .map(({ one }) => one);
}
