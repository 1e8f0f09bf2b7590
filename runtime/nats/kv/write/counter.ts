import type { MsgHdrs } from '@nats-io/transport-node';
import { headers as newHeaders } from '@nats-io/transport-node';
import { invalidField, PackError } from '../../../../contract/errors.ts';
import type { WrittenBy } from '../../../../contract/written-by.ts';
import type { KvCounter, KvIncrement } from '../../../core/ports/writes.ts';
import { aboutHeaders, withAbout } from '../headers/about.ts';
import { expiryHeaders, ownEnd } from '../headers/ends.ts';
import { setSteps, stepsOf } from '../headers/marks.ts';
import { isoTime } from '../read/read.ts';
import type { LastWritten } from './outgoing.ts';
import { tooLarge } from './refusals.ts';

/** A counter as it is stored. */
export interface Counter {
  /** Revision to write on; 0: nothing was ever written. */
  seq: number;
  /** Undefined: there is none, or it has ended. */
  value: number | undefined;
  /** Milliseconds since 1970, by the server's clock. */
  expiry: number | undefined;
  /** The last step of each process that counted lately, and when in seconds since 1970: `process=number@at,...`. */
  steps: string;
  /** Headers that belong to the item, such as its metadata. */
  about: ReturnType<typeof aboutHeaders>;
}

/** What steps make of a counter. */
export interface Counted {
  next: Counter;
  /** Whether any step was taken, so that there is something to write. */
  changed: boolean;
  /** One for each step, in order; the revision is known after the write. */
  answers: (Omit<KvCounter, 'revision'> | PackError)[];
}

/** A lost answer is asked for within seconds; after this a process is forgotten. */
const STEP_SECONDS = 600;
const MAX_PROCESSES = 64;

/** Reads a counter; throws NOT_A_NUMBER on what is no integer. */
export function readCounter(found: LastWritten | undefined, bucketTtl: number): Counter {
  if (!found) return { seq: 0, value: undefined, expiry: undefined, steps: '', about: [] };
  const steps = stepsOf(found.message);
  if (!found.live) return { seq: found.seq, value: undefined, expiry: undefined, steps, about: [] };
  const expiry = ownEnd(found.message, bucketTtl);
  const about = aboutHeaders(found.message);
  return { seq: found.seq, value: integerOf(found.message.data), expiry, steps, about };
}

function integerOf(data: Uint8Array): number {
  const text = Buffer.from(data).toString('utf8');
  const value = /^-?\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(value)) return value;
  throw new PackError(
    'NOT_A_NUMBER',
    'The value of the key is no integer from -9007199254740991 to 9007199254740991, so it cannot be counted on. Put an integer as text, such as "0", or take another key.',
  );
}

/** Number of the last step that a process took; 0: none lately. */
export function lastStep({ steps }: Counter, process: string): number {
  const entry = steps.split(',').find(step => step.startsWith(`${process}=`));
  return entry ? Number.parseInt(entry.slice(process.length + 1), 10) : 0;
}

function withStep(steps: string, { process, number, now }: Step): string {
  const at = Math.floor(now / 1000);
  const own = `${process}=${number}@${at}`;
  if (steps === '') return own;
  const others = steps.split(',').filter(step => {
    return !step.startsWith(`${process}=`) && Number(step.slice(step.indexOf('@') + 1)) > at - STEP_SECONDS;
  });
  return [...others.slice(-(MAX_PROCESSES - 1)), own].join(',');
}

/** A step of a process, at a moment of the server's clock in milliseconds since 1970. */
export interface Step {
  process: string;
  number: number;
  now: number;
}

/**
 * Takes the steps one after the other, at the moment `now` of the server's clock. A step whose number has more than
 * `mostBytes` digits (-1: no limit) is answered VALUE_TOO_LARGE, and those behind it go on from the number before.
 */
export function applySteps(
  counter: Counter,
  steps: KvIncrement[],
  { now, mostBytes }: { now: number; mostBytes: number },
): Counted {
  const ended = counter.expiry !== undefined && counter.expiry <= now;
  let value = ended ? undefined : counter.value;
  let expiry = ended ? undefined : counter.expiry;
  let changed = false;
  const answers = steps.map(step => {
    const base = value ?? step.initial;
    const next = base + step.by;
    if (!Number.isSafeInteger(next))
      return invalidField('/by', 'would leave the range of exact integers (2^53 - 1)');
    const applied = next >= (step.min ?? next) && next <= (step.max ?? next);
    const size = String(next).length;
    if (applied && mostBytes >= 0 && size > mostBytes) return tooLarge(size, mostBytes);
    if (applied) {
      if (value === undefined)
        expiry = step.ttl === undefined ? undefined : Math.round(now + step.ttl / 1_000_000);
      value = next;
      changed = true;
    }
    return {
      value: applied ? next : base,
      applied,
      ...(expiry !== undefined && { expiresAt: isoTime(expiry) }),
    };
  });
  const about = ended ? [] : counter.about;
  return { next: { seq: counter.seq, value, expiry, steps: counter.steps, about }, changed, answers };
}

/** A counter as it is written, with the step that this process takes and who takes it. */
export function encodeCounter(
  counter: Counter,
  step: Step,
  by?: WrittenBy,
): { value: Uint8Array; headers: MsgHdrs } {
  const headers = counter.expiry === undefined ? newHeaders() : expiryHeaders(counter.expiry, step.now);
  counter.steps = withStep(counter.steps, step);
  setSteps(headers, counter.steps);
  for (const [name, text] of counter.about) headers.append(name, text);
  withAbout(headers, { by });
  return { value: Buffer.from(String(counter.value)), headers };
}
