import { EVENTS_BUCKET, LOCKS_BUCKET, PENDING_BUCKET } from '../../contract/own-buckets.ts';
import type { IdentifyPendingListInput, IdentifyPendingListOutput } from '../../contract/types.gen.ts';
import type { Call } from '../core/call.ts';
import type { KvEntry } from '../core/ports.ts';
import { isEntry } from '../core/ports.ts';
import type { RecognitionRights } from '../core/recognition-port.ts';
import type { WaitNote } from './backoff-notes.ts';
import { claimKey, noteKey } from './keys.ts';
import type { Parts } from './parts.ts';
import { readPending } from './pending.ts';
import { decodeToken, encodeToken } from './tokens.ts';
import { keysIn } from './visitors.ts';

const PAGE = 100;

/** Lists calls that are still to be finished, in the order of their keys: by destination, then by call. */
export async function listPending(
  { kv }: Parts,
  call: Call,
  input: IdentifyPendingListInput,
  rights?: RecognitionRights,
): Promise<IdentifyPendingListOutput> {
  const { bucket = EVENTS_BUCKET, namespace = 'default', destination, limit = PAGE, cursor = '' } = input;
  if (destination !== undefined) rights?.destination(destination);
  const where = destination === undefined ? '*' : encodeToken(destination);
  const all = await keysIn(kv, call, PENDING_BUCKET, `${where}.${bucket}.${encodeToken(namespace)}.*`);
  const keys = all.filter(key => key > cursor);
  const page = keys.slice(0, limit);
  for (const name of new Set(page.map(destinationOf))) rights?.destination(decodeToken(name) ?? '');
  const found = page.length > 0 ? await kv.getMany(call, PENDING_BUCKET, page) : [];
  const locks = await locksOf(kv, call, page);
  const calls = await Promise.all(found.filter(isEntry).map(entry => toPending(entry, locks)));
  const last = page.at(-1);
  return {
    calls,
    total: all.length,
    ...(keys.length > page.length && last !== undefined && { cursor: last }),
  };
}

async function toPending(entry: KvEntry, locks: ReadonlyMap<string, KvEntry>) {
  const { settings, events } = await readPending(entry);
  const note = locks.get(noteKey(entry.key)) ?? locks.get(noteKey(destinationOf(entry.key)));
  return {
    key: entry.key,
    destination: settings.destination ?? '',
    table: settings.table,
    events: events.length,
    at: entry.createdAt,
    claimed: locks.has(claimKey(entry.key)),
    ...(note && { waits: JSON.parse(new TextDecoder().decode(note.value)) as WaitNote }),
  };
}

/** Claims and notes of entries, as far as there are any. */
async function locksOf(kv: Parts['kv'], call: Call, keys: readonly string[]): Promise<Map<string, KvEntry>> {
  const there = new Set(await keysIn(kv, call, LOCKS_BUCKET, '>'));
  const wanted = keys.flatMap(key => [claimKey(key), noteKey(key), noteKey(destinationOf(key))]);
  const some = [...new Set(wanted)].filter(key => there.has(key));
  const found = some.length > 0 ? await kv.getMany(call, LOCKS_BUCKET, some) : [];
  return new Map(found.filter(isEntry).map(entry => [entry.key, entry]));
}

function destinationOf(key: string): string {
  return key.slice(0, key.indexOf('.'));
}
