/**
 * Versions of a script, counted from 1. The history of a script's key ends after 64 puts, and its revisions count all
 * scripts together; here each version is kept under a number of its own, for good. What stands in the history and not here, as
 * what an older build stored, is brought in when the next version is stored or a number is asked for.
 */

import { OWN_BUCKETS, SCRIPT_VERSIONS_BUCKET, SCRIPTS_BUCKET } from '../../contract/own-buckets.ts';
import type { FunctionContext } from './define-function.ts';
import type { KvEntry } from './ports/items.ts';
import { isEntry } from './ports/items.ts';
import { orEmpty } from './state/or-empty.ts';
import { orNone } from './state/or-none.ts';
import { ownedBucket } from './state/owned-bucket.ts';

/** One version, as it is kept. */
export interface KeptVersion {
  number: number;
  /** Its revision in the bucket of scripts. */
  version: number;
  created_at: string;
  /** The value it had there, JSON. */
  stored: string;
}

/** Brings in what the history has and answers the numbers of all versions, by revision. */
export async function keepVersions(ctx: FunctionContext, id: string): Promise<Map<number, number>> {
  const bucket = ownedBucket(ctx.kv, {
    name: SCRIPT_VERSIONS_BUCKET,
    ...OWN_BUCKETS[SCRIPT_VERSIONS_BUCKET],
  });
  return await bucket.use(ctx, async () => {
    const kept = await numbersOf(ctx, id);
    let last = Math.max(0, ...kept.keys());
    let number = Math.max(0, ...kept.values());
    for (const entry of await historyOf(ctx, id)) {
      if (entry.revision <= last) continue;
      // Who was faster has kept the same version, under the same number.
      await keep(ctx, id, { number: ++number, entry });
      kept.set(entry.revision, number);
      last = entry.revision;
    }
    return kept;
  });
}

/** One version in a list. */
export interface ListedVersion {
  number: number;
  version: number;
  created_at: string;
  names: string[];
}

/** All versions, the newest first. */
export async function listVersions(ctx: FunctionContext, id: string): Promise<ListedVersion[]> {
  const numbers = [...(await keepVersions(ctx, id))];
  const keys = numbers.map(([version, number]) => revisionKey(id, version, number));
  const [names, created] = await Promise.all([
    namesOf(ctx, id),
    keys.length > 0 ? orEmpty(ctx.kv).getMany(ctx, SCRIPT_VERSIONS_BUCKET, keys) : [],
  ]);
  // A version that somebody deleted meanwhile is none any more.
  const all = numbers.flatMap(([version, number], at) => {
    const entry = created[at];
    if (!isEntry(entry)) return [];
    return [{ number, version, created_at: textOf(entry), names: names.get(number) ?? [] }];
  });
  return all.sort((a, b) => b.number - a.number);
}

/** A version by its number; undefined where there is none. */
export async function versionByNumber(
  ctx: FunctionContext,
  id: string,
  number: number,
): Promise<KeptVersion | undefined> {
  const before = await revisionOf(ctx, id, number);
  const version = before ?? revisionIn(await keepVersions(ctx, id), number);
  return version === undefined ? undefined : await readKept(ctx, id, { number, version });
}

/** A version by its revision, where the history of the script has it no more. */
export async function versionByRevision(
  ctx: FunctionContext,
  id: string,
  version: number,
): Promise<KeptVersion | undefined> {
  const number = (await numbersOf(ctx, id)).get(version);
  return number === undefined ? undefined : await readKept(ctx, id, { number, version });
}

async function revisionOf(ctx: FunctionContext, id: string, number: number): Promise<number | undefined> {
  return revisionIn(await numbersOf(ctx, id), number);
}

function revisionIn(numbers: Map<number, number>, number: number): number | undefined {
  return [...numbers].find(([, one]) => one === number)?.[0];
}

async function readKept(
  ctx: FunctionContext,
  id: string,
  { number, version }: { number: number; version: number },
): Promise<KeptVersion | undefined> {
  const keys = [versionKey(id, number), revisionKey(id, version, number)];
  const [text, created] = await orEmpty(ctx.kv).getMany(ctx, SCRIPT_VERSIONS_BUCKET, keys);
  if (!isEntry(text) || !isEntry(created)) return undefined;
  return { number, version, created_at: textOf(created), stored: textOf(text) };
}

/** Names a version; the name moves from the version that had it. */
export async function nameVersion(
  ctx: FunctionContext,
  id: string,
  named: { name: string; number: number },
): Promise<void> {
  await ctx.kv.put(ctx, {
    bucket: SCRIPT_VERSIONS_BUCKET,
    key: `${id}.name.${named.name}`,
    value: String(named.number),
  });
}

/** The number that a name stands for; undefined where nothing has that name. */
export async function numberOfName(
  ctx: FunctionContext,
  id: string,
  name: string,
): Promise<number | undefined> {
  const found = await orEmpty(ctx.kv).get(ctx, { bucket: SCRIPT_VERSIONS_BUCKET, key: `${id}.name.${name}` });
  return isEntry(found) ? Number(textOf(found)) : undefined;
}

/** All names of a script's versions, by number. */
export async function namesOf(ctx: FunctionContext, id: string): Promise<Map<number, string[]>> {
  const kv = orEmpty(ctx.kv);
  const keys = await kv.keys(ctx, SCRIPT_VERSIONS_BUCKET, `${id}.name.*`);
  const found = keys.length > 0 ? await kv.getMany(ctx, SCRIPT_VERSIONS_BUCKET, keys) : [];
  const names = new Map<number, string[]>();
  for (const entry of found.filter(isEntry)) {
    const number = Number(textOf(entry));
    names.set(number, [...(names.get(number) ?? []), entry.key.slice(`${id}.name.`.length)].sort());
  }
  return names;
}

/** A listing of keys has all numbers. */
async function numbersOf(ctx: FunctionContext, id: string): Promise<Map<number, number>> {
  const keys = await orEmpty(ctx.kv).keys(ctx, SCRIPT_VERSIONS_BUCKET, `${id}.r.*.*`);
  const numbers = keys.map(key => key.split('.').slice(2).map(Number) as [number, number]);
  return new Map(numbers.filter(both => both.every(Number.isSafeInteger)));
}

async function historyOf(ctx: FunctionContext, id: string): Promise<KvEntry[]> {
  const all = (await orNone(ctx.kv.history(ctx, SCRIPTS_BUCKET, id))) ?? [];
  return all.filter(isEntry).sort((a, b) => a.revision - b.revision);
}

async function keep(
  ctx: FunctionContext,
  id: string,
  { number, entry }: { number: number; entry: KvEntry },
): Promise<void> {
  const at = { bucket: SCRIPT_VERSIONS_BUCKET };
  // The text first: what its number leads to is there.
  await ctx.kv.put(ctx, { ...at, key: versionKey(id, number), value: entry.value });
  await ctx.kv.put(ctx, { ...at, key: revisionKey(id, entry.revision, number), value: entry.createdAt });
}

function revisionKey(id: string, version: number, number: number): string {
  return `${id}.r.${version}.${number}`;
}

function versionKey(id: string, number: number): string {
  return `${id}.n.${number}`;
}

function textOf({ value }: KvEntry): string {
  return Buffer.from(value).toString('utf8');
}
