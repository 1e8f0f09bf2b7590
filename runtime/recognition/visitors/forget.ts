import { invalidField } from '../../../contract/errors.ts';
import { AUDIT_BUCKET, EVENTS_BUCKET, PENDING_BUCKET } from '../../../contract/own-buckets.ts';
import type { IdentifyForgetInput } from '../../../contract/types.gen.ts';
import type { Call } from '../../core/call.ts';
import { pipelined } from '../../core/pipeline.ts';
import { isEntry } from '../../core/ports/items.ts';
import type { KvStore } from '../../core/ports/kv-store.ts';
import type { AdminAction } from '../../core/state/admin-log.ts';
import { textInLog } from '../../core/state/admin-log.ts';
import type { StoredDeadLetter } from '../../core/state/dead-letters.ts';
import { deadKey, dropDeadLetters, findDeadLetters } from '../../core/state/dead-letters.ts';
import { forgetInLog } from '../../core/state/forget-in-log.ts';
import { orNone } from '../../core/state/or-none.ts';
import type { BurySettings } from '../dead-letters/bury.ts';
import { SOURCE } from '../dead-letters/bury.ts';
import type { Json } from '../event.ts';
import type { Answering } from '../job.ts';
import { batchesOf } from '../job.ts';
import { auditFilter, encodeToken, visitorIn, visitorKey } from '../keys.ts';
import type { KnownMapping } from '../mapping.ts';
import { everSaid, toMapping } from '../mapping.ts';
import { readPending } from '../pending.ts';
import { readSettings } from '../settings.ts';
import { onceMore } from '../state.ts';
import { clearRows, forgetUser } from '../undo.ts';
import type { Classified } from '../who/identity.ts';
import { classify, same } from '../who/identity.ts';
import { authorizeVisitors, namedBy, visitorsOf } from './named.ts';

const IN_FLIGHT = 64;
const BATCH = 500;

/** Whom. */
type Who = IdentifyForgetInput & { bucket: string; namespace: string };
/** With the keys of their visitors. */
type Forgotten = Who & { visitors: ReadonlySet<string> };

/** Takes out all that is kept of a visitor, or of every visitor who was a user. What is not reached in time a second call does. */
export const forget: Answering<'forget'> = async (parts, call, input, rights) => {
  const { bucket = EVENTS_BUCKET, namespace = 'default', destination, anonymous_id, value } = input;
  if ((anonymous_id === undefined) === (value === undefined))
    throw invalidField(
      '/anonymous_id',
      'give anonymous_id, for a visitor, or value, for a user; exactly one',
    );
  const who: Who = { ...input, bucket, namespace };
  const visitors = await findVisitors(parts.kv, call, who);
  authorizeVisitors(visitors, rights);
  const forgotten: Forgotten = { ...who, visitors: new Set(visitors) };
  const letters = await findLetters(parts.kv, call, forgotten);
  for (const name of new Set(letters.map(letter => letter.destination))) rights?.destination(name);
  // What is kept of a destination that is gone can be forgotten; a name that never was is most likely a slip.
  if (destination !== undefined && visitors.length + letters.length === 0)
    await parts.destinations.open(destination);
  const receipt = { visitors: visitors.length, events: 0, changes: 0, rows: 0, dead_letters: 0, pending: 0 };
  const log_entries = await forgetInCalls(parts.log, call, forgotten);
  // Before anything goes: what is done meanwhile may bring something behind it.
  const pending = await findPending(parts.kv, call, forgotten);
  receipt.pending = pending.calls;
  receipt.dead_letters = await dropDeadLetters(parts.kv, call, letters);
  for (const visitor of visitors) {
    if (input.rows === 'clear' && namedBy(visitor).destination !== '')
      receipt.rows += await onceMore(parts.buckets, () => clearRows(parts, call, { bucket, visitor }));
    receipt.events += await eraseAll(parts.kv, call, bucket, `${visitor}.*`);
    receipt.changes += await eraseAll(parts.kv, call, AUDIT_BUCKET, auditFilter(bucket, visitor));
    // Last of all: a second try finds the visitor by it. What calls still bring of a user is found by no more than that.
    if (value !== undefined && pending.visitors.has(visitor))
      await forgetUser(parts, call, { bucket, visitor });
    else await eraseAll(parts.kv, call, bucket, visitor);
  }
  return { ...receipt, log_entries, at: new Date().toISOString() };
};

async function findVisitors(kv: KvStore, call: Call, who: Who): Promise<string[]> {
  const { bucket, namespace, destination, anonymous_id, value = '' } = who;
  const within = `${encodeToken(namespace)}.${destination === undefined ? '*' : encodeToken(destination)}`;
  if (anonymous_id !== undefined) {
    const events = await kv.keys(call, bucket, `${within}.${encodeToken(anonymous_id)}.*`);
    const named = await visitorsOf(kv, call, who);
    return [...new Set([...named, ...events.map(visitorIn)])];
  }
  const keys = await kv.keys(call, bucket, `${within}.*`);
  const visitors: string[] = [];
  for (const some of batchesOf(keys, BATCH)) {
    for (const entry of await kv.getMany(call, bucket, some)) {
      const mapping = await toMapping(entry);
      if (mapping && isEntry(entry) && wasUser(mapping, value)) visitors.push(entry.key);
    }
  }
  return visitors;
}

/** By a login that was undone as well: what it brought is still kept, and a first try to forget it may have broken off. */
function wasUser(mapping: KnownMapping, value: string): boolean {
  return everSaid(mapping).some(({ identity }) => identity.some(one => same(one, { value })));
}

