/** What recognition works with, and what the steps of one call share. */

import { PackError } from '../../contract/errors.ts';
import type { Call } from '../core/call.ts';
import type { Destination, Destinations } from '../core/destinations.ts';
import { MAX_ROWS } from '../core/destinations.ts';
import type { KvStore } from '../core/ports/kv-store.ts';
import type { KvErase } from '../core/ports/writes.ts';
import type { Recognition } from '../core/recognition-port.ts';
import type { DestinationStats, Stats } from '../core/recognition-stats.ts';
import type { Json } from './event.ts';
import type { ReadSettings, RecognitionDefaults } from './settings.ts';
import type { Fitting, StateBuckets } from './state.ts';
import type { Classified } from './who/identity.ts';

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
  /** The job's own events, put in order when they are asked for first: most jobs look after none of them. */
  own(): OwnEvents;
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
  /** Of `event` no more is known than its key. */
  isKeyOnly?: true | undefined;
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

/** In batches: of so many rows as a warehouse takes at once, unless it is said otherwise. */
export function batchesOf<T>(all: readonly T[], most = MAX_ROWS): T[][] {
  return Array.from({ length: Math.ceil(all.length / most) }, (_, at) =>
    all.slice(at * most, (at + 1) * most),
  );
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

/** An event that is to be taken out of its bucket. */
export interface Eviction extends KvErase {
  /** Its row was amended by its key alone: what else must be known of it is written down first, by these settings. */
  noteFor?: ReadSettings | undefined;
}

/** Forgets events that are done with, when nothing else is to be done. */
export interface Evictions {
  /** Puts events into the queue. */
  later(events: readonly Eviction[]): void;
  /** Holds the queue while a call is running, unless it is long; answers what lets it go on. */
  hold(): () => void;
  /** Resolves when the queue has room: who fills it waits for it. */
  room(): Promise<void>;
  /** Resolves when the queue is empty. */
  idle(): Promise<void>;
  /** Drops the queue and resolves when nothing is under way. */
  close(): Promise<void>;
}

/** What a call works with. */
export interface CallParts extends Parts {
  buckets: StateBuckets;
  evictions: Evictions;
  /** Keys of entries that this process works on: its own reconciler leaves them alone. */
  running: Set<string>;
}

/** What recognition works with. */
export interface Parts {
  /** Where its state is: the main NATS, or USER_RECOGNITION_NATS_URL. */
  kv: KvStore;
  /** Where the log of administrative calls is. Default: nowhere. */
  log?: KvStore;
  destinations: Destinations;
  defaults: RecognitionDefaults;
  stats: Stats;
  /** Told of each step of a job that is behind us: for tests, which end the process there. */
  step?: ((name: Step) => void | Promise<void>) | undefined;
}

/** How one of recognition's calls is answered to a caller who may use the destination that it names. */
export type Answering<Name extends keyof Recognition> = (
  parts: CallParts,
  ...asked: Parameters<Recognition[Name]>
) => ReturnType<Recognition[Name]>;

/** What the reconciler tells whoever runs kvflow. */
export interface ReconcileLog {
  info(message: string): void;
  warn(message: string): void;
}

/**
 * Versions that order the writes of one row in warehouses that keep several (ClickHouse), whatever the order in which
 * they arrive: microseconds of the bucket's creation plus the revision of the event (for an amendment: of the event or
 * of the visitor's mapping, the later), times two, plus one for an amendment. A bucket that is made again begins later.
 */
interface Versions {
  /** Of an event that is not remembered and so never amended: the time its call began. */
  now(at: number): bigint;
  load(eventRevision: number): bigint;
  amend(eventRevision: number, mappingRevision: number): bigint;
}

/** Versions of one bucket, which was created at `createdAt` (RFC 3339). */
export function versionsOf(createdAt: string): Versions {
  const base = BigInt(Date.parse(createdAt)) * 1_000n;
  let last = { revision: 0, version: base * 2n };
  // Rows of one visitor mostly share a revision, and three large integers for each would be much to throw away.
  const load = (revision: number) => {
    if (revision !== last.revision) last = { revision, version: (base + BigInt(revision)) * 2n };
    return last.version;
  };
  return {
    now: at => BigInt(at) * 2_000n,
    load,
    amend: (event, mapping) => load(Math.max(event, mapping)) + 1n,
  };
}
