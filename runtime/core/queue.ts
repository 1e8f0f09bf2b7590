/**
 * Queues over the key-value store. An item is the key `<queue>.item.<id>`; while the key `<queue>.lease.<id>` lives it is
 * leased or delayed. Both change together in one commit, and the revision of the lease is the taker's receipt. What was
 * taken too often is `<queue>.dead.<id>`, or `<queue>.dead.<id>-<revision of the item>` where that id was put aside before.
 */

import { isUtf8 } from 'node:buffer';
import { PackError } from '../../contract/errors.ts';
import type { FunctionContext } from './define-function.ts';
import type { Pointers } from './pointing.ts';
import { pointing } from './pointing.ts';
import type { KvEntry } from './ports/items.ts';
import { isEntry } from './ports/items.ts';
import type { KvOperation } from './ports/transactions.ts';

/** Which queue. */
export interface QueuePlace {
  bucket: string;
  queue: string;
}

/** An item that was leased. */
export interface TakenItem {
  id: string;
  value: string;
  tries: number;
  receipt: number;
  leaseEndsAt?: string;
}

/** An item as it is stored. */
interface Stored {
  value: string;
  tries: number;
}

const PAGE = 100;
const COUNTED = 10_000;

/** The key of an item. */
export function itemKey(queue: string, id: string): string {
  return `${queue}.item.${id}`;
}

/** Where what is stored of an item is in the input of kv-queue-push. */
const PUSHED: Pointers = {
  '/operations/0/key': '/id',
  '/operations/0/value/value': '/value',
  '/operations/0': null,
  '/operations/1/key': '/id',
  '/operations/1/ttl': '/delay',
  '/operations/1': null,
};

/** Adds an item, unless one of its id is there; whether it was added. */
export async function push(
  ctx: FunctionContext,
  { bucket, queue }: QueuePlace,
  { id, value, delay }: { id: string; value: string; delay: number },
): Promise<boolean> {
  const item: Stored = { value, tries: 0 };
  const operations: KvOperation[] = [
    { op: 'put', key: itemKey(queue, id), value: JSON.stringify(item), expectedRevision: 0 },
  ];
  if (delay > 0) operations.push({ op: 'put', key: leaseKey(queue, id), value: 'delayed', ttl: delay });
  const stored = await unlessChanged(() =>
    pointing(PUSHED, () => ctx.kv.transact(ctx, { bucket, operations })),
  );
  return stored !== undefined;
}

/** Leases the oldest item that is free; undefined: none is. */
export async function take(
  ctx: FunctionContext,
  place: QueuePlace,
  { lease, maxTries }: { lease: number; maxTries: number },
): Promise<TakenItem | undefined> {
  const { bucket, queue } = place;
  const prefix = itemKey(queue, '');
  for (let startSeq = 0, more = true; more; ) {
    const page = await ctx.kv.listPage(ctx, { bucket, startSeq, limit: PAGE, filter: `${prefix}*` });
    const ids = page.entries.map(({ key }) => key.slice(prefix.length));
    const leases = await ctx.kv.getMany(
      ctx,
      bucket,
      ids.map(id => leaseKey(queue, id)),
    );
    const free = page.entries
      .map((entry, index) => ({ entry, id: ids[index] ?? '' }))
      .filter((_item, index) => !isEntry(leases[index]));
    for (const item of spread(free)) {
      const taken = await takeOne(ctx, place, { ...item, lease, maxTries });
      if (taken) return taken;
    }
    startSeq = page.entries.at(-1)?.revision ?? startSeq;
    more = page.hasMore;
  }
  return undefined;
}

/**
 * All, the oldest first. Whoever asks for another has lost the one before to another taker, and so skips some by chance, which
 * come last: of many takers each finds an item of its own.
 */
function* spread<T>(items: readonly T[]): Generator<T> {
  const skipped: T[] = [];
  let at = 0;
  for (let lost = 0; at < items.length; lost++) {
    yield items[at] as T;
    const next = at + 1 + (lost === 0 ? 0 : Math.floor(Math.random() * Math.min(items.length, 2 ** lost)));
    skipped.push(...items.slice(at + 1, next));
    at = next;
  }
  yield* skipped;
}

/** How many items a queue has. */
export interface QueueCounts {
  /** Free and leased ones together. */
  length: number;
  /** Taken and not done, or delayed. */
  leased: number;
  /** Put aside after too many tries. */
  dead: number;
  /** Time ran out: there are at least so many. */
  more: boolean;
}

