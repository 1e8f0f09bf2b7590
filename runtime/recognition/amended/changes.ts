/** What was changed in rows, gathered by who it was for; and what a process that was killed could not write down. */

import type { AmendOutcome, AmendRow, Cell, Cells } from '../../core/destinations.ts';
import { pipelined } from '../../core/pipeline.ts';
import type { AuditedRows, AuditRow } from '../audit.ts';
import { auditRow, readAudit, writeAudit } from '../audit.ts';
import type { JobContext } from '../job.ts';
import { atWarehouse } from '../job.ts';
import type { KnownMapping } from '../mapping.ts';
import { asSaid, everSaid } from '../mapping.ts';
import { noteOf } from '../note.ts';
import type { Listed } from '../remember.ts';
import { placed, toStore } from '../who/identity.ts';
import type { KnownEvent, Owner } from '../who/owner.ts';
import { isDisputed, lastOwner, ownerAt, saidOf } from '../who/owner.ts';
import type { NodeColumns } from './rows.ts';
import { isTokenApart, nodeColumns, nodesSaidBy } from './rows.ts';

/** Changes by the user that they are owed to, as it was read: so by visitor and by the event that named them. */
export type Changes = Map<Owner, AuditedRows>;

/** Adds what an amendment changed, if it did. */
export function addChange(ctx: JobContext, changes: Changes, { row, outcome }: Amended): void {
  const changed = auditRow(outcome);
  if (changed) add(ctx, changes, { row, changed });
}

/**
 * A process may have been killed after the warehouse had changed rows and before that was written down. Rows that are
 * as they should be, and of which no entry tells, are such rows: of visitors to `recover` the change is written down now.
 * Answers the other events whose rows no entry accounts for: whoever wrote them will yet do so, or finish setting them back.
 */
export async function recoverChanges(
  ctx: JobContext,
  unsure: readonly Amended[],
  {
    changes,
    primaryKeyFields,
    recover,
  }: { changes: Changes; primaryKeyFields: string[]; recover: ReadonlySet<string> },
): Promise<Set<KnownEvent>> {
  const told = await changesTold(ctx, new Set(unsure.map(({ row }) => row.visitor)));
  const nodes = await columnsOfTables(ctx, unsure);
  const untold = unsure.flatMap(({ row, outcome }) => {
    if (outcome.state !== 'unchanged' || !outcome.row) return [];
    const { table, key, new: wanted } = outcome.row;
    const written = told.get(nameOf(row.visitor, table, key));
    const columns = untoldColumns(ctx, { row, wanted, written, nodes: nodes.get(table) });
    return columns.length > 0 ? [{ row, table, key, wanted, columns }] : [];
  });
  const open = new Set(untold.map(({ row }) => row));
  const lost = untold.filter(({ row }) => recover.has(row.visitor));
  for (const [table, rows] of Map.groupBy(lost, ({ table }) => table)) {
    const keys = rows.map(({ key }) => key);
    const current = await atWarehouse(ctx, (destination, call) =>
      destination.read(call, { table, primaryKeyFields }, keys),
    );
    for (const [index, { row, key, wanted, columns }] of rows.entries()) {
      const there = current?.[index];
      const ours = columns.filter(column => isSame(there?.[column], wanted[column]));
      const changed = { table, key, ...fromNull(ours, wanted) };
      if (ours.length > 0) add(ctx, changes, { row, changed });
      if (ours.length === columns.length) open.delete(row);
    }
  }
  return open;
}

/** Of the tables of rows that are as they were. */
async function columnsOfTables(
  ctx: JobContext,
  amended: readonly { row: Pick<KnownEvent, 'mapping'>; outcome: AmendOutcome | undefined }[],
): Promise<Map<string, NodeColumns>> {
  const tables = Map.groupBy(amended, ({ outcome }) =>
    outcome?.state === 'unchanged' ? outcome.row?.table : undefined,
  );
  const columns = new Map<string, NodeColumns>();
  for (const [table, rows] of tables) {
    const mappings = new Set(rows.map(({ row }) => row.mapping));
    if (table !== undefined) columns.set(table, await nodeColumns(ctx, table, mappings));
  }
  return columns;
}

/** Columns of which no entry says that they were written, and that the event does not say itself. */
function untoldColumns(
  { settings }: JobContext,
  {
    row,
    wanted,
    written,
    nodes,
  }: {
    row: Pick<KnownEvent, 'remembered' | 'mapping'>;
    wanted: Cells;
    written: Written | undefined;
    nodes: NodeColumns | undefined;
  },
): string[] {
  const own = nodesSaidBy(row.remembered.event, settings);
  // What `overwrite` does is told beforehand, all of it but what events get that name their user by a part; and `skip` amends a
  // row but once: other columns held the value already.
  const isTold =
    settings.conflict === 'overwrite'
      ? own.size === 0
      : settings.conflict === 'skip' && written && isOfUser(written, row);
  if (written && isTold) return [];
  return Object.keys(wanted).filter(column => {
    const isOwn = nodes?.get(column)?.some(node => own.has(node));
    return !isOwn && !written?.get(column)?.has(String(wanted[column]));
  });
}

