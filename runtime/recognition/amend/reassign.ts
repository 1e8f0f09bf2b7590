import { MAX_ROWS } from '../../core/destinations.ts';
import { isEntry } from '../../core/ports/items.ts';
import { noteOf } from '../event/event-note.ts';
import type { JobContext } from '../identify/job.ts';
import { atWarehouse, windowOf } from '../identify/job.ts';
import { toListed } from '../remember/remember.ts';
import { rememberAgain } from '../remember/remember-again.ts';
import type { KnownMapping } from '../visitor/mapping.ts';
import { isDisputed, ownerAt } from '../visitor/owner.ts';
import { readAudit } from './audit.ts';
import type { AmendedRow } from './restore-rows.ts';
import { amendedRows, restoreTurns } from './restore-rows.ts';

/** Visitors with their mappings. */
export type Visitors = ReadonlyMap<string, KnownMapping>;

/**
 * Sets rows back that were given to a user who, as is known by now, was not the one when their event happened: a login
 * of before came late. They are remembered anew, so that whoever lists the visitor's events afterwards amends them. What
 * somebody else has written into a row since stays. Only of visitors who had several users, or one who is written in
 * several ways, can rows be wrong; and only `fill` goes by the time of events. Answers the visitors who are to be listed.
 */
export async function reassign(ctx: JobContext, visitors: Visitors): Promise<string[]> {
  const reset: string[] = [];
  if (ctx.settings.conflict !== 'fill') return reset;
  for (const [visitor, mapping] of visitors)
    if (isDisputed(mapping) && (await reassignOne(ctx, visitor, mapping))) reset.push(visitor);
  return reset;
}

async function reassignOne(ctx: JobContext, visitor: string, mapping: KnownMapping): Promise<boolean> {
  const { kv, call, destination, settings, versions } = ctx;
  const { bucket } = settings;
  const usual = destination?.primaryKeyFields;
  const read = async () => amendedRows(await readAudit(kv, call, { bucket, visitor }), usual);
  const noted = await withNotes(ctx, visitor, await read());
  // What is missing was taken out just now, and a note written before.
  const amended = noted.some(({ note }) => !note) ? await withNotes(ctx, visitor, await read()) : noted;
  const rows = amended.flatMap(row => wrongIn(row, mapping) ?? []);
  // Above every amendment by an earlier mapping, and below those by this one.
  const version = versions.load(mapping.revision);
  for (let at = 0; at < rows.length; at += MAX_ROWS) {
    const some = rows.slice(at, at + MAX_ROWS);
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
  const missing = rows.filter(({ note }) => !note);
  for (let at = 0; at < missing.length; at += MAX_ROWS) {
    const some = missing.slice(at, at + MAX_ROWS);
    const keys = some.map(({ token }) => `${visitor}.${token}`);
    const found = await kv.getMany(call, settings.bucket, keys);
    for (const [index, row] of some.entries()) {
      const entry = found[index];
      const listed = isEntry(entry) ? await toListed(visitor, entry) : undefined;
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
