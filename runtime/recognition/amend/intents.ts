import type { AmendOutcome, AmendRow, AmendTarget } from '../../core/destinations.ts';
import type { KnownEvent } from '../event/known-event.ts';
import type { JobContext } from '../identify/job.ts';
import { atWarehouse } from '../identify/job.ts';
import { auditRow, writeAudit } from './audit.ts';
import type { Changes } from './audit-changes.ts';
import { addChange } from './audit-changes.ts';
import type { AuditRow } from './audit-format.ts';

/** What was written down of rows before they are amended. */
export type Intents = ReadonlyMap<KnownEvent, AuditRow>;

/**
 * `overwrite` alone replaces values, which only the process that did so has seen: were it killed before it wrote them
 * down, they would be lost. So they are written down first. Undoing an amendment that then never came about changes
 * nothing, as it sets back only what holds the new value. A row that is not there yet has no value to lose.
 */
export async function writeIntents(
  ctx: JobContext,
  target: AmendTarget,
  { rows, toAmend }: { rows: readonly KnownEvent[]; toAmend: readonly AmendRow[] },
): Promise<Intents> {
  const intents = new Map<KnownEvent, AuditRow>();
  if (target.conflict !== 'overwrite') return intents;
  const planned = await atWarehouse(ctx, (destination, call) => destination.dryRun(call, target, toAmend));
  const changes: Changes = new Map();
  for (const [index, row] of rows.entries()) {
    const outcome = planned?.[index];
    const changed = outcome && auditRow(outcome);
    if (!changed) continue;
    intents.set(row, changed);
    addChange(changes, { row, outcome }, ctx.settings);
  }
  await writeAudit(ctx, [...changes.values()], { isIntent: true });
  return intents;
}

/** Whether what became of a row is just what was written down before; another may have changed it in between. */
export function isIntended(intent: AuditRow | undefined, outcome: AmendOutcome): boolean {
  if (intent === undefined) return false;
  const changed = auditRow(outcome);
  return changed !== undefined && textOf(changed) === textOf(intent);
}

function textOf({ old, new: now }: AuditRow): string {
  const columns = Object.keys(now).sort();
  return JSON.stringify(
    columns.map(column => [column, old[column] === null ? null : String(old[column]), String(now[column])]),
  );
}
