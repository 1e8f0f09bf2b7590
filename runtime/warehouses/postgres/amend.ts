import type { Cell, Cells } from '../../core/destinations.ts';
import type { AmendBatch, AmendFound, Column } from '../engine.ts';
import { isEmptySql } from '../row-rule.ts';
import { noCells } from '../shared/cells.ts';
import { arrayLiteral, asText, equals, fromText, intoColumn, quote, unnest } from './dialect.ts';
import type { Session } from './session.ts';
import { wrapPostgres } from './wrap.ts';

/** A column of the batch with the name its values have in the statement. */
export interface Given {
  column: Column;
  /** Of the table's row. */
  there: string;
  /** Of the row to write. */
  given: string;
}

/** Key and identity columns of a batch. */
export interface AmendParts {
  key: Given[];
  identity: Given[];
}

/** First server that returns a row as it was before an update. */
const RETURNS_OLD = 180_000;

/** A row that is let through by every condition and yet is not changed this often is held back by a trigger or a rule. */
const MAX_TRIES = 3;

/**
 * Sets identities in one statement, or a few where not every row was changed, and tells what each row held. The statements
 * need no transaction together.
 */
export async function amendRows(
  session: Session,
  table: string,
  batch: AmendBatch,
  serverVersion: number,
): Promise<AmendFound[]> {
  const parts = partsOf(batch);
  const binds = batch.values.map(arrayLiteral);
  const found: AmendFound[] = Array.from({ length: batch.rows }, () => 'missing');
  const update = (serverVersion < RETURNS_OLD ? readingOld : returningOld)(table, batch, parts);
  const changed = noteChanged(found, parts.identity, await session.query(update, binds, true));
  if (changed >= batch.rows) return found;
  let open: number[] = [];
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    open = noteThere(found, await session.query(existing(table, batch, parts), binds));
    if (open.length === 0) return found;
    // Another transaction stored these, or changed them, beside the update.
    try {
      noteChanged(found, parts.identity, await session.query(update, binds, true));
    } catch (error) {
      // A row that came in between and cannot be amended must not hide what was: as one that is missing it is tried again.
      if (wrapPostgres(error, 'amending').details.rows !== true) throw error;
      return found;
    }
  }
  for (const at of open) if (found[at] === 'missing') found[at] = 'unchanged';
  return found;
}

/** Rows that held the same come as one: their numbers, and what they held. Answers how many they are. */
function noteChanged(
  found: AmendFound[],
  identity: readonly Given[],
  groups: readonly (string | null)[][],
): number {
  let count = 0;
  for (const [numbers, ...old] of groups) {
    const was = { old: oldCells(identity, old) };
    for (const at of placesIn(numbers)) {
      // Updated once more beside those that another had changed: what it held at first is what was replaced.
      if (typeof found[at] === 'object') continue;
      found[at] = was;
      count += 1;
    }
  }
  return count;
}

/** Of rows that are there and were not changed. Answers those that could still be. */
function noteThere(found: AmendFound[], groups: readonly (string | null)[][]): number[] {
  const those = (state: string) =>
    groups.flatMap(([numbers, isOpen]) => (isOpen === state ? placesIn(numbers) : []));
  const open = [...new Set(those('true'))].filter(at => found[at] === 'missing');
  for (const at of those('false')) if (found[at] === 'missing' && !open.includes(at)) found[at] = 'unchanged';
  return open;
}

function placesIn(numbers: string | null | undefined): number[] {
  return (numbers ?? '').split(',').map(number => Number(number) - 1);
}

/** Columns by what they are for. `there` and `given` are what statements call the table and the rows to write. */
export function partsOf(batch: AmendBatch, there = 't', given = 'g'): AmendParts {
  const all = batch.columns.map((column, at) => ({
    column,
    there: `${there}.${quote(column.name)}`,
    given: `${given}.c${at}`,
  }));
  return {
    key: all.filter(({ column }) => batch.primaryKey.includes(column.name)),
    identity: all.filter(({ column }) => batch.identity.includes(column.name)),
  };
}

/** Which rows may be, and need to be, changed. A column that a row is not to get is NULL there. */
export function condition({ conflict, empty }: AmendBatch, identity: readonly Given[]): string {
  const lacks = identity.map(it => `(${isEmpty(it, empty)} AND ${it.given} IS NOT NULL)`).join(' OR ');
  if (conflict === 'overwrite') {
    const differs = identity.map(
      ({ column, there, given }) =>
        `(${given} IS NOT NULL AND (${there} IS NULL OR NOT ${equals(column, there, given)}))`,
    );
    return `(${differs.join(' OR ')})`;
  }
  const allows = identity.map(it => {
    const { column, there, given } = it;
    return conflict === 'fill'
      ? `(${isEmpty(it, empty)} OR ${given} IS NULL OR ${equals(column, there, given)})`
      : `(${isEmpty(it, empty)} OR ${given} IS NULL)`;
  });
  return `(${lacks}) AND ${allows.join(' AND ')}`;
}

