/** Rows that are set back, and whose events are remembered again: a login of before came late, or was undone. */

import { PackError } from '../../../contract/errors.ts';
import { stringifyExact } from '../../../contract/exact-json.ts';
import type { Call } from '../../core/call.ts';
import type { Cell, Cells, RestoreRow } from '../../core/destinations.ts';
import type { KvEntry } from '../../core/ports/items.ts';
import { isEntry } from '../../core/ports/items.ts';
import type { KvStore } from '../../core/ports/kv-store.ts';
import type { KvPutAnswer } from '../../core/ports/writes.ts';
import { unpack } from '../../core/state/pack.ts';
import type { EventNote, StoredAudit, VisitorPlace } from '../audit.ts';
import { fromStoredNote, noted, noteOf, readAudit } from '../audit.ts';
import type { JobContext } from '../job.ts';
import { atWarehouse, batchesOf } from '../job.ts';
import { eventKey, keyTagOf } from '../keys.ts';
import type { KnownMapping } from '../mapping.ts';
import { asSaid } from '../mapping.ts';
import { isRemembered, toListed } from '../remember.ts';
import { windowOf } from '../settings.ts';
import { isComplete } from '../who/identity.ts';
import { isDisputed, ownerAt } from '../who/owner.ts';
import { saidBy } from './changes.ts';

/**
 * Sets rows back that were given to a user who, as is known by now, was not the one when their event happened: a login
 * of before came late. They are remembered anew, so that whoever lists the visitor's events afterwards amends them. What
 * somebody else has written into a row since stays. Only of visitors who had several users, or one who is written in
 * several ways, can rows be wrong; and only `fill` goes by the time of events. Answers the visitors who are to be listed.
 * Of those to `recover` rows are looked at again too to which a process that was killed may have given a part, before
 * another gave them the rest and was done with them.
 */
export async function reassign(
  ctx: JobContext,
  visitors: ReadonlyMap<string, KnownMapping>,
  recover: ReadonlySet<string> = new Set(),
): Promise<string[]> {
  const reset: string[] = [];
  if (ctx.settings.conflict !== 'fill') return reset;
  for (const [visitor, mapping] of visitors) {
    const mayLack = recover.has(visitor) && isNamedInParts(ctx, mapping);
    if (!isDisputed(mapping) && !mayLack) continue;
    if (await reassignOne(ctx, { visitor, mapping, mayLack })) reset.push(visitor);
  }
  return reset;
}

/** Only then is a row amended part by part. */
function isNamedInParts({ settings }: JobContext, mapping: KnownMapping): boolean {
  return asSaid(mapping).some(({ identity }) => !isComplete(identity, settings.identification));
}

async function reassignOne(
  ctx: JobContext,
  { visitor, mapping, mayLack }: { visitor: string; mapping: KnownMapping; mayLack: boolean },
): Promise<boolean> {
  const { kv, call, destination, settings, versions } = ctx;
  const { bucket } = settings;
  const usual = destination?.primaryKeyFields;
  const read = async () => amendedRows(await readAudit(kv, call, { bucket, visitor }), usual);
  const noted = await withNotes(ctx, visitor, await read());
  // What is missing was taken out just now, and a note written before.
  const amended = noted.some(({ note }) => !note) ? await withNotes(ctx, visitor, await read()) : noted;
  const rows = amended.flatMap(row => {
    const lacks = mayLack && isToldInPart(ctx, row, mapping);
    return wrongIn(row, mapping) ?? (lacks ? { ...row, columns: {} } : []);
  });
  // Above every amendment by an earlier mapping, and below those by this one.
  const version = versions.load(mapping.revision);
  for (const some of batchesOf(rows)) {
    const again = { bucket, visitor, ttl: windowOf(settings), rows: some };
    // Before, as a row that was set back must be found whoever is killed now; and after, as somebody may have been done with it.
    await rememberAgain(kv, call, again);
    for (const turn of restoreTurns(some, version))
      await atWarehouse(ctx, (warehouse, within) => warehouse.restore(within, turn));
    await ctx.step('restore');
    await rememberAgain(kv, call, again);
  }
  return rows.length > 0;
}

