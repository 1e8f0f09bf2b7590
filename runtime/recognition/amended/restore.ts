/** Rows that are set back, and whose events are remembered again: a login of before came late, or was undone. */

import { PackError } from '../../../contract/errors.ts';
import { stringifyExact } from '../../../contract/exact-json.ts';
import type { Call } from '../../core/call.ts';
import type { Cell, Cells, Destination, RestoreRow } from '../../core/destinations.ts';
import type { KvEntry } from '../../core/ports/items.ts';
import { isEntry } from '../../core/ports/items.ts';
import type { KvStore } from '../../core/ports/kv-store.ts';
import type { KvPutAnswer } from '../../core/ports/writes.ts';
import { unpack } from '../../core/state/pack.ts';
import type { VisitorPlace } from '../audit.ts';
import { readAudit } from '../audit.ts';
import type { JobContext } from '../job.ts';
import { atWarehouse, batchesOf } from '../job.ts';
import type { KnownMapping } from '../mapping.ts';
import { asSaid } from '../mapping.ts';
import { fromStoredNote, noted, noteOf } from '../note.ts';
import { isRemembered, toListed } from '../remember.ts';
import { windowOf } from '../settings.ts';
import { isComplete } from '../who/identity.ts';
import { isDisputed } from '../who/owner.ts';
import type { AmendedRow } from './rows.ts';
import { amendedRows, linkTo, wrongRows } from './rows.ts';

/**
 * Sets rows back that were given to a user who, as is known by now, was not the one when their event happened: a login
 * of before came late. They are remembered anew, so that whoever lists the visitor's events afterwards amends them. What
 * somebody else has written into a row since stays. Only of visitors who had several users, or one who is written in
 * several ways, can rows be wrong; and only `fill` goes by the time of events: with the others those of who was undone are. Answers
 * the visitors who are to be listed.
 * Of those to `recover` rows are looked at again too to which a process that was killed may have given a part, before
 * another gave them the rest and was done with them.
 */
export async function reassign(
  ctx: JobContext,
  visitors: ReadonlyMap<string, KnownMapping>,
  recover: ReadonlySet<string> = new Set(),
): Promise<string[]> {
  const reset: string[] = [];
  for (const [visitor, mapping] of visitors) {
    const mayLack = recover.has(visitor) && isNamedInParts(ctx, mapping);
    if (!isDisputed(ctx, mapping) && !mayLack) continue;
    if (await reassignOne(ctx, { visitor, mapping, mayLack })) reset.push(visitor);
  }
  return reset;
}

/** Only then is a row amended part by part. */
function isNamedInParts({ settings }: JobContext, mapping: KnownMapping): boolean {
  if (settings.conflict !== 'fill') return false;
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
  const rows = await wrongRows(ctx, amended, { mapping, mayLack });
  // Above every amendment by an earlier mapping, and below those by this one.
  const version = versions.load(mapping.revision);
  for (const some of batchesOf(rows)) {
    const again = { bucket, visitor, ttl: windowOf(settings), rows: some };
    // Before, as a row that was set back must be found whoever is killed now; and after, as somebody may have been done with it.
    await rememberAgain(kv, call, again);
    await atWarehouse(ctx, (warehouse, within) => setBack(warehouse, within, { rows: some, version }));
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

/**
 * Sets rows back where they still hold what was written into them: into a column several values may have been, and what stands
 * there is one of them. Answers how many were changed.
 */
export async function setBack(
  warehouse: Destination,
  call: Call,
  { rows, version }: { rows: readonly AmendedRow[]; version: bigint },
): Promise<number> {
  const several = rows.filter(row => Object.values(row.columns).some(links => links.length > 1));
  const there = new Map<AmendedRow, Cells<Cell | null> | undefined>();
  for (const group of Map.groupBy(
    several,
    ({ table, key }) => `${table}\n${Object.keys(key).join('\n')}`,
  ).values()) {
    const [{ table, key } = { table: '', key: {} }] = group;
    const target = { table, primaryKeyFields: Object.keys(key) };
    const found = await warehouse.read(
      call,
      target,
      group.map(row => row.key),
    );
    for (const [index, row] of group.entries()) there.set(row, found[index]);
  }
  const back = rows.flatMap((row): RestoreRow[] => {
    const { table, key } = row;
    const columns: RestoreRow['columns'] = Object.create(null);
    for (const [column, links] of Object.entries(row.columns)) {
      const link = there.has(row) ? linkTo(links, there.get(row)?.[column]) : links[0];
      if (link) columns[column] = link;
    }
    return Object.keys(columns).length > 0 ? [{ table, key, columns, version }] : [];
  });
  const answers = back.length > 0 ? await warehouse.restore(call, back) : [];
  return answers.filter(Boolean).length;
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
