/** Items of queues that were put aside: found, pushed again, given up. Each is where its queue is, and changes in one commit. */

import { invalidField, PackError } from '../../contract/errors.ts';
import { answerBytesOf } from './call.ts';
import type { FunctionContext } from './define-function.ts';
import { pipelined } from './pipeline.ts';
import type { KvEntry } from './ports/items.ts';
import { isEntry } from './ports/items.ts';
import type { KvOperation } from './ports/transactions.ts';
import { unlessChanged } from './queue.ts';
import { canBeLeased, itemKey, readStored } from './queue-items.ts';
import { readValue } from './values.ts';

/** Which of them. */
export interface DeadChoice {
  bucket: string;
  /** Default: all queues of the bucket whose names have at most eight parts. */
  queue?: string | undefined;
  /** Only the one of this key. */
  key?: string | undefined;
  /** At most so many. */
  limit: number;
  /** Only those of keys behind it. */
  cursor?: string | undefined;
}

/** An item that was put aside. */
export interface DeadItem {
  key: string;
  queue: string;
  id: string;
  /** Its value as text, or as base64 where it is no text. */
  value: string;
  encoding?: 'base64';
  /** How often it was taken. */
  tries: number;
  code: DeadReason;
  message: string;
  /** RFC 3339: when it was put aside. */
  at: string;
  /** RFC 3339: when it ends, where its bucket has an end for what is in it. */
  expiresAt?: string;
  entry: KvEntry;
}

/** Why an item was put aside. */
export type DeadReason = 'TOO_MANY_TRIES' | 'NO_TEXT' | 'KEY_TOO_LONG';

/** In the order of their keys; `cursor` where there may be more. */
export interface DeadPage {
  items: DeadItem[];
  cursor?: string;
}

const DEEPEST_QUEUE = 8;
const IN_FLIGHT = 16;
const KEY = /^(.+)\.dead\.([^.]+)$/s;

/** Throws KEY_NOT_FOUND of a key that is asked for, INVALID_INPUT of a cursor that none was, BUCKET_NOT_FOUND. */
export async function findDead(ctx: FunctionContext, choice: DeadChoice): Promise<DeadPage> {
  const { bucket, queue, key, limit, cursor } = choice;
  const fits = (asked: string) => placeOf(asked) !== undefined && (!queue || placeOf(asked)?.queue === queue);
  if (cursor !== undefined && !fits(cursor))
    throw invalidField('/cursor', 'must be the cursor that a call before has answered');
  const keys = key === undefined ? await keysOf(ctx, bucket, queue) : [key].filter(fits);
  const behind = keys.filter(each => cursor === undefined || each > cursor).sort();
  const page: DeadPage = { items: [] };
  for (let from = 0; from < behind.length && page.items.length < limit; ) {
    const together = behind.slice(from, from + limit - page.items.length);
    const read = await readFirst(ctx, bucket, together);
    page.items.push(...read.found.filter(isEntry).flatMap(entry => toDead(entry) ?? []));
    from += read.found.length;
    const last = behind[from - 1];
    if (from < behind.length && last !== undefined) page.cursor = last;
    else delete page.cursor;
    if (read.isFull) break;
  }
  if (key === undefined || page.items.length > 0) return page;
  throw new PackError('KEY_NOT_FOUND', `There is no item ${JSON.stringify(key)} that was put aside.`);
}

/** The first of the items, at least one, and whether there was room for all. */
async function readFirst(ctx: FunctionContext, bucket: string, keys: string[]) {
  const { found, leftOut } = await ctx.kv.getManyWithin(ctx, bucket, keys, answerBytesOf(ctx));
  const room = leftOut.length === 0 ? keys.length : Math.min(...leftOut.map(key => keys.indexOf(key)));
  if (room > 0) return { found: found.slice(0, room), isFull: room < keys.length };
  // The later ones had all the room.
  return { found: await ctx.kv.getMany(ctx, bucket, keys.slice(0, 1)), isFull: keys.length > 1 };
}

/** What came of pushing items again. */
export interface Repushed {
  pushed: number;
  /** Stay where they are, and why. */
  failures: { key: string; code: string; message: string }[];
}