/** Events that are still remembered say themselves when they happened. */
export async function withNotes(ctx: JobContext, visitor: string, rows: AmendedRow[]): Promise<AmendedRow[]> {
  const { kv, call, settings } = ctx;
  for (const some of batchesOf(rows.filter(({ note }) => !note))) {
    const keys = some.map(({ token }) => `${visitor}.${token}`);
    const found = await kv.getMany(call, settings.bucket, keys);
    for (const [index, row] of some.entries()) {
      const listed = await toListed(found[index]);
      if (listed) row.note = noteOf(listed.remembered, settings);
    }
  }
  return rows;
}

/** The row with what was written into it that its user, as known now, is not. Of whom it is not known when it happened nobody can tell. */
export function wrongIn(row: AmendedRow, mapping: KnownMapping): AmendedRow | undefined {
  const { note, token } = row;
  if (!note) return undefined;
  const owner = ownerAt(mapping, note.at, token);
  const values = new Set(owner?.identity.map(({ value }) => String(value)));
  const columns: AmendedRow['columns'] = Object.create(null);
  for (const [column, links] of Object.entries(row.columns)) {
    const wrong = links.filter(({ from }) => !values.has(String(from)));
    if (wrong.length > 0) columns[column] = wrong;
  }
  return Object.keys(columns).length > 0 ? { ...row, columns } : undefined;
}

/** Whether its user is more than was written into the row, as far as that is written down, and more than its event says. */
function isToldInPart({ settings }: JobContext, { note, token, columns }: AmendedRow, mapping: KnownMapping) {
  if (!note) return false;
  const told = saidBy(note.outline ?? {}, settings);
  for (const links of Object.values(columns)) for (const { from } of links) told.add(String(from));
  return ownerAt(mapping, note.at, token)?.identity.some(({ value }) => !told.has(String(value))) ?? false;
}

/** A value that was written, and what it is set back to. */
interface Link {
  from: Cell;
  to: Cell | null;
}

/** A row that was amended: what stood there first and what was written last, and what is known of its event. */
export interface AmendedRow extends Pick<RestoreRow, 'table' | 'key'> {
  /** What was written into each column, the last first, and what stood there before. */
  columns: Cells<Link[]>;
  /** Names of its primary key's columns, as the destination has them where they are the same. */
  fields: string[];
  /** Stands for its event. */
  token: string;
  note: EventNote | undefined;
}

/** One row for each that was amended, of entries in the order in which they were written; `usual`: the destination's primary key. */
export function amendedRows(
  entries: readonly StoredAudit[],
  usual: readonly string[] | undefined,
): AmendedRow[] {
  const rows = new Map<string, AmendedRow>();
  for (const { rows: changed, notes } of entries.toReversed()) {
    for (const [index, { table, key, old, new: now }] of changed.entries()) {
      const name = JSON.stringify([
        table,
        Object.entries(key).map(([column, cell]) => [column, String(cell)]),
      ]);
      const row = rows.get(name) ?? {
        table,
        key,
        columns: Object.create(null),
        ...eventOf(table, key, usual),
      };
      rows.set(name, row);
      row.note = earlier(row.note, notes?.[index]);
      for (const column of Object.keys(now)) {
        const links = row.columns[column] ?? [];
        row.columns[column] = links;
        chain(links, now[column], old[column]);
      }
    }
  }
  const all = [...rows.values()];
  for (const row of all)
    for (const { gone } of entries) row.note = earlier(row.note, fromStoredNote(gone?.[row.token]));
  return all;
}

/** One that does not say when it happened, happened when it arrived first. */
function earlier(one: EventNote | undefined, other: EventNote | undefined): EventNote | undefined {
  return one && other && other.at < one.at ? other : (one ?? other);
}

function eventOf(table: string, key: Cells, usual: readonly string[] | undefined) {
  const named = usual?.length === Object.keys(key).length ? [...usual] : Object.keys(key);
  const fields = named.every(field => isField(key, field)) ? named : Object.keys(key);
  const settings = { table, primaryKeyFields: fields, keyTag: keyTagOf(fields, usual) };
  const note: EventNote | undefined = undefined;
  return { fields, token: eventKey(key, '', settings), note };
}

