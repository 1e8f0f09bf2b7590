import { PackError } from '../../contract/errors.ts';
import { MAX_ROWS } from '../core/destinations.ts';
import { pipelined } from '../core/pipeline.ts';
import type { KvEntry, KvMarker } from '../core/ports/items.ts';
import { isEntry } from '../core/ports/items.ts';
import { isTooLarge, putPacked, unpack } from '../core/state/pack.ts';
import type { Json } from './event.ts';
import { fieldsOf, isListOf, isObject, isText, isTime } from './event.ts';
import type { Item, JobContext } from './job.ts';
import { fail } from './job.ts';
import { visitorIn } from './keys.ts';
import { windowOf } from './settings.ts';
import { putAll } from './state.ts';
import type { NodeValue } from './who/identity.ts';
import { isNamed } from './who/logins.ts';

/** An anonymous event as it is kept: with all that amending its row takes. */
export interface Remembered {
  table: string;
  primary_key_fields: string[];
  event: Json;
  /** When it happened, or arrived, in milliseconds since 1970. Missing in what a build before wrote. */
  at?: number;
  /** Of `event` only the primary key is known, and the outline of its note: its row is amended, and never made. */
  key_only?: true;
  /** Without a destination: who it was answered as, and the event that named the visitor. */
  recognized?: { identity: NodeValue[]; by: string };
}

/** A remembered event with its place in the bucket. */
export interface Listed {
  key: string;
  visitor: string;
  token: string;
  revision: number;
  remembered: Remembered;
  /** When it was written, in milliseconds since 1970. */
  writtenAt: number;
  /** RFC 3339. */
  expiresAt?: string;
}

const LARGE_IN_FLIGHT = 16;

/** Writes events down of whose user not all is known, each once however often the call has it. The later one stands. */
export async function remember(ctx: JobContext, items: readonly Item[]): Promise<void> {
  const byKey = new Map<string, Item>();
  for (const item of items) {
    const key = `${item.visitor}.${item.token}`;
    const before = byKey.get(key);
    if (before && !before.isTimed && !item.isTimed) item.time = Math.min(item.time, before.time);
    byKey.set(key, item);
  }
  const head = `{"table":${JSON.stringify(ctx.settings.table)},"primary_key_fields":${JSON.stringify(ctx.settings.primaryKeyFields)},"event":`;
  const waiting = [...byKey].map(([key, item]) => ({
    key,
    item,
    // One that does not say when it happened, and is there already, happened when it arrived first.
    expectedRevision: item.isTimed ? undefined : 0,
  }));
  await rememberAll(ctx, waiting, head);
  for (const item of items) {
    const kept = byKey.get(`${item.visitor}.${item.token}`);
    if (kept?.revision !== undefined) item.revision = kept.revision;
    if (kept && !item.isTimed) item.time = kept.time;
    if (kept?.failed) item.failed = true;
  }
}

interface Waiting {
  key: string;
  item: Item;
  expectedRevision: number | undefined;
}

/**
 * Most are new, and written without a look. One that is there is written again, for another window and out of the reach of
 * those who are about to take it out; where others write it at the same moment, theirs does: however many calls have
 * the same events, each writes them twice at most.
 */
async function rememberAll(ctx: JobContext, all: readonly Waiting[], head: string): Promise<void> {
  for (let open = all; open.length > 0; ) {
    const puts = open.map(({ key, item, expectedRevision }) => ({
      key,
      value: textOf(head, item),
      ...(expectedRevision !== undefined && { expectedRevision }),
    }));
    const answers = await putAll(ctx, puts);
    const there: Waiting[] = [];
    const large: Waiting[] = [];
    for (const [index, one] of open.entries()) {
      const answer = answers[index];
      if (typeof answer === 'number') noteRemembered(ctx, one.item, answer);
      else if (answer?.code === 'REVISION_CONFLICT') there.push(one);
      else large.push(one);
    }
    await pipelined(large, LARGE_IN_FLIGHT, one => rememberLarge(ctx, one, head));
    open = await asFound(ctx, there);
  }
}

function textOf(head: string, { json, time }: Item): string {
  return `${head}${json},"at":${time}}`;
}

function noteRemembered({ outcome }: JobContext, item: Item, revision: number): void {
  item.revision = revision;
  if (item.what.kind === 'anonymous') outcome.remembered += 1;
}

/** One that does not fit as it is. */
async function rememberLarge(ctx: JobContext, one: Waiting, head: string): Promise<void> {
  const { item, key } = one;
  const { kv, call, settings } = ctx;
  const write = { bucket: settings.bucket, key, ttl: windowOf(settings) };
  for (let { expectedRevision } = one; ; ) {
    const expected = expectedRevision === undefined ? {} : { expectedRevision };
    try {
      const packed = { ...write, value: textOf(head, item), ...expected };
      return noteRemembered(ctx, item, await ctx.fitting(() => putPacked(kv, call, packed)));
    } catch (error) {
      if (isTooLarge(error)) return fail(ctx, item, tooLarge(error));
      if (!(error instanceof PackError && error.code === 'REVISION_CONFLICT')) throw error;
      const [again] = await asFound(ctx, [{ ...one, expectedRevision }]);
      if (!again) return;
      ({ expectedRevision } = again);
    }
  }
}

