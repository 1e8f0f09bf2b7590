import { EVENTS_BUCKET } from '../../contract/own-buckets.ts';
import type { IdentifyVisitorListInput, IdentifyVisitorListOutput } from '../../contract/types.gen.ts';
import type { Call } from '../core/call.ts';
import { isEntry } from '../core/ports.ts';
import type { RecognitionRights } from '../core/recognition-port.ts';
import { same } from './identity.ts';
import type { KnownMapping } from './mapping.ts';
import { asSaid, toMapping } from './mapping.ts';
import type { Parts } from './parts.ts';
import { encodeToken } from './tokens.ts';
import { authorizeVisitors, eventOf, keysIn, namedBy } from './visitors.ts';

const PAGE = 100;
/** Looked through for one answer where a value is looked for. */
const MAX_READ = 10_000;
const BATCH = 500;

type Listed = IdentifyVisitorListOutput['visitors'][number];

/** Lists visitors who were named, in the order of their keys. */
export async function listVisitors(
  { kv }: Parts,
  call: Call,
  input: IdentifyVisitorListInput,
  rights?: RecognitionRights,
): Promise<IdentifyVisitorListOutput> {
  const {
    bucket = EVENTS_BUCKET,
    namespace = 'default',
    destination,
    value,
    limit = PAGE,
    cursor = '',
  } = input;
  if (destination !== undefined) rights?.destination(destination);
  const where = destination === undefined ? '*' : encodeToken(destination);
  const all = await keysIn(kv, call, bucket, `${encodeToken(namespace)}.${where}.*`);
  const keys = all.filter(key => key > cursor);
  const visitors: Listed[] = [];
  let read = 0;
  while (read < keys.length && read < MAX_READ && visitors.length < limit) {
    const size = value === undefined ? limit - visitors.length : BATCH;
    const some = keys.slice(read, read + size);
    authorizeVisitors(some, rights);
    const found = await kv.getMany(call, bucket, some);
    for (const [index, key] of some.entries()) {
      read += 1;
      const entry = found[index];
      const mapping = await toMapping(entry);
      if (!mapping || !isEntry(entry) || (value !== undefined && !isUser(mapping, value))) continue;
      visitors.push(toListed(key, mapping, entry.expiresAt));
      if (visitors.length === limit) break;
    }
  }
  const last = keys[read - 1];
  return { visitors, ...(read < keys.length && last !== undefined && { cursor: last }) };
}

/** Whether the visitor was, at any time that is known, a user with this value. */
export function isUser(mapping: KnownMapping, value: string): boolean {
  return asSaid(mapping).some(({ identity }) => identity.some(one => same(one, { value })));
}

function toListed(key: string, mapping: KnownMapping, expiresAt: string | undefined): Listed {
  const { anonymousId, destination } = namedBy(key);
  const by = eventOf(mapping.by);
  return {
    key,
    ...(anonymousId !== undefined && { anonymous_id: anonymousId }),
    ...(destination !== '' && { destination }),
    identity: mapping.identity.map(({ node, value }) => ({ node, value })),
    ...(by && mapping.by !== '' && { by }),
    at: new Date(mapping.at).toISOString(),
    ...(expiresAt !== undefined && { expires_at: expiresAt }),
  };
}
