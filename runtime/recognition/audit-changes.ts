import type { Cell, Cells } from '../core/destinations.ts';
import type { AuditedRows } from './audit.ts';
import { auditRow, readAudit } from './audit.ts';
import type { AuditRow } from './audit-format.ts';
import type { JobContext } from './job.ts';
import { atWarehouse } from './job.ts';
import type { Amended } from './known-event.ts';
import type { Owner } from './owner.ts';

/** Changes by the user that they are owed to, as it was read: so by visitor and by the event that named them. */
export type Changes = Map<Owner, AuditedRows>;

/** Adds what an amendment changed, if it did. */
export function addChange(changes: Changes, { row, outcome }: Amended): void {
  const changed = auditRow(outcome);
  if (changed) add(changes, row, changed);
}

/**
 * A process may have been killed after the warehouse had changed rows and before that was written down. Rows that are
 * as they should be, and of which no entry tells, are such rows: the change is written down now.
 */
export async function recoverChanges(
  ctx: JobContext,
  unsure: readonly Amended[],
  { changes, primaryKeyFields }: { changes: Changes; primaryKeyFields: string[] },
): Promise<void> {
  const told = await changesTold(ctx, new Set(unsure.map(({ row }) => row.visitor)));
  const candidates = unsure.flatMap(({ row, outcome }) => {
    if (outcome.state !== 'unchanged' || !outcome.row) return [];
    return [{ row, ...outcome.row }];
  });
  const untold = candidates.filter(({ row, table, key }) => !told.has(nameOf(row.visitor, table, key)));
  const [first] = untold;
  if (!first) return;
  for (const [table, rows] of Map.groupBy(untold, ({ table }) => table)) {
    const keys = rows.map(({ key }) => key);
    const current = await atWarehouse(ctx, (destination, call) =>
      destination.read(call, { table, primaryKeyFields }, keys),
    );
    for (const [index, { row, key, new: wanted }] of rows.entries()) {
      const there = current?.[index];
      const columns = Object.keys(wanted).filter(column => isSame(there?.[column], wanted[column]));
      if (columns.length > 0) add(changes, row, { table, key, ...fromNull(columns, wanted) });
    }
  }
}

/** Only `overwrite` ever replaces a value, and that is written down beforehand. */
function fromNull(columns: string[], wanted: Cells): Pick<AuditRow, 'old' | 'new'> {
  const old: AuditRow['old'] = Object.create(null);
  const now: AuditRow['new'] = Object.create(null);
  for (const column of columns) {
    old[column] = null;
    now[column] = wanted[column] ?? '';
  }
  return { old, new: now };
}

/** A warehouse may answer an integer as another type than it was given. */
function isSame(there: Cell | null | undefined, wanted: Cell | undefined): boolean {
  return there !== null && there !== undefined && String(there) === String(wanted);
}

async function changesTold(ctx: JobContext, visitors: Iterable<string>): Promise<Set<string>> {
  const told = new Set<string>();
  for (const visitor of visitors) {
    const entries = await readAudit(ctx.kv, ctx.call, { bucket: ctx.settings.bucket, visitor });
    for (const { rows } of entries) for (const { table, key } of rows) told.add(nameOf(visitor, table, key));
  }
  return told;
}

function add(changes: Changes, { visitor, owner }: Amended['row'], changed: AuditRow): void {
  const known = changes.get(owner);
  if (known) known.rows.push(changed);
  else changes.set(owner, { visitor, by: owner.by, revision: owner.revision, rows: [changed] });
}

function nameOf(visitor: string, table: string, key: Cells): string {
  const columns = Object.keys(key).sort();
  return JSON.stringify([visitor, table, columns.map(column => [column, String(key[column])])]);
}
