import { EVENTS_BUCKET, LOCKS_BUCKET, PENDING_BUCKET } from '../../../contract/own-buckets.ts';
import type { IdentifyPendingListInput, IdentifyPendingListOutput } from '../../../contract/types.gen.ts';
import type { Call } from '../../core/call.ts';
import { keysBehind } from '../../core/key-cursor.ts';
import { newestLive } from '../../core/newest-live.ts';
import type { KvEntry } from '../../core/ports/items.ts';
import { isEntry } from '../../core/ports/items.ts';
import type { RecognitionRights } from '../../core/recognition-port.ts';
import { decodeToken } from '../event/tokens.ts';
import { readPending } from '../identify/pending.ts';
import type { Parts } from '../parts.ts';
import { readNote } from '../reconcile/backoff-notes.ts';
import { claimKey, noteKey } from '../state/keys.ts';
import { scopeTokens } from '../visitor/visitors.ts';

const PAGE = 100;

type Listed = IdentifyPendingListOutput['calls'][number];

/** Lists calls that are still to be finished: by destination, then by call, or the last ones first. */
export async function listPending(
  { kv }: Parts,
  call: Call,
  input: IdentifyPendingListInput,
  rights?: RecognitionRights,
): Promise<IdentifyPendingListOutput> {
  const { bucket = EVENTS_BUCKET, destination, key: only, limit = PAGE, cursor, order } = input;
  if (destination !== undefined) rights?.destination(destination);
  const where = scopeTokens(input);
  const filter = `${where.destination}.${bucket}.${where.namespace}.*`;
  const found = await kv.keys(call, PENDING_BUCKET, filter);
  const isMine = (key: string) => rights?.mayRead(namesOf(key)) ?? true;
  const byTime = order === 'newest';
  const all = byTime || input.all_namespaces ? found.filter(isMine) : found;
  const withAll = only !== undefined;
  const read = async (entry: KvEntry) => await toPending(entry, withAll);
  if (byTime && !withAll) {
    const range = { bucket: PENDING_BUCKET, filter, limit, cursor, wants: isMine, read };
    const { rows, ...more } = await newestLive(kv, call, range);
    return { calls: await withWaits(kv, call, rows), total: all.length, ...more };
  }
  const keys = withAll ? all.filter(key => key === only) : keysBehind(all, filter, cursor);
  const page = keys.slice(0, limit);
  for (const name of new Set(page.map(key => namesOf(key).destination))) rights?.destination(name);
  const entries = page.length > 0 ? await kv.getMany(call, PENDING_BUCKET, page) : [];
  const calls = (await Promise.all(entries.filter(isEntry).map(read))).filter(one => one !== undefined);
  const last = page.at(-1);
  return {
    calls: await withWaits(kv, call, calls),
    total: all.length,
    ...(keys.length > page.length && last !== undefined && { cursor: last }),
  };
}

async function toPending(entry: KvEntry, withAll: boolean): Promise<Omit<Listed, 'claimed'> | undefined> {
  const job = await readPending(entry);
  if (!job) return undefined;
  const { settings, events } = job;
  const { namespace, call } = namesOf(entry.key);
  return {
    key: entry.key,
    namespace,
    call,
    destination: settings.destination ?? '',
    table: settings.table,
    events: events.length,
    at: entry.createdAt,
    ...(withAll && { settings: { ...settings }, content: events }),
  };
}

/** Adds who is at it, and why it is not finished: its own note or that of its destination, whichever came last. */
async function withWaits(
  kv: Parts['kv'],
  call: Call,
  calls: readonly Omit<Listed, 'claimed'>[],
): Promise<Listed[]> {
  const locks = await locksOf(
    kv,
    call,
    calls.map(({ key }) => key),
  );
  const noteOf = (key: string | undefined) => {
    const note = key === undefined ? undefined : locks.get(noteKey(key));
    return note && readNote(note.value);
  };
  return calls.map(one => {
    const [own, all] = [noteOf(one.key), noteOf(destinationOf(one.key))];
    const waits = own && all && all.tried_at > own.tried_at ? all : (own ?? all);
    return { ...one, claimed: locks.has(claimKey(one.key)), ...(waits && { waits }) };
  });
}

/** Claims and notes of entries, as far as there are any. */
async function locksOf(kv: Parts['kv'], call: Call, keys: readonly string[]): Promise<Map<string, KvEntry>> {
  if (keys.length === 0) return new Map();
  const there = new Set(await kv.keys(call, LOCKS_BUCKET, '>'));
  const wanted = keys.flatMap(key => [claimKey(key), noteKey(key), noteKey(destinationOf(key))]);
  const some = [...new Set(wanted)].filter(key => there.has(key));
  const found = some.length > 0 ? await kv.getMany(call, LOCKS_BUCKET, some) : [];
  return new Map(found.filter(isEntry).map(entry => [entry.key, entry]));
}

/** The destination of an entry's key as keys have it. */
function destinationOf(key: string): string {
  return key.slice(0, key.indexOf('.'));
}

/** What the key says: `<destination>.<bucket>.<namespace>.<call>`. */
function namesOf(key: string): { destination: string; namespace: string; call: string } {
  const [destination = '', , namespace = '', call = ''] = key.split('.');
  return {
    destination: decodeToken(destination) ?? '',
    namespace: decodeToken(namespace) ?? namespace,
    call,
  };
}
