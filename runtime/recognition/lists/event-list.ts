import { EVENTS_BUCKET } from '../../../contract/own-buckets.ts';
import type { IdentifyEventListInput, IdentifyEventListOutput } from '../../../contract/types.gen.ts';
import type { Call } from '../../core/call.ts';
import { newestLive } from '../../core/newest-live.ts';
import type { KvEntry } from '../../core/ports/items.ts';
import type { RecognitionRights } from '../../core/recognition-port.ts';
import type { Parts } from '../parts.ts';
import { toListed } from '../remember/remember.ts';
import { scopeTokens, shownTo, toEvent, toNamed } from '../visitor/visitors.ts';

const PAGE = 100;
/** Larger events are told by their names. */
const MAX_BYTES = 16 * 1024;

type Listed = IdentifyEventListOutput['events'][number];

/** Lists remembered events, the last one first. */
export async function listEvents(
  { kv }: Parts,
  call: Call,
  input: IdentifyEventListInput,
  rights?: RecognitionRights,
): Promise<IdentifyEventListOutput> {
  const { bucket = EVENTS_BUCKET, destination, limit = PAGE, cursor } = input;
  if (destination !== undefined) rights?.destination(destination);
  const where = scopeTokens(input);
  const filter = `${where.namespace}.${where.destination}.*.*`;
  const wants = shownTo(rights);
  const range = { bucket, filter, limit, cursor, wants, read: toAnswer };
  const { rows, ...more } = await newestLive(kv, call, range);
  return { events: rows, ...more };
}

async function toAnswer(entry: KvEntry): Promise<Listed | undefined> {
  const visitor = entry.key.slice(0, entry.key.lastIndexOf('.'));
  const listed = await toListed(visitor, entry);
  if (!listed) return undefined;
  const { key: primary_key, event, ...about } = toEvent(listed);
  return {
    key: entry.key,
    ...toNamed(visitor),
    ...about,
    ...(primary_key && { primary_key }),
    ...(entry.value.length <= MAX_BYTES && { event }),
  };
}