/** Pushes items again under their ids, with no tries behind them. One that changed meanwhile stays as it is. */
export async function pushAgain(
  ctx: FunctionContext,
  bucket: string,
  items: readonly DeadItem[],
): Promise<Repushed> {
  const failures: Repushed['failures'] = [];
  await pipelined([...items], IN_FLIGHT, async item => {
    const { key, queue, id, entry, value, code } = item;
    const why = WHY_NOT[code];
    if (why) return void failures.push({ key, code, message: why });
    const operations: KvOperation[] = [
      { op: 'put', key: itemKey(queue, id), value: JSON.stringify({ value, tries: 0 }), expectedRevision: 0 },
      { op: 'purge', key, expectedRevision: entry.revision },
    ];
    try {
      const stored = await unlessChanged(() => ctx.kv.transact(ctx, { bucket, operations }));
      if (!stored) failures.push({ key, code: 'REVISION_CONFLICT', message: IN_QUEUE });
    } catch (error) {
      // It alone cannot be stored: too large for its bucket by now, or put there by hand with an id that is none.
      if (!(error instanceof PackError && OF_ONE.includes(error.code))) throw error;
      failures.push({ key, code: error.code, message: error.message });
    }
  });
  failures.sort((one, other) => (one.key < other.key ? -1 : 1));
  return { pushed: items.length - failures.length, failures };
}

/** Gives items up, but for those that changed since they were read; answers how many are gone. */
export async function dropDead(
  ctx: FunctionContext,
  bucket: string,
  items: readonly DeadItem[],
): Promise<number> {
  let dropped = 0;
  await pipelined([...items], IN_FLIGHT, async ({ key, entry }) => {
    const removal = { bucket, key, operation: 'purge', expectedRevision: entry.revision } as const;
    if ((await unlessChanged(() => ctx.kv.remove(ctx, removal))) !== undefined) dropped += 1;
  });
  return dropped;
}

const OF_ONE: readonly string[] = ['VALUE_TOO_LARGE', 'INVALID_INPUT'];
const IN_QUEUE =
  'An item of this id is in the queue, or this one was pushed again or dropped meanwhile: replay it once that is done.';
const WHY_NOT: Partial<Record<DeadReason, string>> = {
  NO_TEXT: 'No taker can be given it: push what it means as text, and drop it.',
  KEY_TOO_LONG: 'Its id is too long for a lease: push its value under a shorter one, and drop it.',
};

async function keysOf(ctx: FunctionContext, bucket: string, queue: string | undefined): Promise<string[]> {
  const prefixes =
    queue === undefined ? Array.from({ length: DEEPEST_QUEUE }, (_, n) => `${'*.'.repeat(n)}*`) : [queue];
  const found = await Promise.all(prefixes.map(prefix => ctx.kv.keys(ctx, bucket, `${prefix}.dead.*`)));
  return found.flat();
}

function placeOf(key: string): { queue: string; id: string } | undefined {
  const [, queue, id] = KEY.exec(key) ?? [];
  return queue === undefined || id === undefined ? undefined : { queue, id };
}

function toDead(entry: KvEntry): DeadItem | undefined {
  const { key, createdAt, expiresAt } = entry;
  const place = placeOf(key);
  if (!place) return undefined;
  const item = readStored(entry);
  const id = item?.id !== undefined && isIdOf(item.id, place.id) ? item.id : place.id;
  const code = !item ? 'NO_TEXT' : canBeLeased(place.queue, id) ? 'TOO_MANY_TRIES' : 'KEY_TOO_LONG';
  const tries = item?.tries ?? 0;
  return {
    key,
    queue: place.queue,
    id,
    ...(item ? { value: item.value } : readValue(entry.value)),
    tries,
    code,
    message: REASONS[code](tries),
    at: createdAt,
    ...(expiresAt !== undefined && { expiresAt }),
    entry,
  };
}

/** Of a key that another id had, or that was too long: `<id, or its beginning>-<revision>`, once or more. */
function isIdOf(id: string, named: string): boolean {
  const beginning = named.replace(/(-\d+)+$/, '');
  return beginning !== named && id.startsWith(beginning) && !id.includes('.');
}

const REASONS: Record<DeadReason, (tries: number) => string> = {
  TOO_MANY_TRIES: tries => `It was taken ${tries} times, and nobody was done with it before the lease ended.`,
  NO_TEXT: () => 'Its value is no text.',
  KEY_TOO_LONG: () => 'Its id is too long for a lease.',
};
