/**
 * Queues over the key-value store. An item is the key `<queue>.item.<id>`; while the key `<queue>.lease.<id>` lives it is
 * leased or delayed. Both change together in one commit, and the revision of the lease is the taker's receipt. What was
 * taken too often, or cannot be taken at all, is `<queue>.dead.<id>`, or `<queue>.dead.<id>-<revision of the item>` where that
 * id was put aside before.
 */

import { PackError } from '../../contract/errors.ts';
import type { FunctionContext } from './define-function.ts';
import type { Pointers } from './pointing.ts';
import { pointing } from './pointing.ts';
import type { KvEntry } from './ports/items.ts';
import { isEntry } from './ports/items.ts';
import type { KvOperation } from './ports/transactions.ts';
import { queueFront } from './queue-front.ts';
import type { Stored } from './queue-items.ts';
import { canBeLeased, itemKey, LONGEST_KEY, leaseKey, readStored } from './queue-items.ts';
import { isTooLarge } from './state/pack.ts';

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

const PAGE = 100;
const COUNTED = 10_000;

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

/** Leases the oldest item that is free; undefined: none is. Throws VALUE_TOO_LARGE where those that are cannot be written. */
export async function take(
  ctx: FunctionContext,
  place: QueuePlace,
  { lease, maxTries }: { lease: number; maxTries: number },
): Promise<TakenItem | undefined> {
  const { bucket, queue } = place;
  const prefix = itemKey(queue, '');
  const front = queueFront(ctx.kv, ctx, place);
  let stuck: PackError | undefined;
  for (let startSeq = front.seq, more = true; more; ) {
    const range = { bucket, startSeq, limit: PAGE, filter: `${prefix}*`, isLast: true };
    const page = await ctx.kv.listPage(ctx, range);
    front.looked(page);
    const [items, long] = parted(
      page.entries.map(entry => ({ entry, id: entry.key.slice(prefix.length) })),
      ({ id }) => canBeLeased(queue, id),
    );
    for (const item of long) await orStuck(() => putAside(ctx, place, item));
    const leases = await ctx.kv.getMany(
      ctx,
      bucket,
      items.map(({ id }) => leaseKey(queue, id)),
    );
    const free = items.filter((_item, index) => !isEntry(leases[index]));
    for (const item of spread(free)) {
      const taken = await orStuck(() => takeOne(ctx, place, { ...item, lease, maxTries }));
      if (taken) return taken;
    }
    startSeq = page.nextSeq;
    more = page.hasMore;
  }
  if (stuck) throw stuck;
  return undefined;

  /** One that is too large to be written once more stays where it is, and is told where no other can be taken. */
  async function orStuck<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      if (!isTooLarge(error)) throw error;
      stuck = error;
      return undefined;
    }
  }
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
  try {
    return (await unlessChanged(() => ctx.kv.transact(ctx, { bucket, operations }))) !== undefined;
  } catch (error) {
    if (!(error instanceof PackError) || error.code !== 'BUCKET_FULL') throw error;
    return await doneWithoutRoom(ctx, { bucket, queue }, { id, receipt });
  }
}

/**
 * A bucket that is full has no room for a commit, and one key after the other can be taken out all the same. Whoever takes the item
 * writes it anew, so that its revision tells that the lease which was read with it is the last one.
 */
async function doneWithoutRoom(
  ctx: FunctionContext,
  { bucket, queue }: QueuePlace,
  { id, receipt }: { id: string; receipt: number },
): Promise<boolean> {
  const keys = [itemKey(queue, id), leaseKey(queue, id)];
  const { found } = await ctx.kv.getTogether(ctx, bucket, keys);
  const [item, lease] = found;
  if (!isEntry(lease) || lease.revision !== receipt) return false;
  if (isEntry(item) && !(await isRemoved(item))) return false;
  // A lease that ended meanwhile is gone as well.
  await isRemoved(lease);
  return true;

  async function isRemoved({ key, revision }: KvEntry): Promise<boolean> {
    const removal = { bucket, key, operation: 'purge', expectedRevision: revision } as const;
    return (await unlessChanged(() => ctx.kv.remove(ctx, removal))) !== undefined;
  }
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
  const item = readStored(entry);
  const move = (key: string, value: string | Uint8Array) =>
    unlessChanged(() => {
      const operations: KvOperation[] = [
        { op: 'put', key, value, expectedRevision: 0 },
        { op: 'purge', key: entry.key, expectedRevision: entry.revision },
      ];
      // Its lease is over, and whoever held it is too late to be done with what is put aside.
      if (canBeLeased(queue, id))
        operations.push({ op: 'purge', key: leaseKey(queue, id), expectedRevision: 0 });
      return ctx.kv.transact(ctx, { bucket, operations });
    });
  const first = `${queue}.dead.${id}`;
  if ((await move(first, entry.value)) || !(await isThere(first))) return;
  const named = item ? JSON.stringify({ ...item, id }) : entry.value;
  const moveNamed = (key: string) =>
    move(key, named).catch(error => {
      if (!isTooLarge(error)) throw error;
      return move(key, entry.value);
    });
  // An id may end in a revision too, so that the longer key may be there as well.
  for (let end = `-${entry.revision}`; ; end += `-${entry.revision}`) {
    const key = `${cutTo(LONGEST_KEY - end.length, first)}${end}`;
    if ((await moveNamed(key)) || !(await isThere(key))) return;
  }

  async function isThere(key: string): Promise<boolean> {
    return isEntry(await ctx.kv.get(ctx, { bucket, key }));
  }
}

/** The beginning of a text that has at most so many bytes. */
function cutTo(bytes: number, text: string): string {
  let cut = text;
  while (Buffer.byteLength(cut) > bytes) cut = [...cut].slice(0, -1).join('');
  return cut;
}

/** What a write answers; undefined where what it expected has changed. */
export async function unlessChanged<T>(write: () => Promise<T>): Promise<T | undefined> {
  try {
    return await write();
  } catch (error) {
    if (error instanceof PackError && error.code === 'REVISION_CONFLICT') return undefined;
    throw error;
  }
}

function parted<T>(items: readonly T[], isFirst: (item: T) => boolean): [T[], T[]] {
  return [items.filter(isFirst), items.filter(item => !isFirst(item))];
}
