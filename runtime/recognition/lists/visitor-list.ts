import { EVENTS_BUCKET } from '../../../contract/own-buckets.ts';
import type { IdentifyVisitorListInput, IdentifyVisitorListOutput } from '../../../contract/types.gen.ts';
import type { Call } from '../../core/call.ts';
import { keysBehind } from '../../core/key-cursor.ts';
import { newestLive } from '../../core/newest-live.ts';
import type { KvEntry } from '../../core/ports/items.ts';
import { isEntry } from '../../core/ports/items.ts';
import type { RecognitionRights } from '../../core/recognition-port.ts';
import { same } from '../event/identity.ts';
import type { Parts } from '../parts.ts';
import type { KnownMapping } from '../visitor/mapping.ts';
import { asSaid, toMapping } from '../visitor/mapping.ts';
import { authorizeVisitors, eventOf, plainly, scopeTokens, shownTo, toNamed } from '../visitor/visitors.ts';

const PAGE = 100;
/** Looked through for one answer where a value is looked for. */
const MAX_READ = 10_000;
const BATCH = 500;

type Listed = IdentifyVisitorListOutput['visitors'][number];

/** Lists visitors who were named, in the order of their keys or the last ones first. */
export async function listVisitors(
  { kv }: Parts,
  call: Call,
  input: IdentifyVisitorListInput,
  rights?: RecognitionRights,
): Promise<IdentifyVisitorListOutput> {
  const { bucket = EVENTS_BUCKET, destination, value, limit = PAGE, cursor, order } = input;
  if (destination !== undefined) rights?.destination(destination);
  const where = scopeTokens(input);
  const filter = `${where.namespace}.${where.destination}.*`;
  const wants = shownTo(rights);
  const read = async (entry: KvEntry) => await toListed(entry, value);
  if (order === 'newest') {
    const range = { bucket, filter, limit, cursor, wants, read };
    const { rows, ...more } = await newestLive(kv, call, range);
    return { visitors: rows, ...more };
  }
  const all = await kv.keys(call, bucket, filter);
  const mine = input.all_namespaces && wants ? all.filter(wants) : all;
  const keys = keysBehind(mine, filter, cursor);
  const visitors: Listed[] = [];
  let done = 0;
  while (done < keys.length && done < MAX_READ && visitors.length < limit) {
    const size = value === undefined ? limit - visitors.length : BATCH;
    const some = keys.slice(done, done + size);
    authorizeVisitors(some, rights);
    for (const entry of await kv.getMany(call, bucket, some)) {
      done += 1;
      const listed = isEntry(entry) ? await read(entry) : undefined;
      if (listed) visitors.push(listed);
      if (visitors.length === limit) break;
    }
  }
  const last = keys[done - 1];
  return { visitors, ...(done < keys.length && last !== undefined && { cursor: last }) };
}

/** Whether the visitor was, at any time that is known, a user with this value. */
export function isUser(mapping: KnownMapping, value: string): boolean {
  return asSaid(mapping).some(({ identity }) => identity.some(one => same(one, { value })));
}

/** Undefined of what is no mapping, and of visitors who were never known by the value. */
async function toListed(entry: KvEntry, value: string | undefined): Promise<Listed | undefined> {
  const mapping = await toMapping(entry);
  if (!mapping || (value !== undefined && !isUser(mapping, value))) return undefined;
  const by = eventOf(mapping.by);
  return {
    key: entry.key,
    ...toNamed(entry.key),
    identity: plainly(mapping.identity),
    ...(by && mapping.by !== '' && { by }),
    at: new Date(mapping.at).toISOString(),
    ...(entry.expiresAt !== undefined && { expires_at: entry.expiresAt }),
  };
}
