import type { Call } from '../../../core/call.ts';
import type { KvEndsTold } from '../../../core/ports/watches.ts';
import type { StreamConfig, StreamInfo } from '../../stream-types.ts';
import { compactedOf } from '../bucket/compacted.ts';
import { mayHaveUnmarked } from '../bucket/ends-options.ts';
import type { BucketHandle } from '../bucket/handles.ts';
import { serverNow } from '../bucket/server-clock.ts';
import { createConsumer, endConsumer } from './consumers.ts';

/**
 * What is left where a value ends: `none`: no value ends. `kept`: with history a marker was stored before the value, and stays (nothing
 * is stored at the end itself). `passing`: the server leaves a marker (ADR-48), which ends too. `silent`: nothing, or not of every value.
 */
export type EndsKind = 'none' | 'kept' | 'passing' | 'silent';

export const YEAR_MS = 31_536_000_000;
/** How well the server's clock is known, generously. */
const CLOCK_MS = 100;
const NS_PER_MS = 1_000_000;
/** From the question whether a marker is gone until it is read: generously. */
const OPENING_MS = 500;
/** No value has a shorter life: the server ends them in whole seconds. */
const MARKER_MS = 1_000;
/** What is written meanwhile makes a count vague: it is taken again. */
const COUNTS = 5;

/** A mirror has the markers of its origin, and a ttl of its own, by which nothing is left. */
export function endsKind({ config, origin }: BucketHandle): EndsKind {
  const { allow_msg_ttl, max_msgs_per_subject, max_age, subject_delete_marker_ttl } = origin.config;
  const keepsOne = max_msgs_per_subject === 1;
  const ages = max_age || config.max_age;
  if (allow_msg_ttl && !keepsOne && !ages && !mayHaveUnmarked(origin.config)) return 'kept';
  // With history what ends by a ttl of its own has its marker below it: the server leaves none, and this one ends by the bucket's ttl.
  if (subject_delete_marker_ttl && keepsOne && !(config.mirror && config.max_age)) return 'passing';
  return config.max_age || allow_msg_ttl ? 'silent' : 'none';
}

/** How long a marker of the server is there, in milliseconds: it ends by the bucket's ttl too. */
function markerMs({ config, origin }: BucketHandle): number {
  const lives = [origin.config.subject_delete_marker_ttl, origin.config.max_age, config.max_age];
  return Math.min(...lives.filter(life => life !== undefined && life > 0).map(Number)) / NS_PER_MS;
}

/**
 * Whether values may have ended of which nothing is left, while an open watch that has told all up to a revision heard nothing for so long:
 * its server was away, or nobody asked it.
 */
export async function mayHavePassed(
  call: Call,
  handle: BucketHandle,
  { after, unheardMs }: { after: number; unheardMs: number },
): Promise<boolean> {
  const kind = endsKind(handle);
  if (kind === 'passing') return isPassed(handle, unheardMs) && (await areSomeGone(call, handle, after));
  // What ends in the order in which it was written is told by its time.
  return kind === 'silent' && handle.origin.config.allow_msg_ttl === true && unheardMs > MARKER_MS
    ? await areSomeGone(call, handle, after)
    : false;
}

function isPassed(handle: BucketHandle, unheardMs: number): boolean {
  return unheardMs + OPENING_MS >= markerMs(handle);
}

/** Before this, in milliseconds since 1970 by the server's clock, nothing ends of what a stream has; undefined: not known. */
export function firstEndOf(handle: BucketHandle, first: string | undefined): number | undefined {
  const { max_age } = handle.config;
  if (!max_age || handle.origin.config.allow_msg_ttl) return undefined;
  const oldest = Date.parse(first ?? '');
  const now = serverNow(handle);
  return (oldest > 0 ? Math.min(oldest, now - CLOCK_MS) : now - CLOCK_MS) + max_age / NS_PER_MS - 1;
}

/** Where a watch stood, and how the stream stands now. */
export interface StoodAt {
  after: number;
  told: KvEndsTold | undefined;
  config: StreamConfig;
  state: StreamInfo['state'];
}

/** Whether values may have ended since a watch stood somewhere of which nothing is left to tell it. */
export async function mayHaveMissed(
  call: Call,
  handle: BucketHandle,
  { after, told, state, config }: StoodAt,
): Promise<boolean> {
  const kind = endsKind(handle);
  if (areMarkersGone(handle, { after, told, state, config })) return true;
  if (!told) return false;
  const since = serverNow(handle) - told.ended;
  if (kind === 'passing') return isPassed(handle, since) && (await areSomeGone(call, handle, after));
  if (kind !== 'silent') return false;
  // With the bucket's ttl alone what is older ends before what is newer.
  if (!handle.origin.config.allow_msg_ttl) {
    const isFirstThere = state.first_seq <= (told.endedRevision ?? 0);
    return since > 0 ? !isFirstThere : state.last_seq > after && state.first_seq > after + 1;
  }
  // What was written since may have ended too.
  return since > 0 || (await areSomeGone(call, handle, after));
}

/**
 * The same once what was written since was read: some of what was there when it was first asked may have ended before. Where values end
 * in the order in which they were written, the ends themselves tell it.
 */
export async function mayHaveEndedUnread(
  call: Call,
  handle: BucketHandle,
  { after, told }: { after: number; told: KvEndsTold },
): Promise<boolean> {
  const kind = endsKind(handle);
  const isUnsure =
    kind === 'passing'
      ? serverNow(handle) - told.ended >= markerMs(handle)
      : kind === 'silent' && handle.origin.config.allow_msg_ttl === true;
  return isUnsure && (await areSomeGone(call, handle, after));
}

/** Whether markers were dropped by kv-bucket-compact that the watch was not told of. */
function areMarkersGone(handle: BucketHandle, { after, told, config }: StoodAt): boolean {
  const compacted = compactedOf(config);
  const kind = endsKind(handle);
  if (!compacted) return false;
  // The marker of a value that ended is older than its end.
  if (kind === 'kept') return told !== undefined && told.ended < compacted.at;
  if (after >= compacted.revision) return false;
  if (!told) return kind === 'none';
  const stood = kind === 'silent' ? told.ended - (handle.config.max_age ?? Infinity) / NS_PER_MS : told.ended;
  return stood < compacted.at;
}

/** Whether some of what was written after a revision is gone: written again, or ended. In doubt they are. */
async function areSomeGone(call: Call, handle: BucketHandle, after: number): Promise<boolean> {
  for (let tries = 0; tries < COUNTS; tries++) {
    const before = await lastOf(call, handle);
    if (before <= after) return false;
    const there = await countFrom(call, handle, after + 1);
    if (before - after > there) return true;
    if ((await lastOf(call, handle)) === before) return false;
  }
  return true;
}

async function lastOf(call: Call, { api, stream }: BucketHandle): Promise<number> {
  return (await api.streamInfo(call, stream)).state.last_seq;
}

async function countFrom(call: Call, handle: BucketHandle, opt_start_seq: number): Promise<number> {
  const consumer = await createConsumer(call, handle, {
    deliver_policy: 'by_start_sequence',
    opt_start_seq,
    headers_only: true,
  });
  void endConsumer(handle, consumer);
  return consumer.begins;
}
