import { PackError } from '../../contract/errors.ts';
import { pipelined } from '../core/pipeline.ts';
import type { KvEntry, KvMarker } from '../core/ports.ts';
import { isEntry } from '../core/ports.ts';
import type { NodeValue } from './classify.ts';
import { addUp, covers } from './identity.ts';
import type { Item, JobContext } from './job.ts';
import { windowOf } from './job.ts';
import { unpack } from './pack.ts';

/** Who a visitor is, as far as is known. */
export interface Mapping {
  /** Empty: undone. */
  identity: NodeValue[];
  /** Token of the event that said the last of it. */
  by: string;
  /** When it did, in milliseconds since 1970. */
  at: number;
  /** Revision up to which the visitor's events are done with: their rows have all that can become known. */
  done?: number;
  /** Without a destination: the answer had no room for all events that this recognized. */
  more?: true;
}

/** A mapping as it was read. */
export interface KnownMapping extends Mapping {
  revision: number;
}

const IN_FLIGHT = 128;

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

/** Adds what identified events say. Answers the visitors of whom it is more, or other, than was known. */
export async function mergeMappings(
  ctx: JobContext,
  identified: readonly Item[],
  known: Map<string, KnownMapping>,
  at: number,
): Promise<Set<string>> {
  const changed = new Set<string>();
  await pipelined([...byVisitor(identified)], IN_FLIGHT, async ([visitor, items]) => {
    const merged = await merge(ctx, visitor, { items, known: known.get(visitor), at });
    known.set(visitor, merged.mapping);
    if (merged.changed) changed.add(visitor);
  });
  return changed;
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
    const next = merged(addition.items, known, addition.at);
    const changed = next !== known;
    if (known && !changed && !isAgeing(ctx, known)) return { mapping: known, changed };
    // Read over once more: a mapping that everybody still goes by lives on for another window.
    const value = JSON.stringify({ ...next, revision: undefined, at: addition.at });
    const revision = await putMapping(ctx, visitor, value, known?.revision ?? 0);
    if (revision !== undefined) return { mapping: { ...next, revision }, changed };
    known = (await readMappings(ctx, [visitor])).get(visitor);
  }
}

/** `known` itself where the events say nothing new. */
function merged(items: readonly Item[], known: KnownMapping | undefined, at: number): KnownMapping {
  let result = known ?? { identity: [], by: '', at, revision: 0 };
  for (const { what, token } of items) {
    if (what.kind !== 'identified' || covers(result.identity, what.identity)) continue;
    result = { ...result, identity: addUp(result.identity, what.identity), by: token, at };
  }
  return result;
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
  await pipelined(visitors, IN_FLIGHT, async ({ visitor, mapping: { revision, ...value } }) => {
    await putMapping(ctx, visitor, JSON.stringify({ ...value, done: revision }), revision);
  });
}

function isAgeing(ctx: JobContext, { at }: KnownMapping): boolean {
  return Date.now() - at > windowOf(ctx.settings) / 2_000_000;
}

/** Of a store's answer. */
export async function toMapping(found: KvEntry | KvMarker | undefined): Promise<KnownMapping | undefined> {
  if (!isEntry(found)) return undefined;
  const mapping = await unpack<Mapping>(found.value);
  // Undone: what was remembered until then was recognized as somebody it may not be from.
  const done = mapping.identity.length === 0 ? { done: found.revision } : {};
  return { ...mapping, ...done, revision: found.revision };
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