async function eraseAll(kv: KvStore, call: Call, bucket: string, filter: string): Promise<number> {
  const keys = await kv.keys(call, bucket, filter);
  if (keys.length === 0) return 0;
  // All of them; bound to what there is now it can be asked again while nobody answers.
  const info = await orNone(kv.bucketInfo(call, bucket, { count: false }));
  const upTo = info?.last_seq ?? 0;
  let erased = 0;
  await pipelined(keys, IN_FLIGHT, async key => {
    // Nothing as old as that: it is gone, or whoever told the last revision was behind, and then all of it goes.
    const isErased =
      (await kv.erase(call, { bucket, key, upTo })) ||
      (await kv.erase(call, { bucket, key, upTo: Number.MAX_SAFE_INTEGER }));
    if (isErased) erased += 1;
  });
  return erased;
}

async function findLetters(kv: KvStore, call: Call, who: Forgotten): Promise<StoredDeadLetter[]> {
  const { bucket, namespace, destination } = who;
  const token = destination === undefined ? '*' : encodeToken(destination);
  const choice = { filter: deadKey(SOURCE, token, bucket, encodeToken(namespace), '*'), limit: BATCH };
  const letters: StoredDeadLetter[] = [];
  for (let cursor: string | undefined; ; ) {
    const page = await findDeadLetters(kv, call, { ...choice, cursor, where: `bucket "${bucket}"` });
    letters.push(
      ...page.letters.filter(({ event, settings }) => aboutWhom(event, (settings as BurySettings).job, who)),
    );
    cursor = page.cursor;
    if (cursor === undefined) return letters;
  }
}

/** The key of an event's visitor, if that is one of the visitors, or the event says that its user is the one. */
function aboutWhom(
  event: Json,
  job: BurySettings['job'],
  { anonymous_id, value = '', visitors }: Forgotten,
): string | undefined {
  const what = readAs(event, job);
  if (!what || !('anonymousId' in what)) return undefined;
  const visitor = visitorKey(job, what.anonymousId);
  const isSaid =
    anonymous_id === undefined
      ? what.kind === 'identified' && what.identity.some(one => same(one, { value }))
      : what.anonymousId === anonymous_id;
  return isSaid || visitors.has(visitor) ? visitor : undefined;
}

/** Calls that are not finished yet, and of whom they are: they bring what they hold once more. */
async function findPending(kv: KvStore, call: Call, who: Forgotten) {
  const { bucket, namespace, destination } = who;
  const where = destination === undefined ? '*' : encodeToken(destination);
  const keys = await kv.keys(call, PENDING_BUCKET, `${where}.${bucket}.${encodeToken(namespace)}.*`);
  const found = { calls: 0, visitors: new Set<string>() };
  for (const key of keys) {
    const entry = await kv.get(call, { bucket: PENDING_BUCKET, key });
    const job = isEntry(entry) ? await readPending(entry) : undefined;
    const about = job?.events.map(event => aboutWhom(event, job.settings, who)) ?? [];
    const visitors = about.filter(visitor => visitor !== undefined);
    if (visitors.length > 0) found.calls += 1;
    for (const visitor of visitors) found.visitors.add(visitor);
  }
  return found;
}

/** Undefined where it cannot be read. */
function readAs(event: Json, job: BurySettings['job']): Classified | undefined {
  try {
    return classify(event, readSettings({ ...job, skipBots: false }));
  } catch {
    return undefined;
  }
}

/** Purging by pattern is recorded with its filter, in which a visitor is a token. */
const PURGE = 'kv-key-purge';
const ACTIONS = ['identify-undo', 'identify-forget', PURGE];
const FIELDS = ['anonymous_id', 'value', 'filter', 'query'];

/** Takes visitors or a user out of the log of administrative calls, where there is one; answers out of how many entries. */
async function forgetInCalls(log: KvStore | undefined, call: Call, who: Forgotten): Promise<number> {
  if (!log) return 0;
  const known = [...who.visitors].map(key => namedBy(key).anonymousId);
  const ids = [who.anonymous_id, ...known].filter(id => id !== undefined);
  const names = { ids: new Set(ids.map(plain)), tokens: new Set(ids.map(encodeToken)) };
  return await forgetInLog(log, call, {
    actions: ACTIONS,
    fields: FIELDS,
    isNamedIn: entry =>
      entry.action === PURGE ? isPurged(entry, who, names.tokens) : isAsked(entry, who, names.ids),
  });
}

function isPurged({ bucket, input }: AdminAction, who: Who, tokens: ReadonlySet<string>): boolean {
  if (bucket !== who.bucket && bucket !== AUDIT_BUCKET) return false;
  return String(input.filter ?? '')
    .split('.')
    .some(token => tokens.has(token));
}

function isAsked(
  { bucket = EVENTS_BUCKET, input }: AdminAction,
  who: Who,
  ids: ReadonlySet<string>,
): boolean {
  if (bucket !== who.bucket || (input.namespace ?? 'default') !== who.namespace) return false;
  const isElsewhere =
    who.destination !== undefined && (input.destination ?? who.destination) !== who.destination;
  if (isElsewhere) return false;
  return isOneOf(ids, input.anonymous_id) || isOneOf(new Set([plain(who.value ?? '')]), input.value);
}

function isOneOf(texts: ReadonlySet<string>, given: unknown): boolean {
  return typeof given === 'string' && texts.has(plain(given));
}

/** In whatever case and with whatever spaces around it: rather one entry too many than a name that stays. */
function plain(text: string): string {
  return textInLog(text).trim().toLowerCase();
}
