import { PackError } from '../../contract/errors.ts';
import type { KvEntry, KvMarker } from '../core/ports/items.ts';
import { isEntry } from '../core/ports/items.ts';
import { isTooLarge, putPacked, unpack } from '../core/state/pack.ts';
import { fieldsOf, isListOf, isText, isTime } from './event.ts';
import type { Item, JobContext } from './job.ts';
import { keyTagOf } from './keys.ts';
import { windowOf } from './settings.ts';
import { putAll } from './state.ts';
import type { NodeValue } from './who/identity.ts';
import { isNodeValue } from './who/identity.ts';
import type { Login, Undone } from './who/logins.ts';
import { isLogin, isSpan, isUndone, shortToken, staysOf, withLogins } from './who/logins.ts';

/** Who a visitor is, as far as is known. */
interface Mapping extends Undone {
  /** Of the user who logged in last. Empty: undone. */
  identity: NodeValue[];
  /** Token of the event that said the last of it. */
  by: string;
  /** When this was written, in milliseconds since 1970. */
  at: number;
  /** Revision up to which the visitor's events are done with: their rows have all that can become known. */
  done?: number;
  /** Without a destination: the answer had no room for all events that this recognized. */
  more?: true | undefined;
  /** What named the visitor, in the order in which it happened. Missing: written by a build before, which knew the last alone. */
  logins?: readonly Login[];
  /** Of logins that do not say when they happened: sent again, they happened no later. In few characters each. */
  seen?: readonly string[];
  /** Primary keys that calls named otherwise than the destination: a login's token has a hash of its own, and its row is found by it. */
  keyFields?: readonly (readonly string[])[];
}

/** A mapping as it was read. */
export interface KnownMapping extends Mapping {
  revision: number;
  /** When that was stored, in milliseconds since 1970. */
  storedAt: number;
}

/** More were sent too long ago to be sent again. */
const MAX_SEEN = 128;
/** Calls of one visitor name one or two. */
const MAX_KEY_FIELDS = 16;

/**
 * The mappings of visitors as the leader has them. What is none of ours, or damaged, says nothing and is written over. One that is
 * at the revision of `before` is that.
 */
export async function readMappings(
  ctx: JobContext,
  visitors: Iterable<string>,
  before?: ReadonlyMap<string, KnownMapping>,
): Promise<Map<string, KnownMapping>> {
  const keys = [...new Set(visitors)];
  const known = new Map<string, KnownMapping>();
  if (keys.length === 0) return known;
  const found = await ctx.kv.getMany(ctx.call, ctx.settings.bucket, keys);
  for (const [index, key] of keys.entries()) {
    const entry = found[index];
    if (!isEntry(entry)) continue;
    const same = before?.get(key);
    const isSame = same?.revision === entry.revision;
    known.set(key, isSame ? same : ((await toMapping(entry)) ?? nobodyOf(entry)));
  }
  return known;
}

/** What the mapping's visitor was named by. What a build before wrote happened when it was stored. */
export function asSaid({ logins, identity, by, storedAt }: KnownMapping): readonly Login[] {
  if (logins) return logins;
  return identity.length === 0 ? [] : [{ at: storedAt, by, identity }];
}

/** What the visitor is or was ever named by, what was undone included. */
export function everSaid(mapping: KnownMapping): Pick<Login, 'by' | 'identity'>[] {
  const undone = (mapping.undoneSpans ?? []).flatMap(({ from, to, identity }) =>
    [from, to].map(({ by }) => ({ by, identity })),
  );
  return [...undone, ...asSaid(mapping)];
}

/** What a call adds to mappings. */
interface MergeResult {
  /** Visitors of whom more, or other, is known than before. */
  changed: Set<string>;
  /** Visitors named by an event that had named them before: its first try may not have come to its end. */
  repeated: Set<string>;
}

