/** What is shown of visitors, their events and what was changed. */

import { AUDIT_BUCKET, EVENTS_BUCKET } from '../../../contract/own-buckets.ts';
import { decodeEventToken } from '../../../contract/recognition-token.ts';
import type {
  IdentifyChangeListOutput,
  IdentifyEventListOutput,
  IdentifyVisitorGetOutput,
  IdentifyVisitorListOutput,
} from '../../../contract/types.gen.ts';
import type { Call } from '../../core/call.ts';
import { keysBehind } from '../../core/key-cursor.ts';
import { newestLive } from '../../core/newest-live.ts';
import type { KvEntry } from '../../core/ports/items.ts';
import { isEntry } from '../../core/ports/items.ts';
import { unpack } from '../../core/state/pack.ts';
import { decodeAudit, isAudit, readAudit } from '../audit.ts';
import type { Answering, Parts } from '../job.ts';
import { auditedIn, visitorIn } from '../keys.ts';
import type { KnownMapping } from '../mapping.ts';
import { asSaid, toMapping } from '../mapping.ts';
import { toListed } from '../remember.ts';
import { same } from '../who/identity.ts';
import { ownersOf } from '../who/owner.ts';
import {
  authorizeVisitors,
  namedBy,
  plainly,
  scopeTokens,
  shownTo,
  toChanges,
  toEvent,
  toNamed,
  visitorPattern,
  visitorsOf,
} from './named.ts';

const PAGE = 100;
/** Looked through for one answer where a value is looked for. */
const MAX_READ = 10_000;
const BATCH = 500;

type ListedVisitor = IdentifyVisitorListOutput['visitors'][number];

/** Lists visitors who were named, in the order of their keys or the last ones first. */
export const listVisitors: Answering<'visitorList'> = async ({ kv }, call, input, rights) => {
  const { bucket = EVENTS_BUCKET, value, limit = PAGE, cursor, order } = input;
  const where = scopeTokens(input);
  const filter = `${where.namespace}.${where.destination}.*`;
  const wants = shownTo(rights);
  const read = async (entry: KvEntry) => await toListedVisitor(entry, value);
  if (order === 'newest') {
    const range = { bucket, filter, limit, cursor, wants, read };
    const { rows, ...more } = await newestLive(kv, call, range);
    return { visitors: rows, ...more };
  }
  const all = await kv.keys(call, bucket, filter);
  const mine = input.all_namespaces && wants ? all.filter(wants) : all;
  const keys = keysBehind(mine, filter, cursor);
  const visitors: ListedVisitor[] = [];
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
};

/** Whether the visitor was, at any time that is known, a user with this value. */
function isUser(mapping: KnownMapping, value: string): boolean {
  return asSaid(mapping).some(({ identity }) => identity.some(one => same(one, { value })));
}

/** Undefined of what is no mapping, and of visitors who were never known by the value. */
async function toListedVisitor(
  entry: KvEntry,
  value: string | undefined,
): Promise<ListedVisitor | undefined> {
  const mapping = await toMapping(entry);
  if (!mapping || (value !== undefined && !isUser(mapping, value))) return undefined;
  const by = decodeEventToken(mapping.by);
  return {
    key: entry.key,
    ...toNamed(entry.key),
    identity: plainly(mapping.identity),
    ...(by && mapping.by !== '' && { by }),
    at: new Date(mapping.at).toISOString(),
    ...(entry.expiresAt !== undefined && { expires_at: entry.expiresAt }),
  };
}

const MAX = 100;

type Known = IdentifyVisitorGetOutput['known'][number];

/** All that is known of a visitor, by destination. */
export const getVisitor: Answering<'visitorGet'> = async ({ kv }, call, input, rights) => {
  const { bucket = EVENTS_BUCKET, all_namespaces, limit = MAX } = input;
  const events = await kv.keys(call, bucket, `${visitorPattern(input)}.*`);
  const byVisitor = Map.groupBy(events, visitorIn);
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
};

async function readVisitor(
  kv: Parts['kv'],
  call: Call,
  { bucket, visitor, events, limit }: { bucket: string; visitor: string; events: string[]; limit: number },
): Promise<Known> {
  const shown = events.slice(0, limit);
  const found = await kv.getMany(call, bucket, [visitor, ...shown]);
  const mapping = await toMapping(found[0]);
  const listed = (await Promise.all(found.slice(1).map(toListed))).filter(event => event !== undefined);
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
  const by = mapping.by === '' ? undefined : decodeEventToken(mapping.by);
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

/** Larger events are told by their names. */
const MAX_BYTES = 16 * 1024;

type ListedEvent = IdentifyEventListOutput['events'][number];

/** Lists remembered events, the last one first. */
export const listEvents: Answering<'eventList'> = async ({ kv }, call, input, rights) => {
  const { bucket = EVENTS_BUCKET, limit = PAGE, cursor } = input;
  const where = scopeTokens(input);
  const filter = `${where.namespace}.${where.destination}.*.*`;
  const wants = shownTo(rights);
  const range = { bucket, filter, limit, cursor, wants, read: toListedEvent };
  const { rows, ...more } = await newestLive(kv, call, range);
  return { events: rows, ...more };
};

async function toListedEvent(entry: KvEntry): Promise<ListedEvent | undefined> {
  const listed = await toListed(entry);
  if (!listed) return undefined;
  const { key: primary_key, event, ...about } = toEvent(listed);
  return {
    key: entry.key,
    ...toNamed(listed.visitor),
    ...about,
    ...(primary_key && { primary_key }),
    ...(entry.value.length <= MAX_BYTES && { event }),
  };
}

type ListedChange = IdentifyChangeListOutput['changes'][number];

/** Lists rows that were amended, the last ones first. */
export const listChanges: Answering<'changeList'> = async ({ kv }, call, input, rights) => {
  const { bucket = EVENTS_BUCKET, limit = PAGE, cursor } = input;
  const where = scopeTokens(input);
  const filter = `${bucket}.${where.namespace}.${where.destination}.*.*.*`;
  const mayRead = shownTo(rights);
  const wants = mayRead && ((key: string) => mayRead(auditedIn(key)));
  const range = { bucket: AUDIT_BUCKET, filter, limit, cursor, wants, read: toListedChanges };
  const { rows, ...more } = await newestLive(kv, call, range);
  return { changes: rows.flat(), ...more };
};

async function toListedChanges({ key, value }: KvEntry): Promise<ListedChange[]> {
  const named = toNamed(auditedIn(key));
  const entry = await unpack(value, isAudit);
  return (entry ? toChanges(decodeAudit(entry)) : []).map(({ key: primary_key, by, at, ...change }) => ({
    ...named,
    ...change,
    primary_key,
    ...(by && { by }),
    at,
  }));
}
