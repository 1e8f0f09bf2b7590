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

/**
 * Sets identities in one statement, or three where not every row was changed, and tells what each row held. The statements
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
  if (serverVersion < RETURNS_OLD) {
    const rows = await session.query(lockingFirst(table, batch, parts), binds);
    for (const [number, isChanged, ...old] of rows) {
      found[Number(number) - 1] = isChanged === 'true' ? { old: oldCells(parts.identity, old) } : 'unchanged';
    }
    return found;
  }
  const update = returningOld(table, batch, parts);
  const changed = noteChanged(found, parts.identity, await session.query(update, binds));
  if (changed >= batch.rows) return found;
  const there = (await session.query(existing(table, batch, parts), binds))
    .map(([number]) => Number(number) - 1)
    .filter(at => found[at] === 'missing');
  if (there.length === 0) return found;
  // Another transaction may have stored a row between the two statements: there, and yet never amended.
  try {
    const since = await session.query(update, binds);
    for (const at of there) found[at] = 'unchanged';
    noteChanged(found, parts.identity, since);
  } catch (error) {
    // A row that came in between and cannot be amended must not hide what was: as one that is missing it is tried again.
    if (wrapPostgres(error, 'amending').details.rows !== true) throw error;
  }
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
    for (const number of (numbers ?? '').split(',')) {
      found[Number(number) - 1] = was;
      count += 1;
    }
  }
  return count;
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

function givenRows(batch: AmendBatch): string {
  const names = batch.columns.map((_, at) => `c${at}`);
  const values = batch.columns.map((column, at) => `${intoColumn(column, `u.c${at}`)} AS c${at}`);
  return [
    `given AS MATERIALIZED (SELECT u.n, ${values.join(', ')}`,
    `FROM ${unnest(batch.columns)} WITH ORDINALITY AS u(${[...names, 'n'].join(', ')}))`,
  ].join(' ');
}

/** Mostly all rows held nothing: gathered by what they held, a thousand of them are one row of the answer. */
function returningOld(table: string, batch: AmendBatch, parts: AmendParts): string {
  const { key, identity } = converted(parts);
  const old = identity.map(({ column }, at) => `${asText(column, `old.${quote(column.name)}`)} AS o${at}`);
  const names = identity.map((_, at) => `o${at}`).join(', ');
  return [
    `WITH done AS (UPDATE ${table} AS t SET ${assignments(batch, identity)} FROM ${rowsAs(batch)}`,
    `WHERE ${sameKey(key)} AND ${condition(batch, identity)} RETURNING g.n, ${old.join(', ')})`,
    `SELECT string_agg(n::text, ','), ${names} FROM done GROUP BY ${names}`,
  ].join(' ');
}

/** Which rows are there. Asked after the update, so that one that came meanwhile is not taken for missing. */
function existing(table: string, batch: AmendBatch, parts: AmendParts): string {
  const { key } = converted(parts);
  return `SELECT g.n::text FROM ${rowsAs(batch)} WHERE EXISTS (SELECT FROM ${table} AS t WHERE ${sameKey(key)})`;
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

/** Rows are locked and read before they are updated, so that what is told of them is what was replaced. */
function lockingFirst(table: string, batch: AmendBatch, { key, identity }: AmendParts): string {
  const old = identity.map(({ column, there }, at) => `${asText(column, there)} AS o${at}`);
  return [
    `WITH ${givenRows(batch)}, seen AS MATERIALIZED (`,
    `SELECT g.n, ${old.join(', ')} FROM given AS g JOIN ${table} AS t ON ${sameKey(key)}`,
    `ORDER BY g.n FOR UPDATE OF t), done AS (`,
    `UPDATE ${table} AS t SET ${assignments(batch, identity)} FROM given AS g JOIN seen AS s ON s.n = g.n`,
    `WHERE ${sameKey(key)} AND ${condition(batch, identity)} RETURNING g.n)`,
    `SELECT s.n::text, (d.n IS NOT NULL)::text, ${identity.map((_, at) => `s.o${at}`).join(', ')}`,
    'FROM seen AS s LEFT JOIN done AS d ON d.n = s.n',
  ].join(' ');
}

/** The identity columns of a row as they were. */
export function oldCells(identity: readonly Given[], old: readonly (string | null)[]): Cells<Cell | null> {
  const cells = noCells<Cell | null>();
  for (const [at, { column }] of identity.entries()) cells[column.name] = fromText(column, old[at] ?? null);
  return cells;
}
