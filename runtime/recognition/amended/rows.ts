/** Rows that were amended, as the audit tells: what was written into their columns, and whether their user is that. */

import type { Cell, Cells, RestoreRow } from '../../core/destinations.ts';
import type { AuditRow, StoredAudit } from '../audit.ts';
import type { Json } from '../event.ts';
import { parseNode } from '../event.ts';
import type { JobContext } from '../job.ts';
import { atWarehouse } from '../job.ts';
import { eventKey, keyTagOf } from '../keys.ts';
import type { KnownMapping } from '../mapping.ts';
import { asSaid } from '../mapping.ts';
import type { EventNote } from '../note.ts';
import { fromStoredNote } from '../note.ts';
import type { ReadSettings } from '../settings.ts';
import type { NodeValue } from '../who/identity.ts';
import { classify } from '../who/identity.ts';
import { ownerAt, saidOf, undoneOf } from '../who/owner.ts';

/** A value that was written, and what it is set back to. */
interface Link {
  from: Cell;
  to: Cell | null;
}

/** A row that was amended, and what is known of its event. */
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
    for (const [index, { table, key, old, new: now, token }] of changed.entries()) {
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
      if (token !== undefined) row.token = token;
      row.note = earlier(row.note, notes?.[index]);
      for (const column of Object.keys(now)) {
        const changes = row.columns[column] ?? [];
        row.columns[column] = changes;
        const from = now[column];
        if (from !== undefined) changes.push({ from, to: old[column] ?? null });
      }
    }
  }
  const all = [...rows.values()];
  for (const row of all)
    for (const column of Object.keys(row.columns)) row.columns[column] = linksOf(row.columns[column] ?? []);
  for (const row of all)
    for (const { gone } of entries) row.note = earlier(row.note, fromStoredNote(gone?.[row.token]));
  return all;
}

/** One that does not say when it happened, happened when it arrived first. */
function earlier(one: EventNote | undefined, other: EventNote | undefined): EventNote | undefined {
  return one && other && other.at < one.at ? other : (one ?? other);
}