/**
 * What is to be written over what is there: it happened when that arrived. Not what others have written since we looked,
 * where it arrived no later than ours.
 */
async function asFound(ctx: JobContext, all: readonly Waiting[]): Promise<Waiting[]> {
  if (all.length === 0) return [];
  const keys = all.map(({ key }) => key);
  const found = await ctx.kv.getMany(ctx.call, ctx.settings.bucket, keys);
  const again = all.map(async ({ key, item, expectedRevision }, index) => {
    const entry = found[index];
    if (!isEntry(entry)) return [{ key, item, expectedRevision: 0 }];
    const listed = await toListed(entry);
    const at = listed ? (listed.remembered.at ?? listed.writtenAt) : Number.POSITIVE_INFINITY;
    const isFresh = expectedRevision !== 0 && at <= item.time && !listed?.remembered.key_only;
    item.time = Math.min(item.time, at);
    if (!isFresh) return [{ key, item, expectedRevision: entry.revision }];
    noteRemembered(ctx, item, entry.revision);
    return [];
  });
  return (await Promise.all(again)).flat();
}

/** One remembered event; undefined where the item is none. */
export async function toListed(entry: KvEntry | KvMarker | undefined): Promise<Listed | undefined> {
  const remembered = isEntry(entry) ? await unpack(entry.value, isRemembered) : undefined;
  if (!isEntry(entry) || !remembered) return undefined;
  const visitor = visitorIn(entry.key);
  return {
    key: entry.key,
    visitor,
    token: entry.key.slice(visitor.length + 1),
    revision: entry.revision,
    writtenAt: Date.parse(entry.createdAt),
    remembered,
    ...(entry.expiresAt && { expiresAt: entry.expiresAt }),
  };
}

/** An event that does not even fit when compressed. */
export function tooLarge(cause: PackError): PackError {
  return new PackError(
    'VALUE_TOO_LARGE',
    `The event is too large to be kept, compressed too: ${cause.message}`,
    { details: cause.details, cause },
  );
}

/** Whether a stored value is a remembered event. */
export function isRemembered(value: unknown): value is Remembered {
  const { table, primary_key_fields, event, at, recognized } = fieldsOf(value);
  return (
    isText(table) &&
    isListOf(primary_key_fields, isText) &&
    isObject(event) &&
    (at === undefined || isTime(at)) &&
    (recognized === undefined || isNamed(recognized))
  );
}

/** What is remembered of some visitors, a batch at a time. */
export type RememberedEvents = ReturnType<typeof rememberedEvents>;

/** Where an event is. */
export interface Place {
  key: string;
  visitor: string;
  /** Stands for the event. */
  token: string;
}

/** How many visitors' keys are listed at once. */
const VISITORS = 16;

/**
 * Lists what is remembered of visitors as the leader has it, from the server's index of keys: listing a pattern with its
 * values makes the server look through the whole bucket. Only keys are held. It begins at once, and is always a batch
 * ahead of who asks.
 */
export function rememberedEvents(ctx: JobContext, visitors: Iterable<string>) {
  const waiting = [...visitors];
  let keys: Place[] = [];
  let ahead = list();
  ahead.catch(() => undefined);
  return {
    /** Where the next events are, at most 1,000; none after the last. May be asked again meanwhile. */
    next(): Promise<Place[]> {
      const batch = ahead;
      ahead = batch.then(list);
      // Who asks for the batch is told; that nobody does is no fault.
      ahead.catch(() => undefined);
      return batch;
    },
  };

  async function list(): Promise<Place[]> {
    while (keys.length < MAX_ROWS && waiting.length > 0) {
      keys = keys.concat(await keysOf(ctx, waiting.splice(0, VISITORS)));
    }
    return keys.splice(0, MAX_ROWS);
  }
}

async function keysOf({ kv, call, settings: { bucket } }: JobContext, visitors: string[]) {
  const listed = visitors.map(async visitor =>
    (await kv.keys(call, bucket, `${visitor}.*`)).map(key => ({
      key,
      visitor,
      token: key.slice(visitor.length + 1),
    })),
  );
  return (await Promise.all(listed)).flat();
}

/** The events that are still there, in the order they were written. */
export async function readEvents(
  { kv, call, settings: { bucket } }: JobContext,
  places: readonly Place[],
): Promise<Listed[]> {
  if (places.length === 0) return [];
  const keys = places.map(({ key }) => key);
  const found = await kv.getMany(call, bucket, keys);
  const listed = (await Promise.all(found.map(toListed))).filter(event => event !== undefined);
  return listed.sort((a, b) => a.revision - b.revision);
}
