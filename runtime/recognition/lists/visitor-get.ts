import { EVENTS_BUCKET } from '../../../contract/own-buckets.ts';
import type { IdentifyVisitorGetInput, IdentifyVisitorGetOutput } from '../../../contract/types.gen.ts';
import type { Call } from '../../core/call.ts';
import { isEntry } from '../../core/ports/items.ts';
import type { RecognitionRights } from '../../core/recognition-port.ts';
import { readAudit } from '../amend/audit.ts';
import type { Parts } from '../parts.ts';
import { toListed } from '../remember/remember.ts';
import type { KnownMapping } from '../visitor/mapping.ts';
import { toMapping } from '../visitor/mapping.ts';
import { ownersOf } from '../visitor/owner.ts';
import {
  authorizeVisitors,
  eventOf,
  namedBy,
  plainly,
  shownTo,
  toChanges,
  toEvent,
  visitorPattern,
  visitorsOf,
} from '../visitor/visitors.ts';

const MAX = 100;

type Known = IdentifyVisitorGetOutput['known'][number];

/** All that is known of a visitor, by destination. */
export async function getVisitor(
  { kv }: Parts,
  call: Call,
  input: IdentifyVisitorGetInput,
  rights?: RecognitionRights,
): Promise<IdentifyVisitorGetOutput> {
  const { bucket = EVENTS_BUCKET, destination, all_namespaces, limit = MAX } = input;
  if (destination !== undefined) rights?.destination(destination);
  const events = await kv.keys(call, bucket, `${visitorPattern(input)}.*`);
  const byVisitor = Map.groupBy(events, key => key.slice(0, key.lastIndexOf('.')));
  const named = await visitorsOf(kv, call, { ...input, bucket });
  const all = [...new Set([...named, ...byVisitor.keys()])].sort();
  const visitors = all_namespaces ? all.filter(shownTo(rights) ?? (() => true)) : all;
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
  const read = found.slice(1).flatMap(entry => (isEntry(entry) ? [toListed(visitor, entry)] : []));
  const listed = (await Promise.all(read)).filter(event => event !== undefined);
  const changes = (await readAudit(kv, call, { bucket, visitor })).flatMap(toChanges);
  const { namespace, destination } = namedBy(visitor);
  const expiresAt = isEntry(found[0]) ? found[0].expiresAt : undefined;
  return {
    namespace,
    ...(destination !== '' && { destination }),
    ...toUsers(mapping),
    ...(expiresAt !== undefined && { expires_at: expiresAt }),
    events: listed.map(toEvent),
    events_total: events.length,
    changes: changes.slice(0, limit),
    changes_total: changes.length,
  };
}

function toUsers(mapping: KnownMapping | undefined): Pick<Known, 'identity' | 'users' | 'by' | 'at'> {
  if (!mapping) return { identity: [], users: [] };
  const by = mapping.by === '' ? undefined : eventOf(mapping.by);
  return {
    identity: plainly(mapping.identity),
    users: ownersOf(mapping).map(({ at, identity }) => ({
      since: new Date(at).toISOString(),
      identity: plainly(identity),
    })),
    at: new Date(mapping.at).toISOString(),
    ...(by && { by }),
  };
}
