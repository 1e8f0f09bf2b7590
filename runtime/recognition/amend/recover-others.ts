import type { AmendRow } from '../../core/destinations.ts';
import { placed } from '../event/identity.ts';
import { toStore } from '../event/stored-event.ts';
import type { JobContext } from '../identify/job.ts';
import { atWarehouse } from '../identify/job.ts';
import type { Listed } from '../remember/remember.ts';
import type { KnownMapping } from '../visitor/mapping.ts';
import { asSaid } from '../visitor/mapping.ts';
import type { Owner } from '../visitor/owner.ts';
import { isDisputed, lastOwner, ownerAt } from '../visitor/owner.ts';
import { byTable } from './amend.ts';
import { writeAudit } from './audit.ts';
import type { Changes } from './audit-changes.ts';
import { add, changesTold, fromNull, nameOf, saidBy, untoldColumns } from './audit-changes.ts';

/** A remembered event with its visitor's mapping, and when it happened. */
export type Placed = Listed & { mapping: KnownMapping; time: number };

/**
 * A process may have been killed after it had given rows to a user, and before that was written down; by what is known
 * now they are another user's. A row of which no entry tells, and its event neither, and that holds what another of the
 * visitor's users is, is such a row. It is written down now, and looked at again at the end of the job.
 */
export async function recoverOthers(ctx: JobContext, events: readonly Placed[]): Promise<void> {
  const disputed = events.filter(({ mapping }) => isDisputed(mapping));
  if (disputed.length === 0 || ctx.settings.conflict !== 'fill') return;
  const told = await changesTold(ctx, new Set(disputed.map(({ visitor }) => visitor)));
  const changes: Changes = new Map();
  const others = Map.groupBy(
    disputed.flatMap(event => asOthers(ctx, event)),
    ({ name }) => name,
  );
  // A request has each row but once.
  for (const group of [...others.values()].flatMap(byTable)) {
    const [first] = group;
    if (!first) continue;
    const { table, primary_key_fields: primaryKeyFields } = first.remembered;
    const target = { table, primaryKeyFields, conflict: 'overwrite' as const };
    const rows = group.map(({ amend }) => amend);
    const outcomes = await atWarehouse(ctx, (destination, call) => destination.dryRun(call, target, rows));
    for (const [index, row] of group.entries()) {
      const outcome = outcomes?.[index];
      // It says just that already.
      if (outcome?.state !== 'unchanged' || !outcome.row) continue;
      const { table, key, new: wanted } = outcome.row;
      const written = told.get(nameOf(row.visitor, table, key));
      const columns = untoldColumns(ctx, { row, wanted, written });
      if (columns.length === 0) continue;
      add(changes, row, { changed: { table, key, ...fromNull(columns, wanted) }, settings: ctx.settings });
      ctx.amended.set(row.visitor, 0);
    }
  }
  await writeAudit(ctx, [...changes.values()]);
}

/** The event with each value, alone, that another user of its visitor has. */
function asOthers(ctx: JobContext, event: Placed) {
  const { remembered, mapping, time, token, revision } = event;
  const owner = ownerAt(mapping, time, token);
  const by: Owner | undefined = owner ?? lastOwner(mapping);
  const none = saidBy(remembered.event, ctx.settings);
  for (const { value } of owner?.identity ?? []) none.add(String(value));
  const all = asSaid(mapping).flatMap(({ identity }) => identity);
  const others = new Map(all.map(one => [JSON.stringify([one.node, one.value]), one]));
  return [...others].flatMap(([name, one]) => {
    if (none.has(String(one.value)) || !by) return [];
    const amend: AmendRow = {
      event: toStore(remembered.event, ctx.settings),
      identity: placed(remembered.event, [one]),
      version: ctx.versions.amend(revision, mapping.revision),
    };
    return [{ ...event, name, owner: by, amend, conflict: undefined }];
  });
}
