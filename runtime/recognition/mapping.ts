import { PackError } from '../../contract/errors.ts';
import { pipelined } from '../core/pipeline.ts';
import type { KvEntry, KvMarker } from '../core/ports.ts';
import { isEntry } from '../core/ports.ts';
import type { NodeValue } from './classify.ts';
import type { Item, JobContext } from './job.ts';
import { windowOf } from './job.ts';
import type { Login } from './logins.ts';
import { shortToken, staysOf, withLogin } from './logins.ts';
import { unpack } from './pack.ts';
import type { Undone } from './undone.ts';
import { isUndone } from './undone.ts';

/** Who a visitor is, as far as is known. */
export interface Mapping extends Undone {
  /** Of the user who logged in last. Empty: undone. */
  identity: NodeValue[];
  /** Token of the event that said the last of it. */
  by: string;
  /** When this was written, in milliseconds since 1970. */
  at: number;
  /** Revision up to which the visitor's events are done with: their rows have all that can become known. */
  done?: number;
  /** Without a destination: the answer had no room for all events that this recognized. */
  more?: true;
  /** What named the visitor, in the order in which it happened. Missing: written by a build before, which knew the last alone. */
  logins?: readonly Login[];
  /** Of logins that do not say when they happened: sent again, they happened no later. In few characters each. */
  seen?: readonly string[];
}

/** A mapping as it was read. */
export interface KnownMapping extends Mapping {
  revision: number;
  /** When that was stored, in milliseconds since 1970. */
  storedAt: number;
}

const IN_FLIGHT = 128;
/** More were sent too long ago to be sent again. */
const MOST_SEEN = 128;

/** The mappings of visitors as the leader has them. */
export async function readMappings(
  ctx: JobContext,
  visitors: Iterable<string>,
): Promise<Map<string, KnownMapping>> {
  const keys = [...new Set(visitors)];
  const known = new Map<string, KnownMapping>();
  if (keys.length === 0) return known;
  const found = await ctx.kv.getMany(ctx.call, ctx.settings.bucket, keys);
  for (const [index, key] of keys.entries()) {
    const mapping = await toMapping(found[index]);
    if (mapping) known.set(key, mapping);
  }
  return known;
}

/** What the mapping's visitor was named by. What a build before wrote happened when it was stored. */
export function asSaid({ logins, identity, by, storedAt }: KnownMapping): readonly Login[] {
  if (logins) return logins;
  return identity.length === 0 ? [] : [{ at: storedAt, by, identity }];
}

/** What a call adds to mappings. */
export interface MergeResult {
  /** Visitors of whom more, or other, is known than before. */
  changed: Set<string>;
  /** Visitors named by an event that had named them before: its first try may not have come to its end. */
  repeated: Set<string>;
}

/** Adds what identified events say. */
export async function mergeMappings(
  ctx: JobContext,
  identified: readonly Item[],
  known: Map<string, KnownMapping>,
  at: number,
): Promise<MergeResult> {
  const result: MergeResult = { changed: new Set(), repeated: new Set() };
  await pipelined([...byVisitor(identified)], IN_FLIGHT, async ([visitor, items]) => {
    const merged = await merge(ctx, visitor, { items, known: known.get(visitor), at });
    known.set(visitor, merged.mapping);
    if (merged.changed) result.changed.add(visitor);
    if (merged.repeated) result.repeated.add(visitor);
  });
  return result;
}

interface Addition {
  items: Item[];
  known: KnownMapping | undefined;
  at: number;
}

/** Compare-and-set until it stands; nothing is written where nothing is new. */
async function merge(ctx: JobContext, visitor: string, addition: Addition) {
  let { known } = addition;
  for (;;) {
    const before = known;
    const next = merged(addition.items, known, addition.at);
    const changed = next !== known && (!known || textOf(next) !== textOf(known));
    const repeated = before !== undefined && addition.items.some(({ token }) => isKnown(before, token));
    if (known && next === known && !isAgeing(ctx, known)) return { mapping: known, changed, repeated };
    // Read over once more: a mapping that everybody still goes by lives on for another window.
    const value = JSON.stringify({ ...next, revision: undefined, storedAt: undefined, at: addition.at });
    const revision = await putMapping(ctx, visitor, value, known?.revision ?? 0);
    if (revision !== undefined) return { mapping: { ...next, revision }, changed, repeated };
    known = (await readMappings(ctx, [visitor])).get(visitor);
  }
}

/** What a mapping is with what events say; `known` itself where they say nothing new. */
export function merged(items: readonly Item[], known: KnownMapping | undefined, at: number): KnownMapping {
  const before = known ?? { identity: [], by: '', at, revision: 0, storedAt: at };
  const said = asSaid(before);
  let logins = said;
  let seen: readonly string[] = before.seen ?? [];
  for (const { what, token, time, isTimed } of items) {
    if (what.kind !== 'identified') continue;
    const login = { at: time, by: token, identity: what.identity };
    if (isUndone(before, login)) continue;
    if (!isTimed && isSeen({ logins, seen }, login)) continue;
    logins = withLogin(logins, login);
    if (!isTimed) seen = withSeen(seen, shortToken(token));
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

/** One that does not say when it happened, happened when it arrived first: what is finished late may have arrived before. */
function isSeen(
  { logins, seen }: { logins: readonly Login[]; seen: readonly string[] },
  { at, by }: Login,
): boolean {
  const known = logins.find(login => login.by === by);
  return known ? known.at <= at : seen.includes(shortToken(by));
}

function withSeen(seen: readonly string[], short: string): readonly string[] {
  return seen.includes(short) ? seen : [...seen, short].slice(-MOST_SEEN);
}

/** What decides whose an event is, to tell whether that changed. */
export function textOf(mapping: KnownMapping): string {
  return JSON.stringify(staysOf(asSaid(mapping)).map(({ at, from, identity }) => [at, from, identity]));
}

function isKnown(mapping: KnownMapping, token: string): boolean {
  return mapping.by === token || asSaid(mapping).some(({ by }) => by === token);
}

/** The revision, or undefined where the mapping is another by now. */
export async function putMapping(ctx: JobContext, key: string, value: string, expectedRevision: number) {
  const { bucket } = ctx.settings;
  try {
    const write = { bucket, key, value, expectedRevision, ttl: windowOf(ctx.settings) };
    return (await ctx.kv.put(ctx.call, write)).revision;
  } catch (error) {
    if (error instanceof PackError && error.code === 'REVISION_CONFLICT') return undefined;
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
  await pipelined(visitors, IN_FLIGHT, async ({ visitor, mapping: { revision, storedAt: _, ...value } }) => {
    const stands = await putMapping(ctx, visitor, JSON.stringify({ ...value, done: revision }), revision);
    // Nobody named the visitor otherwise while its rows were amended.
    if (stands !== undefined) ctx.amended.delete(visitor);
  });
}

function isAgeing(ctx: JobContext, { at }: KnownMapping): boolean {
  return Date.now() - at > windowOf(ctx.settings) / 2_000_000;
}

/** Of a store's answer. */
export async function toMapping(found: KvEntry | KvMarker | undefined): Promise<KnownMapping | undefined> {
  if (!isEntry(found)) return undefined;
  const mapping = await unpack<Mapping>(found.value);
  return { ...mapping, revision: found.revision, storedAt: Date.parse(found.createdAt) };
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
