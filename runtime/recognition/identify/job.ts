import { PackError } from '../../../contract/errors.ts';
import type { Call } from '../../core/call.ts';
import type { Destination } from '../../core/destinations.ts';
import type { KvStore } from '../../core/ports/kv-store.ts';
import type { DestinationStats } from '../../core/recognition-stats.ts';
import type { Versions } from '../amend/version.ts';
import type { Classified } from '../event/classify.ts';
import type { Json } from '../event/nodes.ts';
import type { Evictions } from '../remember/evictions.ts';
import type { ReadSettings } from '../settings.ts';
import type { Fitting } from '../state/fitting.ts';

/** One event of a call. */
export interface Item {
  /** Its place in the call's input. */
  index: number;
  /** As it now stands: with the identity put in once it is recognized. */
  event: Json;
  /** As it came, as JSON text: made once, stored in several places. */
  json: string;
  what: Classified;
  /** Key of the visitor, where it has one. */
  visitor?: string;
  /** Stands for the event; with the visitor's key, the key it is remembered under. */
  token: string;
  /** When it happened, in milliseconds since 1970: by its own words, else when it arrived. */
  time: number;
  /** It said so itself. */
  isTimed: boolean;
  /** Of the remembered event. */
  revision?: number;
  /** It cannot be stored or loaded: told in `failed`, and left out from then on. */
  failed?: true;
}

/** Events by their visitor, and by the token that stands for each: several where a call has one twice. */
export type OwnEvents = ReadonlyMap<string, ReadonlyMap<string, Item[]>>;

/** Part of a call that is done, and done again after a crash, as a whole. */
export interface Job {
  items: Item[];
  /** When the call began, in milliseconds since 1970. */
  at: number;
  /** Somebody began it before: what is done already is not known. */
  redo: boolean;
}

/** Everything that the steps of a job share. */
export interface JobContext {
  call: Call;
  /** The same for the warehouse: always one object, by which it knows what belongs together. */
  warehouseCall: Call;
  kv: KvStore;
  /** For writes to the bucket of events, which somebody may have made too small for them. */
  fitting: Fitting;
  settings: ReadSettings;
  /** Undefined: recognized events are answered instead of written. */
  destination: Destination | undefined;
  versions: Versions;
  evictions: Evictions;
  stats: DestinationStats;
  outcome: Outcome;
  /** How many recognized earlier events the answer has room for: beyond them none is read for it. */
  mostAnswered: number;
  /** The job's own events. */
  own: OwnEvents;
  /** Visitors whose rows this job amended, by the mapping that said who they are. */
  amended: Map<string, number>;
  /** Visitors, and events without one, whose rows somebody holds: they are finished later, and cost nobody else. */
  postponed: Map<string | Item, PackError>;
  /** Told of each step that is behind us: for tests, which end the process there. */
  step(name: Step): void | Promise<void>;
}

/** Steps of a job, by what has just been done. */
export type Step =
  | 'write-ahead'
  | 'remember'
  | 'mapping'
  | 'load'
  | 'list'
  | 'restore'
  | 'intent'
  | 'amend'
  | 'audit'
  | 'evict';

/** What a call came to so far. */
export interface Outcome {
  loaded: number;
  remembered: number;
  recognized: number;
  amended: number;
  failed: Failed[];
  /** Earlier events that were recognized, by the token of the event that named the visitor. */
  earlier: Map<string, Json[]>;
  /** How many there are in `earlier`. */
  answered: number;
  /** How many recognized events there are beyond those in `earlier`. */
  leftOut: number;
  /** Without a destination: there are more recognized events than an answer holds. */
  unfinished: boolean;
}

/** An event that could not be stored; without an index it is an earlier one. */
export interface Failed {
  index?: number;
  error: PackError;
  /** As it came: where it is to be kept as a dead letter. */
  event?: Json;
  /** Stands for it. */
  token?: string;
}

/** Room for the answer of a warehouse that does not answer: a call must still be able to say so. */
const ANSWER_MS = 500;
const away = new WeakSet<PackError>();

/** How long a call's warehouse may take. */
export function toWarehouse({ deadline }: Call): Call {
  return { deadline: deadline - ANSWER_MS };
}

/** What a call of the warehouse for rows comes to; where all of them are held, that is said of each. */
export async function heldAlone<T>(
  rows: number,
  work: Promise<T[] | undefined>,
  held: (error: PackError) => T,
) {
  try {
    return await work;
  } catch (error) {
    if (!isHeld(error)) throw error;
    return Array.from({ length: rows }, () => held(error));
  }
}

/** Calls the warehouse. That it is out of reach is told from NATS being so by {@link isAway}. */
export async function atWarehouse<T>(
  ctx: JobContext,
  work: (destination: Destination, call: Call) => Promise<T>,
): Promise<T | undefined> {
  if (!ctx.destination) return undefined;
  try {
    return await work(ctx.destination, ctx.warehouseCall);
  } catch (error) {
    if (error instanceof PackError && isOutOfReach(error)) away.add(error);
    throw error;
  }
}

/** A row that somebody holds says nothing of the warehouse. */
function isOutOfReach({ code, details }: PackError): boolean {
  return (code === 'UNAVAILABLE' || code === 'TIMEOUT') && details.locked !== true;
}

/** Whether a row is held by somebody: it is tried again later. */
export function isHeld(error: unknown): error is PackError {
  return error instanceof PackError && error.details.locked === true;
}

/** Whether the error says that the warehouse is out of reach. */
export function isAway(error: unknown): error is PackError {
  return error instanceof PackError && away.has(error);
}

/** Nothing yet. */
export function noOutcome(): Outcome {
  return {
    loaded: 0,
    remembered: 0,
    recognized: 0,
    amended: 0,
    failed: [],
    earlier: new Map(),
    answered: 0,
    leftOut: 0,
    unfinished: false,
  };
}

/** Takes an event out of what follows. */
export function fail(ctx: JobContext, item: Item, error: PackError): void {
  item.failed = true;
  ctx.stats.failed += 1;
  ctx.outcome.failed.push({ index: item.index, error, event: item.event, token: item.token });
}

/** Nanoseconds that events and mappings are kept. */
export function windowOf({ lookbackMinutes }: Pick<ReadSettings, 'lookbackMinutes'>): number {
  return lookbackMinutes * 60_000_000_000;
}