function isField(event: Cells, field: string): boolean {
  return !field.startsWith('/') && Object.hasOwn(event, field);
}

/**
 * What a later amendment found there is what an earlier one wrote, or stood there first. Which of several processes was
 * the last to write is not known: whatever any of them wrote is set back.
 */
function chain(links: Link[], from: Cell | undefined, to: Cell | null = null): void {
  if (from === undefined) return;
  const later = links.find(link => link.to === from);
  if (later) later.to = to;
  else if (!links.some(link => link.from === from)) links.push({ from, to });
}

/** Rows as `restore` takes them, in turns: in each a column is set back from one of the values that were written. */
export function restoreTurns(rows: readonly AmendedRow[], version: bigint): RestoreRow[][] {
  const turns: RestoreRow[][] = [];
  for (const { table, key, columns } of rows) {
    const most = Math.max(0, ...Object.values(columns).map(links => links.length));
    for (let turn = 0; turn < most; turn++) {
      const some = Object.entries(columns).flatMap(([column, links]) => {
        const link = links[turn];
        return link ? [[column, link] as const] : [];
      });
      turns[turn] ??= [];
      turns[turn]?.push({ table, key, columns: cellsOf(some), version });
    }
  }
  return turns;
}

function cellsOf<T>(pairs: readonly (readonly [string, T])[]): Cells<T> {
  return Object.assign(Object.create(null), Object.fromEntries(pairs)) as Cells<T>;
}

/** Where rows are remembered again, and for how many nanoseconds. */
interface Again extends VisitorPlace {
  ttl: number;
}

/**
 * Remembers events of rows that were set back, so that whoever is their user now finds them: by their keys and notes, or, where
 * an event is still there, as it is; anew, as it may be in a queue of those to be taken out.
 */
export async function rememberAgain(
  kv: KvStore,
  call: Call,
  { rows, ...again }: Again & { rows: readonly AmendedRow[] },
): Promise<void> {
  for (const some of batchesOf(rows))
    for (let open = some; open.length > 0; ) open = await rememberSome(kv, call, { ...again, rows: open });
}

/** Answers the rows whose events were remembered, or taken out, in between. */
async function rememberSome(
  kv: KvStore,
  call: Call,
  { rows, bucket, visitor, ttl }: Again & { rows: AmendedRow[] },
): Promise<AmendedRow[]> {
  const keys = rows.map(({ token }) => `${visitor}.${token}`);
  const there = (await kv.getMany(call, bucket, keys)).map(found => (isEntry(found) ? found : undefined));
  const unknown = rows.filter(({ note }, index) => !there[index] && !note);
  if (unknown.length > 0) await findLateNotes(kv, call, { bucket, visitor, rows: unknown });
  const puts = await Promise.all(
    rows.map(async (row, index) => {
      const entry = there[index];
      const value = entry ? await renewed(entry, row) : noted(row, row.note);
      return { key: keys[index] ?? '', value, expectedRevision: entry?.revision ?? 0, ttl };
    }),
  );
  const answers = await kv.putMany(call, bucket, puts);
  return rows.filter((_, index) => isChanged(answers[index]));
}

/** They were taken out just now, and notes of them written before. */
async function findLateNotes(
  kv: KvStore,
  call: Call,
  { bucket, visitor, rows }: VisitorPlace & { rows: AmendedRow[] },
): Promise<void> {
  const entries = await readAudit(kv, call, { bucket, visitor });
  for (const row of rows)
    row.note = fromStoredNote(entries.findLast(({ gone }) => gone?.[row.token])?.gone?.[row.token]);
}

/** As it is there, but for when it happened: one that was sent again may not know. */
async function renewed({ value }: KvEntry, row: AmendedRow): Promise<string | Uint8Array> {
  const { note } = row;
  const remembered = await unpack(value, isRemembered);
  if (!remembered) return noted(row, note);
  if (note === undefined || (remembered.at ?? note.at) <= note.at) return value;
  return stringifyExact({ ...remembered, at: note.at });
}

function isChanged(answer: KvPutAnswer | PackError | undefined): boolean {
  if (!(answer instanceof PackError)) return false;
  if (answer.code !== 'REVISION_CONFLICT') throw answer;
  return true;
}
