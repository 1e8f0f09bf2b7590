import { PackError } from '../../../contract/errors.ts';
import type { JsonLines } from '../../core/json-lines.ts';
import type { ScriptFetchRequest } from '../../core/scripts.ts';
import type { KvRun, KvValue } from '../kv/transaction.ts';
import type { ScriptFault } from '../types.ts';
import type { BlockRecord } from './block-record.ts';
import type { Definition } from './definition.ts';
import type { CpuMeter } from './lane-cpu.ts';
import type { EventRecord } from './records.ts';

/** One event on its way through the sandbox, or a block of them. Plain data: there are many, and each costs. */
export interface Attempt {
  call: Call;
  index: number;
  seq: number;
  json: string;
  /** Of a block: how many events it has, each on a line of its own. */
  size: number | undefined;
  /** Of a block that came as bytes: what else is in `json`. */
  bytes: Buffer | undefined;
  definition: Definition;
  /** Workers that ended under it with nobody to blame. */
  deaths: number;
  /** Was in a worker that was killed: runs alone, so that the culprit is known. */
  suspect: boolean;
  settled: boolean;
  /** `$kv` reads of the run under way, and conflicts so far. */
  reads: number;
  conflicts: number;
  kv: KvRun<Attempt> | undefined;
  /** JSON of where the event came from, for scripts that ask. */
  geo: string | undefined;
  /** Who sends it to a worker again. */
  lane: AttemptLane | undefined;
}

/** What an attempt asks of the lane it is in. */
export interface AttemptLane {
  /** Runs it once more. */
  again(attempt: Attempt): void;
  /** A call ended early: forgets its attempts, in the worker too. */
  drop(): void;
}

/** What the events of one call have in common. */
export interface Call {
  /** Its events as they came, where they are wanted as JSON, not as values. */
  lines: JsonLines | undefined;
  /** Its events are wanted as JSON. */
  asText: boolean;
  /** What comes of its blocks is wanted as bytes. */
  asBytes: boolean;
  /** What a read of the script gets, a promise where it is not known at once. Throws or rejects with a PackError. */
  read(attempt: Attempt, key: string): KvValue | Promise<KvValue>;
  /** The worker's record. `again`: the event has to run once more; `restarted`: it already does. */
  accept(attempt: Attempt, record: EventRecord): Accepted | Promise<Accepted>;
  fail(attempt: Attempt, fault: ScriptFault): void;
  /** Its run has ended with its worker: frees the keys that it holds. */
  freeKeys(attempt: Attempt): void;
  /** A block is done, and nothing of it has to be stored. */
  acceptBlock(attempt: Attempt, record: BlockRecord | ScriptFault): void;
  /** The events of a block, to be run one by one from now on. */
  split(attempt: Attempt): Attempt[];
  /** What a fetch of the script gets: JSON of the answer. Rejects with what the script is told. */
  fetch(attempt: Attempt, request: ScriptFetchRequest): Promise<string>;
  /** Tells the author of the script something. */
  warn(text: string): void;
  /** Takes the bytes of a result from what the call may hold; the fault where that is used up. */
  spend(bytes: number): ScriptFault | undefined;
  /** Pays for the time that its scripts have the processor. */
  cpu: CpuMeter;
}

/** What came of a record. */
export type Accepted = 'done' | 'again' | 'restarted';

const NEVER = new Promise<never>(() => {});

/** What an attempt that is done still may be asked. */
export const SETTLED: Call = {
  lines: undefined,
  asText: false,
  asBytes: false,
  read: () => NEVER,
  fetch: () => NEVER,
  accept: () => 'done',
  fail: () => {},
  freeKeys: () => {},
  acceptBlock: () => {},
  split: () => [],
  warn: () => {},
  spend: () => undefined,
  cpu: { spend: () => {}, close: () => {} },
};

/** One that has not begun. */
export function newAttempt(
  call: Call,
  definition: Definition,
  {
    json,
    index,
    seq,
    size,
    bytes,
  }: Pick<Attempt, 'json' | 'index' | 'seq'> & Partial<Pick<Attempt, 'size' | 'bytes'>>,
): Attempt {
  return {
    call,
    index,
    seq,
    json,
    size,
    bytes,
    definition,
    deaths: 0,
    suspect: false,
    settled: false,
    reads: 0,
    conflicts: 0,
    kv: undefined,
    geo: undefined,
    lane: undefined,
  };
}

/** The error of a PackError as a script's caller sees it; anything else stays unnamed. */
export function faultOf(error: unknown): ScriptFault {
  if (error instanceof PackError) return { code: error.code, message: error.message };
  return { code: 'UNAVAILABLE', message: '$kv: the key-value store did not answer.' };
}

/** What a script is told of a fetch that failed. */
export function fetchFaultOf(error: unknown): ScriptFault {
  if (error instanceof PackError) return { code: error.code, message: error.message };
  return { code: 'UNAVAILABLE', message: 'the request failed' };
}

/**
 * It is done. A map that much goes through leaves old tables behind, which the garbage collector finds late: what is done
 * holds on to nothing large.
 */
export function release(attempt: Attempt): void {
  attempt.settled = true;
  attempt.json = '';
  attempt.bytes = undefined;
  attempt.call = SETTLED;
  attempt.kv = undefined;
}

/** How many events it is. */
export function eventsOf({ size = 1 }: Attempt): number {
  return size;
}

/** How long its text is. */
export function lengthOf({ json, bytes }: Attempt): number {
  return (bytes ?? json).length;
}
