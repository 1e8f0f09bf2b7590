import { EVENTS_BUCKET } from '../../contract/own-buckets.ts';
import type { IdentifyVisitorGetInput, IdentifyVisitorGetOutput } from '../../contract/types.gen.ts';
import type { Call } from '../core/call.ts';
import { isEntry } from '../core/ports.ts';
import type { RecognitionRights } from '../core/recognition-port.ts';
import { readAudit } from './audit.ts';
import type { KnownMapping } from './mapping.ts';
import { toMapping } from './mapping.ts';
import { ownersOf } from './owner.ts';
import type { Parts } from './parts.ts';
import { toListed } from './remember.ts';
import { encodeToken } from './tokens.ts';
import { authorizeVisitors, eventOf, keysIn, namedBy, toAnswer, visitorsOf } from './visitors.ts';

const MAX = 100;

type Known = IdentifyVisitorGetOutput['known'][number];

/** All that is known of a visitor, by destination. */
export async function getVisitor(
  { kv }: Parts,
  call: Call,
  input: IdentifyVisitorGetInput,
  rights?: RecognitionRights,
): Promise<IdentifyVisitorGetOutput> {
  const { bucket = EVENTS_BUCKET, namespace = 'default', destination, anonymous_id, limit = MAX } = input;
  if (destination !== undefined) rights?.destination(destination);
  const where = destination === undefined ? '*' : encodeToken(destination);
  const pattern = `${encodeToken(namespace)}.${where}.${encodeToken(anonymous_id)}.*`;
  const events = await keysIn(kv, call, bucket, pattern);
  const byVisitor = Map.groupBy(events, key => key.slice(0, key.lastIndexOf('.')));
  const named = await visitorsOf(kv, call, { ...input, bucket });
  const visitors = [...new Set([...named, ...byVisitor.keys()])].sort();
  authorizeVisitors(visitors, rights);
  const known: Known[] = [];
  for (const visitor of visitors) {
    const about = { bucket, visitor, events: byVisitor.get(visitor) ?? [], limit };
    known.push(await readVisitor(kv, call, about));
  }
  return { known };
}

async function readVisitor(
  kv: Parts['kv'],
  call: Call,
  { bucket, visitor, events, limit }: { bucket: string; visitor: string; events: string[]; limit: number },
): Promise<Known> {
  const shown = events.slice(0, limit);
  const found = await kv.getMany(call, bucket, [visitor, ...shown]);
  const mapping = await toMapping(found[0]);
  const listed = await Promise.all(
    found.slice(1).flatMap(entry => (isEntry(entry) ? [toListed(visitor, entry)] : [])),
  );
  const changes = (await readAudit(kv, call, { bucket, visitor }).catch(() => [])).flatMap(
    ({ rows, at, by }) =>
      rows.map(({ table, key, old, new: now }) => {
        const event = eventOf(by);
        const change = { table, key: toAnswer(key), old: toAnswer(old), new: toAnswer(now), at };
        return event ? { ...change, by: event } : change;
      }),
  );
  const { destination } = namedBy(visitor);
  const expiresAt = isEntry(found[0]) ? found[0].expiresAt : undefined;
  return {
    ...(destination !== '' && { destination }),
    ...toUsers(mapping),
    ...(expiresAt !== undefined && { expires_at: expiresAt }),
    events: listed.map(({ remembered, writtenAt, expiresAt, token }) => {
      const key = eventOf(token)?.key;
      return {
        table: remembered.table,
        ...(key && { key }),
        event: remembered.event,
        at: new Date(remembered.at ?? writtenAt).toISOString(),
        ...(expiresAt !== undefined && { expires_at: expiresAt }),
      };
    }),
    events_total: events.length,
    changes: changes.slice(0, limit),
    changes_total: changes.length,
  };
}

function toUsers(mapping: KnownMapping | undefined): Pick<Known, 'identity' | 'users' | 'by' | 'at'> {
  if (!mapping) return { identity: [], users: [] };
  const by = mapping.by === '' ? undefined : eventOf(mapping.by);
  const plain = (identity: KnownMapping['identity']) => identity.map(({ node, value }) => ({ node, value }));
  return {
    identity: plain(mapping.identity),
    users: ownersOf(mapping).map(({ at, identity }) => ({
      since: new Date(at).toISOString(),
      identity: plain(identity),
    })),
    at: new Date(mapping.at).toISOString(),
    ...(by && { by }),
  };
}