/** Counts the items of a queue, reading their keys alone, for as long as half of the call's time. */
export async function count(ctx: FunctionContext, { bucket, queue }: QueuePlace): Promise<QueueCounts> {
  const until = Date.now() + (ctx.deadline - Date.now()) / 2;
  const items = new Set<string>();
  const leases = new Set<string>();
  let dead = 0;
  let from: { cursor?: string } = {};
  for (let more = true; more; ) {
    const range = { bucket, startSeq: 0, limit: COUNTED, filter: `${queue}.*.*`, keysOnly: true, ...from };
    const page = await ctx.kv.listPage(ctx, range);
    for (const { key } of page.entries) {
      const [kind = '', id = ''] = key.slice(queue.length + 1).split('.');
      if (kind === 'item') items.add(id);
      else if (kind === 'lease') leases.add(id);
      else if (kind === 'dead') dead += 1;
    }
    from = page.cursor === undefined ? {} : { cursor: page.cursor };
    more = page.hasMore;
    if (more && Date.now() >= until) return counts(true);
  }
  return counts(false);

  function counts(more: boolean): QueueCounts {
    return { length: items.size, leased: [...leases].filter(id => items.has(id)).length, dead, more };
  }
}

/** Takes an item out, if its lease is still the one of the receipt; whether it was. */
export async function done(
  ctx: FunctionContext,
  { bucket, queue }: QueuePlace,
  { id, receipt }: { id: string; receipt: number },
): Promise<boolean> {
  const lease = await ctx.kv.get(ctx, { bucket, key: leaseKey(queue, id) });
  if (!isEntry(lease) || lease.revision !== receipt) return false;
  const operations: KvOperation[] = [
    { op: 'purge', key: itemKey(queue, id) },
    { op: 'purge', key: leaseKey(queue, id), expectedRevision: receipt },
  ];
  return (await unlessChanged(() => ctx.kv.transact(ctx, { bucket, operations }))) !== undefined;
}

/** Undefined where another was faster, or the item was put aside. */
async function takeOne(
  ctx: FunctionContext,
  place: QueuePlace,
  { entry, id, lease, maxTries }: { entry: KvEntry; id: string; lease: number; maxTries: number },
): Promise<TakenItem | undefined> {
  const { bucket, queue } = place;
  const item = readStored(entry);
  if (!item || item.tries >= maxTries) {
    await putAside(ctx, place, { entry, id });
    return undefined;
  }
  const tries = item.tries + 1;
  const text = JSON.stringify({ ...item, tries });
  const operations: KvOperation[] = [
    { op: 'put', key: entry.key, value: text, expectedRevision: entry.revision },
    { op: 'put', key: leaseKey(queue, id), value: 'leased', ttl: lease, expectedRevision: 0 },
  ];
  const stored = await unlessChanged(() =>
    pointing({ '/operations/1/ttl': '/lease' }, () => ctx.kv.transact(ctx, { bucket, operations })),
  );
  const [, leased] = stored?.results ?? [];
  if (!leased) return undefined;
  const { revision, expiresAt } = leased;
  return { id, value: item.value, tries, receipt: revision, ...(expiresAt && { leaseEndsAt: expiresAt }) };
}

/** What was put aside of the same id before stays as it is. */
async function putAside(
  ctx: FunctionContext,
  { bucket, queue }: QueuePlace,
  { entry, id }: { entry: KvEntry; id: string },
): Promise<void> {
  const move = (key: string) =>
    unlessChanged(() => {
      const operations: KvOperation[] = [
        { op: 'put', key, value: entry.value, expectedRevision: 0 },
        { op: 'purge', key: entry.key, expectedRevision: entry.revision },
        // Its lease is over, and whoever held it is too late to be done with what is put aside.
        { op: 'purge', key: leaseKey(queue, id), expectedRevision: 0 },
      ];
      return ctx.kv.transact(ctx, { bucket, operations });
    });
  // An id may end in a revision too, so that the longer key may be there as well.
  for (let key = `${queue}.dead.${id}`; !(await move(key)); key += `-${entry.revision}`)
    if (!isEntry(await ctx.kv.get(ctx, { bucket, key }))) return;
}

/** An item, or text that was put there by hand, which is an item too; undefined: bytes that are no text. */
function readStored({ value }: KvEntry): Stored | undefined {
  if (!isUtf8(value)) return undefined;
  const text = Buffer.from(value).toString('utf8');
  try {
    const { value, tries } = Object(JSON.parse(text)) as Partial<Stored>;
    if (typeof value === 'string' && Number.isSafeInteger(tries)) return { value, tries: Number(tries) };
  } catch {
    // Not written by kv-queue-push.
  }
  return { value: text, tries: 0 };
}

function leaseKey(queue: string, id: string): string {
  return `${queue}.lease.${id}`;
}

async function unlessChanged<T>(write: () => Promise<T>): Promise<T | undefined> {
  try {
    return await write();
  } catch (error) {
    if (error instanceof PackError && error.code === 'REVISION_CONFLICT') return undefined;
    throw error;
  }
}
