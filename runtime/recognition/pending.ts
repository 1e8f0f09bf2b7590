import { hash } from 'node:crypto';
import { EVENTS_BUCKET, LOCKS_BUCKET, PENDING_BUCKET } from '../../contract/own-buckets.ts';
import type { IdentifyPendingListOutput } from '../../contract/types.gen.ts';
import type { Call } from '../core/call.ts';
import { keysBehind } from '../core/key-cursor.ts';
import { newestLive } from '../core/newest-live.ts';
import type { KvEntry } from '../core/ports/items.ts';
import { isEntry } from '../core/ports/items.ts';
import type { KvStore } from '../core/ports/kv-store.ts';
import { isTooLarge, putPacked, unpack } from '../core/state/pack.ts';
import { currentTrace } from '../core/trace.ts';
import { readNote } from './backoff.ts';
import type { Json } from './event.ts';
import { fieldsOf, isListOf, isObject, isText, isTime } from './event.ts';
import type { Answering, Item, Parts } from './job.ts';
import { claimKey, decodeToken, destinationIn, noteKey, pendingKey } from './keys.ts';
import type { JobSettings } from './settings.ts';
import { scopeTokens } from './visitors/named.ts';

/** A part of a call as it is written down before anything of it is done. */
export interface PendingJob {
  settings: JobSettings;
  /** When the call began, in milliseconds since 1970. */
  at: number;
  /** Place of the first event in its call. Missing in what a build before wrote. */
  first?: number;
  events: Json[];
  /** Which warehouse of the destination's name it is for, where there may be several. */
  home?: string;
  /** `traceparent` of the call, where it is traced. */
  trace?: string;
}

/** A part of a call that is written down. */
export interface Chunk {
  key: string;
  revision: number;
  items: Item[];
}

/** What is common to the chunks of one call. */
export interface PendingCall {
  kv: KvStore;
  call: Call;
  settings: JobSettings;
  /** Of its destination. */
  home: string | undefined;
  id: string;
  at: number;
}

/** Bytes of JSON; what is put is to stay under NATS' default limit of 1 MiB. */
const MAX_BYTES = 700 * 1024;

/**
 * Writes groups of items down, each in one entry or, where it does not fit, in several, in order. An item that does not fit even
 * alone and compressed is given to `refuse`.
 */
export async function writeAhead(
  pending: PendingCall,
  groups: Item[][],
  refuse: (item: Item, error: Error) => void,
): Promise<Chunk[]> {
  const chunks: Chunk[] = [];
  for (let group = groups.shift(); group; group = groups.shift()) {
    // The place in the call keeps the order, also among entries that are looked at long after.
    const key = pendingKey(pending.settings, `${pending.id}-${String(group[0]?.index).padStart(4, '0')}`);
    try {
      const revision = await write(pending, key, group);
      chunks.push({ key, revision, items: group });
    } catch (error) {
      const [only] = group;
      if (!only || !isTooLarge(error)) throw error;
      const half = Math.ceil(group.length / 2);
      if (group.length === 1) refuse(only, error);
      else groups.unshift(group.slice(0, half), group.slice(half));
    }
  }
  return chunks;
}

/** A written entry, as another process finds it; undefined where it is none of ours, or damaged. */
export async function readPending({ value }: KvEntry): Promise<PendingJob | undefined> {
  return await unpack(value, isPendingJob);
}

/** The work of an entry is done, as it was at a revision: while nobody answers that can be asked again. */
export async function settle(
  kv: KvStore,
  call: Call,
  { key, revision }: Pick<Chunk, 'key' | 'revision'>,
): Promise<void> {
  await kv.erase(call, { bucket: PENDING_BUCKET, key, upTo: revision });
}

/** The work is done but for some events: one write leaves those alone in their entry. */
export async function settleBut(
  pending: Omit<PendingCall, 'id'>,
  key: string,
  items: readonly Item[],
): Promise<void> {
  await write(pending, key, items);
}

/** Names one call. */
export function newCallId(): string {
  return hash('sha256', crypto.randomUUID(), 'hex').slice(0, 24);
}

async function write(
  { kv, call, settings, home, at }: Omit<PendingCall, 'id'>,
  key: string,
  items: readonly Item[],
): Promise<number> {
  const trace = currentTrace();
  const traced = trace === undefined ? '' : `"trace":"${trace}",`;
  const housed = home === undefined ? '' : `"home":${JSON.stringify(home)},`;
  const head = `{"settings":${JSON.stringify(settings)},"at":${at},"first":${items[0]?.index ?? 0},${housed}${traced}"events":[`;
  const value = `${head}${items.map(({ json }) => json).join()}]}`;
  return await putPacked(kv, call, { bucket: PENDING_BUCKET, key, value });
}

/** As few groups as fit into an entry each, in order. */
export function bySize(items: readonly Item[]): Item[][] {
  const groups: Item[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const item of items) {
    const size = Buffer.byteLength(item.json) + 1;
    if (bytes + size > MAX_BYTES) {
      groups.push([]);
      bytes = 0;
    }
    groups.at(-1)?.push(item);
    bytes += size;
  }
  return groups;
}

/** Whether a stored value is a part of a call. */
function isPendingJob(value: unknown): value is PendingJob {
  const { settings, at, events } = fieldsOf(value);
  return isText(fieldsOf(settings).table) && isTime(at) && isListOf(events, isObject);
}

const PAGE = 100;

type Listed = IdentifyPendingListOutput['calls'][number];

/** Lists calls that are still to be finished: by destination, then by call, or the last ones first. */
export const listPending: Answering<'pendingList'> = async ({ kv }, call, input, rights) => {
  const { bucket = EVENTS_BUCKET, key: only, limit = PAGE, cursor, order } = input;
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
};

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
  const keys = calls.map(({ key }) => key);
  const locks = await locksOf(kv, call, keys);
  const noteOf = (key: string) => {
    const note = locks.get(noteKey(key));
    return note && readNote(note.value);
  };
  return calls.map(one => {
    const [own, all] = [noteOf(one.key), noteOf(destinationIn(one.key))];
    const waits = own && all && all.tried_at > own.tried_at ? all : (own ?? all);
    return { ...one, claimed: locks.has(claimKey(one.key)), ...(waits && { waits }) };
  });
}

/** Claims and notes of entries, as far as there are any. */
async function locksOf(kv: Parts['kv'], call: Call, keys: readonly string[]): Promise<Map<string, KvEntry>> {
  if (keys.length === 0) return new Map();
  const there = new Set(await kv.keys(call, LOCKS_BUCKET, '>'));
  const wanted = keys.flatMap(key => [claimKey(key), noteKey(key), noteKey(destinationIn(key))]);
  const some = [...new Set(wanted)].filter(key => there.has(key));
  const found = some.length > 0 ? await kv.getMany(call, LOCKS_BUCKET, some) : [];
  return new Map(found.filter(isEntry).map(entry => [entry.key, entry]));
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
