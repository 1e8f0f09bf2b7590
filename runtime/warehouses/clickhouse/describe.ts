import { PackError } from '../../../contract/errors.ts';
import type { Call } from '../../core/call.ts';
import type { Table } from '../engine.ts';
import { NAMES_MARK } from '../engine.ts';
import { shown } from '../shared/cells.ts';
import type { Clickhouse } from './client.ts';
import { VERSION_COLUMN } from './definition.ts';
import type { Consistency } from './replicas.ts';
import { consistencyOf } from './replicas.ts';
import { quoted } from './sql.ts';
import type { ClickhouseColumn } from './types.ts';
import { innerType, kindOfType, leastOfEnum } from './types.ts';

/** A table with what reading and writing whole rows needs. */
export interface ClickhouseTable extends Table {
  columns: ReadonlyMap<string, ClickhouseColumn>;
  /** Columns an insert gives, the version's not among them. */
  stored: readonly ClickhouseColumn[];
  /** Undefined: of two versions of a row the later inserted counts. */
  versionColumn: string | undefined;
  consistency: Consistency;
}

const TABLE = `SELECT engine, engine_full, sorting_key, comment FROM system.tables
  WHERE database = {database:String} AND name = {name:String}`;
const COLUMNS = `SELECT name, type, default_kind, is_in_partition_key, is_in_sorting_key FROM system.columns
  WHERE database = {database:String} AND table = {name:String} ORDER BY position`;
const REPLACING = /^(Replicated|Shared)?ReplacingMergeTree$/;
/** What cannot be read as JSON and written back unchanged. */
const OPAQUE = /AggregateFunction\(|^(JSON|Object|Dynamic|Variant)\b/;

/** The table as it is; undefined where there is none. Throws WAREHOUSE_ERROR where its rows have no versions. */
export async function describeTable(
  clickhouse: Clickhouse,
  call: Call,
  name: string,
): Promise<ClickhouseTable | undefined> {
  const doing = `looking at table ${shown(name)}`;
  const parameters = { database: clickhouse.database, name };
  const [found] = await clickhouse.query(call, doing, TABLE, parameters);
  if (!found) return undefined;
  const [engine, full, sorting, comment] = found.map(String);
  if (!REPLACING.test(engine ?? '')) throw wrongEngine(name, engine ?? '');
  const rows = await clickhouse.query(call, doing, COLUMNS, parameters);
  const versionColumn = versionColumnOf(full ?? '');
  const columns = rows.map(row => columnOf(row.map(String), versionColumn));
  checkVersion(name, columns, versionColumn);
  const key = rows.filter(row => Number(row[4]) === 1).map(row => String(row[0]));
  checkSorting(name, sorting ?? '', key);
  const opaque = columns.find(column => !column.readOnly && OPAQUE.test(column.sqlType ?? ''));
  if (opaque) throw unreadable(name, opaque);
  return {
    name,
    columns: new Map(columns.map(column => [column.name, column])),
    primaryKey: key,
    stored: columns.filter(column => column.readOnly === undefined),
    versionColumn,
    consistency: consistencyOf(engine ?? ''),
    isMarked: comment?.includes(NAMES_MARK) === true,
  };
}

/** The statement that makes a table of the right kind, for messages. */
export function exampleTable(name: string, key: string): string {
  return (
    `CREATE TABLE ${quoted(name)} (<columns>, ${VERSION_COLUMN} UInt64 DEFAULT 0)` +
    ` ENGINE = ReplacingMergeTree(${VERSION_COLUMN}) ORDER BY (${key})`
  );
}

function columnOf(
  [name = '', type = '', defaultKind = '', inPartitionKey]: string[],
  versionColumn: string | undefined,
): ClickhouseColumn {
  const inner = innerType(type);
  const computed =
    defaultKind === '' || defaultKind === 'DEFAULT' ? undefined : 'is computed by the table itself';
  const nullable = /Nullable\(/.test(type.slice(0, type.length - inner.length));
  const least = nullable || defaultKind !== '' ? undefined : leastOfEnum(inner);
  const version =
    name === versionColumn ? 'holds the versions of rows, which kvflow writes itself' : undefined;
  return {
    name,
    kind: kindOfType(inner),
    sqlType: type,
    inner,
    nullable,
    inPartitionKey: inPartitionKey === '1',
    ...(/^(Map|Tuple)\(/.test(inner) && { json: true as const }),
    readOnly: version ?? computed,
    ...(least !== undefined && { absent: JSON.stringify(least) }),
  };
}

/** `ReplacingMergeTree(ver[, is_deleted])`; a replicated one may have its path and replica before, in quotes. */
function versionColumnOf(full: string): string | undefined {
  const [, list = ''] = /^\w+\(((?:'(?:[^'\\]|\\.)*'|[^')])*)\)/.exec(full) ?? [];
  const names = list.match(/'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`|[^,\s]+/g) ?? [];
  const [first] = names.filter(each => !each.startsWith("'"));
  return first?.replace(/^`|`$/g, '');
}

function checkVersion(name: string, columns: ClickhouseColumn[], versionColumn: string | undefined): void {
  const column = columns.find(each => each.name === versionColumn);
  if (!column || /^U?Int(64|128|256)$/.test(column.inner)) return;
  throw new PackError(
    'WAREHOUSE_ERROR',
    `clickhouse: the version column ${shown(column.name)} of table ${shown(name)} is ${column.sqlType}, and versions need UInt64. ` +
      `Make a new table and copy the rows: ${exampleTable(name, '<primary key fields>')}`,
  );
}

/** An expression in the sorting key, such as toDate(time), would make two rows of one key. */
function checkSorting(name: string, sorting: string, key: string[]): void {
  const bare = sorting.replace(/^\((.*)\)$/s, '$1');
  const parts = bare.match(/`(?:[^`\\]|\\.)*`|[^,\s]+/g) ?? [];
  const plain = parts.map(part => part.replace(/^`|`$/g, '').replace(/\\(.)/g, '$1'));
  if (key.length > 0 && plain.length === key.length && plain.every(part => key.includes(part))) return;
  throw new PackError(
    'WAREHOUSE_ERROR',
    `clickhouse: table ${shown(name)} is sorted by (${bare}), and rows are told apart by the sorting key: it must be the primary key ` +
      `fields and nothing else. Make a new table and copy the rows: ${exampleTable(name, '<primary key fields>')}`,
  );
}

function wrongEngine(name: string, engine: string): PackError {
  return new PackError(
    'WAREHOUSE_ERROR',
    `clickhouse: table ${shown(name)} has the engine ${engine || 'unknown'}; rows can only be amended in a ReplacingMergeTree (or ` +
      `ReplicatedReplacingMergeTree). Make one and copy the rows: ${exampleTable(name, '<primary key fields>')}`,
  );
}

function unreadable(name: string, column: ClickhouseColumn): PackError {
  return new PackError(
    'WAREHOUSE_ERROR',
    `clickhouse: column ${shown(column.name)} of table ${shown(name)} is ${column.sqlType}, which cannot be copied from one version of a row ` +
      'to the next unchanged: load into a table without it',
    { details: { column: column.name } },
  );
}
