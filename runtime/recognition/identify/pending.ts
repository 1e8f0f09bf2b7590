import { hash } from 'node:crypto';
import { PENDING_BUCKET } from '../../../contract/own-buckets.ts';
import type { Call } from '../../core/call.ts';
import type { KvEntry } from '../../core/ports/items.ts';
import type { KvStore } from '../../core/ports/kv-store.ts';
import { isTooLarge, putPacked, unpack } from '../../core/state/pack.ts';
import { currentTrace } from '../../core/trace.ts';
import type { Json } from '../event/nodes.ts';
import { isObject } from '../event/nodes.ts';
import type { JobSettings } from '../settings.ts';
import { pendingKey } from '../state/keys.ts';
import { fieldsOf, isListOf, isText, isTime } from '../state/shapes.ts';
import type { Item } from './job.ts';

/** A part of a call as it is written down before anything of it is done. */
export interface PendingJob {
  settings: JobSettings;
  /** When the call began, in milliseconds since 1970. */
  at: number;
  /** Place of the first event in its call. Missing in what a build before wrote. */
  first?: number;
  events: Json[];
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
  id: string;
  at: number;
}

/** Bytes of JSON; what is put is to stay under NATS' default limit of 1 MiB. */
const MAX_BYTES = 700 * 1024;

/**
 * Writes items down in as few entries as they fit into, in order. One that does not fit even alone and compressed is
 * given to `refuse`.
 */
export async function writeAhead(
  pending: PendingCall,
  items: readonly Item[],
  refuse: (item: Item, error: Error) => void,
): Promise<Chunk[]> {
  const chunks: Chunk[] = [];
  const groups = bySize(items);
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
  { kv, call, settings, at }: Omit<PendingCall, 'id'>,
  key: string,
  items: readonly Item[],
): Promise<number> {
  const trace = currentTrace();
  const traced = trace === undefined ? '' : `"trace":"${trace}",`;
  const head = `{"settings":${JSON.stringify(settings)},"at":${at},"first":${items[0]?.index ?? 0},${traced}"events":[`;
  const value = `${head}${items.map(({ json }) => json).join()}]}`;
  return await putPacked(kv, call, { bucket: PENDING_BUCKET, key, value });
}

function bySize(items: readonly Item[]): Item[][] {
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
