import { isEntry } from '../../core/ports/items.ts';
import type { KvStore } from '../../core/ports/kv-store.ts';
import type { KvEvent } from '../../core/ports/watches.ts';

/** What became of the keys of lost revisions. */
export interface PutBack {
  put: number;
  ended: number;
  /** Written since the loss: they stay as they are. */
  newer: number;
}

const CALL_MS = 30_000;
const PAGE = 1_000;
const NS_PER_MS = 1_000_000;

/**
 * Writes each key's last state of the lost revisions into the bucket again, from a copy that has them, unless the key was written
 * since. Items get new revisions.
 * @param from the first revision that was lost: what a key has from there on was written since.
 */
export async function putBackLost(
  kv: KvStore,
  { bucket, copy, from }: { bucket: string; copy: string; from: number },
): Promise<PutBack> {
  const done: PutBack = { put: 0, ended: 0, newer: 0 };
  for (const event of (await lastOfLost(kv, copy, from)).values())
    done[await putBack(kv, bucket, event, from)] += 1;
  return done;
}

async function lastOfLost(kv: KvStore, bucket: string, from: number): Promise<Map<string, KvEvent>> {
  const last = new Map<string, KvEvent>();
  for (let [startSeq, more] = [from - 1, true]; more; ) {
    const page = await kv.historyPage(soon(), { bucket, startSeq, limit: PAGE, filter: '>' });
    for (const event of page.entries) last.set(event.key, event);
    [startSeq, more] = [page.nextSeq, page.hasMore];
  }
  return last;
}

async function putBack(kv: KvStore, bucket: string, event: KvEvent, from: number): Promise<keyof PutBack> {
  const { key } = event;
  const now = await kv.get(soon(), { bucket, key });
  if (now && now.revision >= from) return 'newer';
  const expectedRevision = isEntry(now) ? now.revision : 0;
  if (!isEntry(event)) {
    if (isEntry(now)) await kv.remove(soon(), { bucket, key, operation: 'delete', expectedRevision });
    return 'ended';
  }
  const { revision: _r, createdAt: _c, expiresAt, size: _s, ...item } = event;
  const left = expiresAt === undefined ? undefined : Date.parse(expiresAt) - (await kv.now(soon(), bucket));
  if (left !== undefined && left <= 0) return 'ended';
  // What ends with its bucket's ttl lives for all of it again, where no item has a ttl of its own.
  const { key_ttl } = await kv.bucketInfo(soon(), bucket);
  const ttl = left !== undefined && key_ttl ? { ttl: Math.ceil(left * NS_PER_MS) } : {};
  await kv.put(soon(), { bucket, ...item, ...ttl, expectedRevision });
  return 'put';
}

function soon(): { deadline: number } {
  return { deadline: Date.now() + CALL_MS };
}