/** Adds what identified events say: compare-and-set until it stands, all that are to be written together. */
export async function mergeMappings(
  ctx: JobContext,
  identified: readonly Item[],
  known: Map<string, KnownMapping>,
  at: number,
): Promise<MergeResult> {
  const result: MergeResult = { changed: new Set(), repeated: new Set() };
  let open = [...byVisitor(identified)];
  while (open.length > 0) {
    const merges = open.map(([visitor, items]) => mergeOf(visitor, items, known.get(visitor)));
    const writes = merges.filter(({ next, before }) => next !== before);
    const revisions = await putMappings(ctx, writes);
    for (const [index, { visitor, next }] of writes.entries()) {
      const revision = revisions[index];
      if (revision !== undefined) known.set(visitor, { ...next, revision });
    }
    const lost = new Set(writes.filter((_, index) => revisions[index] === undefined));
    for (const merge of merges) {
      if (lost.has(merge)) continue;
      if (merge.changed) result.changed.add(merge.visitor);
      if (merge.repeated) result.repeated.add(merge.visitor);
    }
    open = [...lost].map(({ visitor, items }) => [visitor, items]);
    const now = await readMappings(
      ctx,
      open.map(([visitor]) => visitor),
    );
    for (const { visitor } of lost) known.delete(visitor);
    for (const [visitor, mapping] of now) known.set(visitor, mapping);
  }
  return result;

  function mergeOf(visitor: string, items: Item[], before: KnownMapping | undefined) {
    const said = withKeyFields(ctx, merged(items, before, at));
    const changed = said !== before && (!before || textOf(said) !== textOf(before));
    const repeated = before !== undefined && items.some(({ token }) => isKnown(before, token));
    // Read over once more: a mapping that everybody still goes by lives on for another window.
    const next = before && said === before && isAgeing(ctx, before) ? { ...before, at } : said;
    return { visitor, items, before, next, expected: before?.revision ?? 0, changed, repeated };
  }
}

/** What a mapping is with what events say; `known` itself where they say nothing new. */
export function merged(items: readonly Item[], known: KnownMapping | undefined, at: number): KnownMapping {
  const before = known ?? { identity: [], by: '', at, revision: 0, storedAt: at };
  const said = asSaid(before);
  const timed: Login[] = [];
  const untimed: Login[] = [];
  for (const { what, token, time, isTimed } of items) {
    if (what.kind !== 'identified') continue;
    const login = { at: time, by: token, identity: what.identity };
    if (!isUndone(before, login)) (isTimed ? timed : untimed).push(login);
  }
  let logins = withLogins(said, timed);
  let seen: readonly string[] = before.seen ?? [];
  // One that does not say when it happened, happened when it arrived first: what is finished late may have arrived before.
  for (const login of untimed) {
    const known = logins.find(({ by }) => by === login.by);
    // Sent again with other words it says those, when it said the first.
    if (known && known.at <= login.at) logins = withLogins(logins, [{ ...login, at: known.at }]);
    if (known ? known.at <= login.at : seen.includes(shortToken(login.by))) continue;
    logins = withLogins(logins, [login]);
    seen = withSeen(seen, shortToken(login.by));
  }
  if (
    known &&
    logins === said &&
    seen.length === (known.seen ?? []).length &&
    seen.at(-1) === known.seen?.at(-1)
  )
    return known;
  const last = staysOf(logins).at(-1);
  if (!last) return before;
  return { ...before, identity: last.identity, by: last.by, at, logins, ...(seen.length > 0 && { seen }) };
}

function withSeen(seen: readonly string[], short: string): readonly string[] {
  return seen.includes(short) ? seen : [...seen, short].slice(-MAX_SEEN);
}

/** The mapping itself where it has the primary key of the call, or the destination's is meant. */
function withKeyFields({ settings }: JobContext, mapping: KnownMapping): KnownMapping {
  const { primaryKeyFields: fields, keyTag } = settings;
  const known = mapping.keyFields ?? [];
  if (keyTag === '' || known.some(one => keyTagOf(one, undefined) === keyTag)) return mapping;
  return { ...mapping, keyFields: [...known, fields].slice(-MAX_KEY_FIELDS) };
}

/** What decides whose an event is, to tell whether that changed. */
export function textOf(mapping: KnownMapping): string {
  return JSON.stringify(staysOf(asSaid(mapping)).map(({ at, from, identity }) => [at, from, identity]));
}

