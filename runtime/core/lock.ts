/** Locks over the key-value store: a key with a ttl is held by whoever wrote it; its revision is the fence. */

import { PackError } from '../../contract/errors.ts';
import type { Call } from './call.ts';
import { pointing } from './pointing.ts';
import type { KvEntry } from './ports/items.ts';
import { isEntry } from './ports/items.ts';
import type { KvStore } from './ports/kv-store.ts';
import type { KvChange } from './ports/transactions.ts';

/** Who takes a lock: a function's context, or a call with a store. */
export interface LockCaller extends Call {
  kv: Pick<KvStore, 'put' | 'getMany' | 'get' | 'remove'>;
  /** Looks again at the rights of a caller who waits; throws where they are gone. */
  readmit?(): void;
}

/** What to take, and for whom. */
export interface LockRequest {
  bucket: string;
  /** Name of the lock. */
  name: string;
  holder: string;
  /** Nanoseconds. */
  ttl: number;
  /** How many may hold it at once. */
  limit: number;
}

/** A lock that is held. */
export interface HeldLock {
  /** The key that holds it. */
  key: string;
  fence: number;
  expiresAt?: string;
}

/** Who has a lock. */
export interface LockHolder {
  holder: string;
  expires_at?: string;
}

/** Holder of a key that is no lock: what it holds is told by kv-key-get, to those who may call it. */
const NO_LOCK = '(a key that is no lock)';
const MIN_PAUSE_MS = 20;
const MAX_PAUSE_MS = 200;
/** Where a place was freed between a refusal and the look at who holds it, it is tried again for so long, unasked. */
const FREED_MS = 1_000;
/** Left of the call's time to answer that the lock is busy, or a quarter of it where that is less. */
const LEEWAY_MS = 500;

/**
 * Takes a lock, waiting for it at most until `until` (milliseconds since 1970). Answers the holders where it is busy: as
 * many as may hold it, unless a second of trying was not enough to find it either held or free.
 */
export async function acquire(
  ctx: LockCaller,
  request: LockRequest,
  until: number,
): Promise<HeldLock | LockHolder[]> {
  const leeway = Math.min(LEEWAY_MS, (ctx.deadline - Date.now()) / 4);
  const latest = ctx.deadline - leeway;
  const freedUntil = Date.now() + FREED_MS;
  for (;;) {
    const outcome = await tryAcquire(ctx, request);
    if (!Array.isArray(outcome)) return outcome;
    const isFreed = outcome.length < request.limit;
    const left = Math.min(latest, isFreed ? Math.max(until, freedUntil) : until) - Date.now();
    if (left <= 0) return outcome;
    const longer = isFreed ? 0 : Math.random() * (MAX_PAUSE_MS - MIN_PAUSE_MS);
    await pause(Math.min(left, MIN_PAUSE_MS + longer));
    if (ctx.signal?.aborted) return outcome;
    ctx.readmit?.();
  }
}

/** Begins the lease anew; undefined: it is over, or another holds the lock. */
export async function renew(
  ctx: Call & { kv: Pick<KvStore, 'transact'> },
  { bucket, key, fence, ttl }: { bucket: string; key: string; fence: number; ttl: number },
): Promise<HeldLock | undefined> {
  return await unlessLost(async () => {
    let held = false;
    const extend: KvChange = {
      op: 'change',
      key,
      expectedRevision: fence,
      change: found => {
        held = found !== undefined && holderOf(found) !== undefined;
        return found && held ? { value: found.value, ttl } : undefined;
      },
    };
    const { results } = await pointing({ '/operations/0': '' }, () =>
      ctx.kv.transact(ctx, { bucket, operations: [extend] }),
    );
    const { revision = 0, expiresAt } = results[0] ?? {};
    return held ? { key, fence: revision, ...(expiresAt && { expiresAt }) } : undefined;
  });
}

/** Frees a lock; whether it was still held. A key that is no lock is left alone. */
export async function release(
  ctx: LockCaller,
  { bucket, key, fence }: { bucket: string; key: string; fence: number },
): Promise<boolean> {
  const found = await ctx.kv.get(ctx, { bucket, key });
  if (!isEntry(found) || found.revision !== fence || holderOf(found) === undefined) return false;
  const removed = await unlessLost(() =>
    ctx.kv.remove(ctx, { bucket, key, operation: 'delete', expectedRevision: fence }),
  );
  return removed !== undefined;
}

async function tryAcquire(ctx: LockCaller, request: LockRequest): Promise<HeldLock | LockHolder[]> {
  const { bucket, holder } = request;
  const places = placesOf(request);
  const found = await pointing({ '/keys/0': '/key' }, () => ctx.kv.getMany(ctx, bucket, places));
  const own = found.filter(isEntry).find(entry => holderOf(entry) === holder);
  if (own) return toHeld(own);
  for (const [index, key] of places.entries()) {
    if (isEntry(found[index])) continue;
    const taken = await unlessLost(() =>
      ctx.kv.put(ctx, {
        bucket,
        key,
        value: JSON.stringify({ holder }),
        ttl: request.ttl,
        expectedRevision: 0,
      }),
    );
    if (taken) return { key, fence: taken.revision, ...(taken.expiresAt && { expiresAt: taken.expiresAt }) };
  }
  const held = await ctx.kv.getMany(ctx, bucket, places);
  return held.filter(isEntry).map(entry => ({
    holder: holderOf(entry) ?? NO_LOCK,
    ...(entry.expiresAt && { expires_at: entry.expiresAt }),
  }));
}

function placesOf({ name, limit }: LockRequest): string[] {
  return limit === 1 ? [name] : Array.from({ length: limit }, (_, place) => `${name}.${place}`);
}

function toHeld({ key, revision, expiresAt }: KvEntry): HeldLock {
  return { key, fence: revision, ...(expiresAt && { expiresAt }) };
}

/** Who holds a lock; undefined: the key was not written by {@link acquire}. */
function holderOf({ value }: KvEntry): string | undefined {
  try {
    const lock = Object(JSON.parse(Buffer.from(value).toString('utf8'))) as { holder?: unknown };
    const { holder } = lock;
    return typeof holder === 'string' && Object.keys(lock).length === 1 ? holder : undefined;
  } catch {
    return undefined;
  }
}

/** Undefined where another was faster. */
async function unlessLost<T>(write: () => Promise<T>): Promise<T | undefined> {
  try {
    return await write();
  } catch (error) {
    if (error instanceof PackError && error.code === 'REVISION_CONFLICT') return undefined;
    throw error;
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, milliseconds));
}