/** What the columns are set to. */
export function assignments({ conflict, empty }: AmendBatch, identity: readonly Given[]): string {
  const set = identity.map(it => {
    const { column, there, given } = it;
    const value =
      conflict === 'overwrite'
        ? `COALESCE(${given}, ${there})`
        : `CASE WHEN ${isEmpty(it, empty)} THEN COALESCE(${given}, ${there}) ELSE ${there} END`;
    return `${quote(column.name)} = ${value}`;
  });
  return set.join(', ');
}

/** NULL is looked for first: the rows of most visitors hold nothing else. */
function isEmpty({ column, there }: Given, empty: ReadonlySet<string>): string {
  const text = column.kind === 'text' ? there : `CAST(${there} AS varchar)`;
  const isNobody = isEmptySql(text, empty);
  return isNobody === undefined ? `${there} IS NULL` : `(${there} IS NULL OR ${isNobody})`;
}

/** Rows match where every key column is the same. */
export function sameKey(key: readonly Given[]): string {
  return key.map(({ there, given }) => `${there} = ${given}`).join(' AND ');
}

/** Mostly all rows held nothing: gathered by what they held, a thousand of them are one row of the answer. */
function returningOld(table: string, batch: AmendBatch, parts: AmendParts): string {
  const { key, identity } = converted(parts);
  return gathered(identity, 'old', [
    `UPDATE ${table} AS t SET ${assignments(batch, identity)} FROM ${rowsAs(batch)}`,
    `WHERE ${sameKey(key)} AND ${condition(batch, identity)}`,
  ]);
}

/**
 * For servers that return the new row alone: the row is read besides, and updated only where it still holds what was read.
 * One that another transaction changed in between is left to the next try.
 */
function readingOld(table: string, batch: AmendBatch, parts: AmendParts): string {
  const { key, identity } = converted(parts);
  const isAsRead = identity.map(
    ({ column, there }) =>
      `${exactText(column, there)} IS NOT DISTINCT FROM ${exactText(column, `r.${quote(column.name)}`)}`,
  );
  return gathered(identity, 'r', [
    `UPDATE ${table} AS t SET ${assignments(batch, identity)} FROM ${rowsAs(batch)}`,
    `JOIN ${table} AS r ON ${sameKey(key.map(it => ({ ...it, there: `r.${quote(it.column.name)}` })))}`,
    `WHERE ${sameKey(key)} AND ${condition(batch, identity)} AND ${isAsRead.join(' AND ')}`,
  ]);
}

function gathered(identity: readonly Given[], old: string, update: readonly string[]): string {
  const held = identity.map(
    ({ column }, at) => `${exactText(column, `${old}.${quote(column.name)}`)} AS o${at}`,
  );
  const names = identity.map((_, at) => `o${at}`).join(', ');
  return [
    `WITH done AS (${update.join(' ')} RETURNING g.n, ${held.join(', ')})`,
    `SELECT string_agg(n::text, ','), ${names} FROM done GROUP BY ${names}`,
  ].join(' ');
}

/** Texts that a collation takes for the same are two. */
function exactText(column: Column, value: string): string {
  return `(${asText(column, value)} COLLATE "C")`;
}

/** Which rows are there, and which of them could be changed. Asked after the update, so that one that came meanwhile is not taken for missing. */
function existing(table: string, batch: AmendBatch, parts: AmendParts): string {
  const { key, identity } = converted(parts);
  return [
    `SELECT string_agg(n::text, ','), is_open::text FROM (SELECT g.n, ${condition(batch, identity)} AS is_open`,
    `FROM ${rowsAs(batch)} JOIN ${table} AS t ON ${sameKey(key)}) AS seen GROUP BY is_open`,
  ].join(' ');
}

function rowsAs(batch: AmendBatch): string {
  const names = [...batch.columns.map((_, at) => `c${at}`), 'n'];
  return `${unnest(batch.columns)} WITH ORDINALITY AS g(${names.join(', ')})`;
}

/** With the values as they come, each has to be made its column's type where it is used. */
function converted({ key, identity }: AmendParts): AmendParts {
  const convert = (it: Given): Given => ({ ...it, given: intoColumn(it.column, it.given) });
  return { key: key.map(convert), identity: identity.map(convert) };
}

/** The identity columns of a row as they were. */
export function oldCells(identity: readonly Given[], old: readonly (string | null)[]): Cells<Cell | null> {
  const cells = noCells<Cell | null>();
  for (const [at, { column }] of identity.entries()) cells[column.name] = fromText(column, old[at] ?? null);
  return cells;
}