/** Whether the token of a row's event is not the one that the row's key makes. */
export function isTokenApart(
  { table, key }: Pick<AuditRow, 'table' | 'key'>,
  token: string,
  usual: readonly string[] | undefined,
): boolean {
  return eventOf(table, key, usual).token !== token;
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
 * Each value that was written into a column, the last first, with what stood there before any of them. What one amendment found
 * is what another wrote, or is no value of ours. Which of several processes was the last to write is not known, nor whether what was
 * written down beforehand was then done, and that is written over where the same is to be done again: so neither the order of
 * entries says it nor any one of them.
 */
function linksOf(changes: Link[]): Link[] {
  if (changes.length < 2) return changes;
  const written = new Map(changes.map(({ from }) => [String(from), from]));
  const origins = new Map<string, Cell | null>();
  // Once is enough but where entries stand in another order than things were done.
  for (let known = -1; known < origins.size; ) {
    known = origins.size;
    for (const { from, to } of changes.toReversed()) {
      const before = to !== null && written.has(String(to)) ? origins.get(String(to)) : to;
      if (before !== undefined) origins.set(String(from), before);
    }
  }
  // Where one of them stood there before kvflow wrote it, the oldest entry found that.
  const oldest = changes.at(-1)?.to ?? null;
  const links = [...written].map(([text, from]) => ({
    from,
    to: origins.has(text) ? (origins.get(text) ?? null) : oldest,
  }));
  return links.filter(({ from, to }) => to === null || String(from) !== String(to));
}

/** The one that tells what a value that stands in the column is set back to. */
export function linkTo(links: readonly Link[], current: Cell | null | undefined): Link | undefined {
  if (current === null || current === undefined) return undefined;
  return links.find(({ from }) => String(from) === String(current));
}

/** The rows with what was written into them that their user, as known now, is not; `mayLack`: those too that may lack a part of it. */
export async function wrongRows(
  ctx: JobContext,
  amended: readonly AmendedRow[],
  { mapping, mayLack = false }: { mapping: KnownMapping; mayLack?: boolean },
): Promise<AmendedRow[]> {
  const wrong: AmendedRow[] = [];
  for (const [table, rows] of Map.groupBy(amended, row => row.table)) {
    const known = { mapping, columns: await nodeColumns(ctx, table, [mapping]) };
    for (const row of rows) {
      const found = wrongIn(ctx, row, known);
      if (found) wrong.push(found);
      else if (mayLack && isToldInPart(ctx, row, known)) wrong.push({ ...row, columns: {} });
    }
  }
  return wrong;
}

/** Who a row's visitor is, and where the row has it. */
interface Known {
  mapping: KnownMapping;
  columns: NodeColumns;
}

/** Of whom it is not known when it happened nobody can tell. */
function wrongIn(ctx: JobContext, row: AmendedRow, { mapping, columns }: Known): AmendedRow | undefined {
  const { note, token } = row;
  if (!note) return undefined;
  const identity = saidOf(ctx, mapping, { at: note.at, token });
  // A mapping forgets users of long ago: where the order of arrival decides their rows stay theirs.
  const undone = ctx.settings.conflict === 'fill' ? undefined : undoneOf(mapping);
  const wrong: AmendedRow['columns'] = Object.create(null);
  for (const [column, links] of Object.entries(row.columns)) {
    const some = links.filter(({ from }) => {
      if (isSaidIn(columns, identity, [column, from])) return false;
      return !undone || isSaidIn(columns, undone, [column, from]);
    });
    if (some.length > 0) wrong[column] = some;
  }
  return Object.keys(wrong).length > 0 ? { ...row, columns: wrong } : undefined;
}

/** Whether its user is more than was written into the row, as far as that is written down, and more than its event says. */
function isToldInPart({ settings }: JobContext, row: AmendedRow, { mapping, columns }: Known): boolean {
  const { note, token } = row;
  if (!note) return false;
  const own = nodesSaidBy(note.outline ?? {}, settings);
  const written = Object.entries(row.columns).flatMap(([column, links]) =>
    links.map(({ from }) => [column, from] as const),
  );
  const identity = ownerAt(mapping, note.at, token)?.identity ?? [];
  return identity.some(one => !own.has(one.node) && !written.some(cell => isSaidIn(columns, [one], cell)));
}

/** Nodes by the columns that their values may be in. */
export type NodeColumns = ReadonlyMap<string, readonly string[]>;

/** The columns of a table that hold what the settings, or the visitors' mappings, say of a user. */
export async function nodeColumns(
  ctx: JobContext,
  table: string,
  mappings: Iterable<KnownMapping>,
): Promise<NodeColumns> {
  const nodes = new Map(ctx.settings.identification.map(node => [node.text, node]));
  for (const mapping of mappings)
    for (const { node } of asSaid(mapping).flatMap(({ identity }) => identity))
      if (!nodes.has(node)) nodes.set(node, parseNode(node));
  const places = [...nodes.values()].flatMap(({ text, alternatives }) =>
    alternatives.map(path => ({ text, path })),
  );
  const paths = places.map(({ path }) => path);
  const named = await atWarehouse(ctx, (destination, call) => destination.columnsOf(call, table, paths));
  const columns = new Map<string, string[]>();
  for (const [index, column] of (named ?? []).entries()) {
    const node = places[index]?.text ?? '';
    columns.set(column, [...(columns.get(column) ?? []), node]);
  }
  return columns;
}

/**
 * Whether a value in a column is what the identity says there. Two nodes may say the same: the id of many a user is an email. Of a
 * column that was named by other settings, which no node has any more, any of the identity's values may be meant.
 */
export function isSaidIn(
  columns: NodeColumns,
  identity: readonly NodeValue[],
  [column, cell]: readonly [column: string, cell: unknown],
): boolean {
  const nodes = columns.get(column);
  return identity.some(
    ({ node, value }) => String(value) === String(cell) && (nodes?.includes(node) ?? true),
  );
}

/** Nodes of which an event has the value itself. */
export function nodesSaidBy(event: Json, settings: ReadSettings): Set<string> {
  const what = classify(event, settings);
  return new Set(what.kind === 'identified' ? what.identity.map(({ node }) => node) : []);
}