function isKnown(mapping: KnownMapping, token: string): boolean {
  return mapping.by === token || asSaid(mapping).some(({ by }) => by === token);
}

/** The revision of each, or undefined where the mapping is another by now. */
export async function putMappings(
  ctx: JobContext,
  writes: readonly { visitor: string; next: Mapping; expected: number }[],
): Promise<(number | undefined)[]> {
  const puts = writes.map(({ visitor, next, expected }) => ({
    key: visitor,
    value: JSON.stringify({ ...next, revision: undefined, storedAt: undefined }),
    expectedRevision: expected,
  }));
  const answers = await putAll(ctx, puts);
  for (const [index, put] of puts.entries())
    if (isTooLarge(answers[index])) answers[index] = await putLarge(ctx, put);
  return answers.map(answer => {
    if (answer instanceof PackError && answer.code !== 'REVISION_CONFLICT') throw answer;
    return typeof answer === 'number' ? answer : undefined;
  });
}

/** Of a visitor with long ids at many nodes: compressed, so that the events of others do not fail with it. */
async function putLarge(
  { kv, call, settings, fitting }: JobContext,
  put: { key: string; value: string; expectedRevision: number },
): Promise<number | PackError> {
  const write = { ...put, bucket: settings.bucket, ttl: windowOf(settings) };
  try {
    return await fitting(() => putPacked(kv, call, write));
  } catch (error) {
    if (error instanceof PackError) return error;
    throw error;
  }
}

/**
 * Notes that all events which were remembered before the mapping was written are done with, so that these are not looked at
 * again although they are still there for a while. Who changed a mapping meanwhile looks at all of them again.
 */
export async function markDone(
  ctx: JobContext,
  visitors: readonly { visitor: string; mapping: KnownMapping }[],
): Promise<void> {
  const writes = visitors.map(({ visitor, mapping }) => ({
    visitor,
    next: { ...mapping, done: mapping.revision },
    expected: mapping.revision,
  }));
  const revisions = await putMappings(ctx, writes);
  // Nobody named the visitor otherwise while its rows were amended.
  for (const [index, { visitor }] of writes.entries())
    if (revisions[index] !== undefined) ctx.amended.delete(visitor);
}

function isAgeing(ctx: JobContext, { at }: KnownMapping): boolean {
  return Date.now() - at > windowOf(ctx.settings) / 2_000_000;
}

/** Of a store's answer; undefined where it is no mapping. */
export async function toMapping(found: KvEntry | KvMarker | undefined): Promise<KnownMapping | undefined> {
  if (!isEntry(found)) return undefined;
  const mapping = await unpack(found.value, isMapping);
  return mapping && { ...mapping, ...placeOf(found) };
}

function nobodyOf(entry: KvEntry): KnownMapping {
  const place = placeOf(entry);
  return { identity: [], by: '', at: place.storedAt, ...place };
}

function placeOf({ revision, createdAt }: KvEntry): Pick<KnownMapping, 'revision' | 'storedAt'> {
  return { revision, storedAt: Date.parse(createdAt) };
}

function byVisitor(items: readonly Item[]): Map<string, Item[]> {
  const visitors = new Map<string, Item[]>();
  for (const item of items) {
    const visitor = item.visitor ?? '';
    const others = visitors.get(visitor);
    if (others) others.push(item);
    else visitors.set(visitor, [item]);
  }
  return visitors;
}

/** Whether a stored value is a mapping. */
function isMapping(value: unknown): value is Mapping {
  const { identity, by, at, logins, seen, keyFields, undone, undoneSpans } = fieldsOf(value);
  return (
    isListOf(identity, isNodeValue) &&
    isText(by) &&
    isTime(at) &&
    (logins === undefined || isListOf(logins, isLogin)) &&
    [seen, undone].every(tokens => tokens === undefined || isListOf(tokens, isText)) &&
    (keyFields === undefined || isListOf(keyFields, one => isListOf(one, isText))) &&
    (undoneSpans === undefined || isListOf(undoneSpans, isSpan))
  );
}