/** Whether what was written is not of who was undone alone: that is set back. */
function isOfUser(written: Written, { mapping }: Pick<KnownEvent, 'mapping'>): boolean {
  const said = asSaid(mapping).flatMap(({ identity }) => identity.map(({ value }) => String(value)));
  return [...written.values()].some(values => said.some(value => values.has(value)));
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

/** Values that were written, by column. */
type Written = Map<string, Set<string>>;

/** Of whom entries are read at once. */
const VISITORS = 16;

/** What entries say was written, by row. */
async function changesTold(ctx: JobContext, visitors: ReadonlySet<string>): Promise<Map<string, Written>> {
  const told = new Map<string, Written>();
  await pipelined([...visitors], VISITORS, async visitor => {
    const entries = await readAudit(ctx.kv, ctx.call, { bucket: ctx.settings.bucket, visitor });
    for (const { rows } of entries)
      for (const { table, key, new: now } of rows) {
        const name = nameOf(visitor, table, key);
        const written = told.get(name) ?? new Map<string, Set<string>>();
        told.set(name, written);
        for (const [column, value] of Object.entries(now))
          written.set(column, new Set([...(written.get(column) ?? []), String(value)]));
      }
  });
  return told;
}

/** Adds what was changed in the row of an event. */
function add(
  { settings, destination }: JobContext,
  changes: Changes,
  { row, changed }: { row: Owed; changed: AuditRow },
): void {
  const { visitor, owner, remembered, keyOnly, token } = row;
  const note = keyOnly ? undefined : noteOf(remembered, settings);
  const apart = isTokenApart(changed, token, destination?.primaryKeyFields);
  const noted = note || apart ? { ...changed, ...(note && { note }), ...(apart && { token }) } : changed;
  const known = changes.get(owner);
  if (known) known.rows.push(noted);
  else changes.set(owner, { visitor, by: owner.by, revision: owner.revision, rows: [noted] });
}

/** An event with who its row is owed to. */
type Owed = Pick<KnownEvent, 'visitor' | 'owner' | 'remembered' | 'keyOnly' | 'token'>;

/** Names a row of a visitor. */
function nameOf(visitor: string, table: string, key: Cells): string {
  const columns = Object.keys(key).sort();
  return JSON.stringify([visitor, table, columns.map(column => [column, String(key[column])])]);
}

/** An event whose row was looked after. */
export interface Amended {
  row: KnownEvent;
  outcome: AmendOutcome;
}

/** Events remember their own table and primary key; those of one request must share them. */
export function byTable<T extends Pick<KnownEvent, 'remembered' | 'conflict'>>(events: readonly T[]): T[][] {
  const groups = new Map<string, T[]>();
  let last: T[] = [];
  for (const event of events) {
    const { table, primary_key_fields } = event.remembered;
    const before = last[0]?.remembered;
    if (
      before?.table === table &&
      before.primary_key_fields === primary_key_fields &&
      last[0]?.conflict === event.conflict
    ) {
      last.push(event);
      continue;
    }
    const name = `${event.conflict ?? ''}\n${table}\n${primary_key_fields.join('\n')}`;
    last = groups.get(name) ?? [];
    groups.set(name, last);
    last.push(event);
  }
  return [...groups.values()];
}

/** A remembered event with its visitor's mapping, and when it happened. */
export type Placed = Listed & { mapping: KnownMapping; time: number };

/**
 * A process may have been killed after it had given rows to a user, and before that was written down; by what is known
 * now they are another user's. A row of which no entry tells, and its event neither, and that holds what another of the
 * visitor's users is, is such a row. It is written down now, and looked at again at the end of the job.
 */
export async function recoverOthers(ctx: JobContext, events: readonly Placed[]): Promise<void> {
  const disputed = events.filter(({ mapping }) => isDisputed(ctx, mapping));
  if (disputed.length === 0) return;
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
    const judged = group.map((row, index) => ({ row, outcome: outcomes?.[index] }));
    const nodes = await columnsOfTables(ctx, judged);
    for (const { row, outcome } of judged) {
      // It says just that already.
      if (outcome?.state !== 'unchanged' || !outcome.row) continue;
      const { table, key, new: wanted } = outcome.row;
      const written = told.get(nameOf(row.visitor, table, key));
      const columns = untoldColumns(ctx, { row, wanted, written, nodes: nodes.get(table) });
      if (columns.length === 0) continue;
      add(ctx, changes, { row, changed: { table, key, ...fromNull(columns, wanted) } });
      ctx.amended.set(row.visitor, 0);
    }
  }
  await writeAudit(ctx, [...changes.values()]);
}

/** The event with each value, alone, that another user of its visitor has. */
function asOthers(ctx: JobContext, event: Placed) {
  const { remembered, mapping, time, token, revision } = event;
  const owner = ownerAt(mapping, time, token);
  const by = owner ?? lastOwner(mapping) ?? lastUndone(mapping);
  const own = nodesSaidBy(remembered.event, ctx.settings);
  const right = saidOf(ctx, mapping, { at: time, token });
  const all = everSaid(mapping).flatMap(({ identity }) => identity);
  const others = new Map(all.map(one => [JSON.stringify([one.node, one.value]), one]));
  return [...others].flatMap(([name, one]) => {
    const isRight = right.some(its => its.node === one.node && String(its.value) === String(one.value));
    if (isRight || own.has(one.node) || !by) return [];
    const amend: AmendRow = {
      event: toStore(remembered.event, ctx.settings),
      identity: placed(remembered.event, [one]),
      version: ctx.versions.amend(revision, mapping.revision),
    };
    return [{ ...event, name, owner: by, amend, conflict: undefined }];
  });
}

/** Whom rows of a visitor may have been given to who is nobody any more. */
function lastUndone({ undoneSpans, revision }: KnownMapping): Owner | undefined {
  const last = undoneSpans?.at(-1);
  return last && { identity: last.identity, by: last.to.by, revision };
}
