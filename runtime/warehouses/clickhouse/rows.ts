import { PackError } from '../../../contract/errors.ts';
import type { Call } from '../../core/call.ts';
import type { Cell, Cells } from '../../core/destinations.ts';
import { shown } from '../shared/cells.ts';
import type { Clickhouse, Parameters } from './client.ts';
import type { ClickhouseTable } from './describe.ts';
import { quoted } from './sql.ts';
import type { ClickhouseColumn } from './types.ts';
import { toJson } from './types.ts';

/** A row as it is: what JSON said of each stored column, to be written back unchanged. */
export interface StoredRow {
  values: unknown[];
  version: bigint | undefined;
}

/** Characters of one parameter: servers take 128 KiB of each, and quoting adds to it. */
const MAX_PARAMETER = 30_000;

/** Rows by key, the newest version of each; undefined where there is none. In one query. */
export async function selectRows(
  clickhouse: Clickhouse,
  call: Call,
  table: ClickhouseTable,
  primaryKey: readonly string[],
  keys: readonly Cells<Cell | null>[],
): Promise<(StoredRow | undefined)[]> {
  const found: (StoredRow | undefined)[] = keys.map(() => undefined);
  const { expressions, parameters } = keyParameters(table, primaryKey, keys);
  const names = primaryKey.map(quoted);
  const [key, wanted] =
    names.length === 1
      ? [names[0], expressions[0]]
      : [`(${names.join(', ')})`, `arrayZip(${expressions.join(', ')})`];
  const version = table.versionColumn === undefined ? '0' : quoted(table.versionColumn);
  const columns = table.stored.map(({ name }) => quoted(name));
  const rows = await clickhouse.query(
    call,
    `reading table ${shown(table.name)}`,
    `SELECT indexOf(${wanted}, ${key}), ${version}, ${unreadable(table)}, ${columns.join(', ')}` +
      ` FROM ${quoted(table.name)} FINAL WHERE ${key} IN ${wanted}`,
    parameters,
    table.consistency.reading,
  );
  for (const [at, of, bad, ...values] of rows) {
    if (bad !== '') throw notText(table, String(bad));
    found[Number(at) - 1] = {
      values,
      version: table.versionColumn === undefined ? undefined : BigInt(String(of)),
    };
  }
  return found;
}

/** Inserts versions of rows: `values` are JSON texts of the stored columns. At once, as a block of one insert. */
export async function insertRows(
  clickhouse: Clickhouse,
  call: Call,
  table: ClickhouseTable,
  rows: readonly { values: readonly string[]; version: bigint | undefined }[],
): Promise<void> {
  if (rows.length === 0) return;
  const names = table.stored.map(({ name }) => quoted(name));
  const version = table.versionColumn === undefined ? [] : [quoted(table.versionColumn)];
  const lines = rows.map(row => {
    const values = version.length > 0 ? [...row.values, `"${row.version ?? 0n}"`] : row.values;
    return `[${values.join(',')}]\n`;
  });
  const into = `INSERT INTO ${quoted(table.name)} (${[...names, ...version].join(', ')})`;
  await clickhouse.insert(
    call,
    `writing table ${shown(table.name)}`,
    into,
    lines.join(''),
    table.consistency.writing,
  );
}

/** The keys' columns as arrays, each in as many parameters as it takes. */
function keyParameters(
  table: ClickhouseTable,
  primaryKey: readonly string[],
  keys: readonly Cells<Cell | null>[],
) {
  const parameters: Parameters = {};
  const expressions = primaryKey.map((name, at) => {
    const column = table.columns.get(name);
    const type = `Array(${column?.inner ?? 'String'})`;
    const parts = bySize(keys.map(key => keyText(column, key[name] ?? null)));
    const placeholders = parts.map((part, index) => {
      parameters[`k${at}_${index}`] = part;
      return `{k${at}_${index}:${type}}`;
    });
    return placeholders.length === 1 ? (placeholders[0] ?? '') : `arrayConcat(${placeholders.join(', ')})`;
  });
  return { expressions, parameters };
}

function keyText(
  column: ClickhouseColumn | undefined,
  value: Cell | null,
): string | number | boolean | bigint {
  if (value === null) return '';
  if (column?.kind === 'timestamp' && typeof value === 'string')
    return value.replace('T', ' ').replace(/Z$/, '');
  return value;
}

function bySize<Value extends Cell>(values: readonly Value[]): Value[][] {
  const parts: Value[][] = [[]];
  let length = 0;
  for (const value of values) {
    const size = String(value).length + 4;
    if (length > 0 && length + size > MAX_PARAMETER) {
      parts.push([]);
      length = 0;
    }
    parts.at(-1)?.push(value);
    length += size;
  }
  return parts;
}

/** The first text column whose bytes are no UTF-8: JSON would not give them back as they are. */
function unreadable(table: ClickhouseTable): string {
  const texts = table.stored.filter(column => column.kind === 'text');
  if (texts.length === 0) return "''";
  const cases = texts.map(
    ({ name }) => `NOT isValidUTF8(ifNull(toString(${quoted(name)}), '')), '${plainName(name)}'`,
  );
  return `multiIf(${cases.join(', ')}, '')`;
}

/** A name inside quotes, for a message. */
function plainName(name: string): string {
  return name.replace(/['\\]/g, '_');
}

function notText(table: ClickhouseTable, column: string): PackError {
  return new PackError(
    'WAREHOUSE_ERROR',
    `clickhouse: column ${shown(column)} of table ${shown(table.name)} holds bytes that are no UTF-8 text, which a new version of the row would change`,
    { details: { column, rows: true } },
  );
}

/** The JSON texts of a row: those of `set`, and what was there for the others. */
export function valuesOf(
  table: ClickhouseTable,
  set: Cells<Cell | null>,
  there: StoredRow | undefined,
): string[] {
  return table.stored.map((column, at) => {
    const value = set[column.name];
    if (value !== undefined) return toJson(column, value);
    return there === undefined ? (column.absent ?? 'null') : JSON.stringify(there.values[at] ?? null);
  });
}
