import type { Call } from '../../core/call.ts';
import type { DestinationFinding } from '../../core/destinations.ts';
import type { Table } from '../engine.ts';
import type { Clickhouse } from './client.ts';
import { VERSION_COLUMN } from './definition.ts';
import { quoted } from './sql.ts';
import { asClickhouseTable } from './write.ts';

const TO_WRITE = ['SELECT', 'INSERT'];
/** Without these, tables and columns must be there already. */
const TO_DEFINE = ['CREATE TABLE', 'ALTER ADD COLUMN'];
const NEEDED = [...TO_WRITE, ...TO_DEFINE];

/** Version, grants, and how the table tells versions of a row apart. */
export async function check(
  clickhouse: Clickhouse,
  call: Call,
  table: Table | undefined,
): Promise<DestinationFinding[]> {
  const [[version, user] = []] = await clickhouse.query(call, 'checking', 'SELECT version(), currentUser()');
  return [
    {
      what: 'connection',
      ok: true,
      detail: `ClickHouse ${version}, database ${clickhouse.database}, as ${user}`,
    },
    await permissions(clickhouse, call, table),
    ...(table ? tableFindings(table) : []),
  ];
}

/** A table that is there needs rights on itself alone; whoever may make further ones has them on the database. */
async function permissions(
  clickhouse: Clickhouse,
  call: Call,
  table: Table | undefined,
): Promise<DestinationFinding> {
  const on = `${quoted(clickhouse.database)}.*`;
  const written = table ? `${quoted(clickhouse.database)}.${quoted(table.name)}` : on;
  const missing: string[] = [];
  try {
    for (const name of NEEDED) {
      const [[granted] = []] = await clickhouse.query(
        call,
        'checking permissions',
        `CHECK GRANT ${name} ON ${TO_WRITE.includes(name) ? written : on}`,
      );
      if (Number(granted) !== 1) missing.push(name);
    }
  } catch {
    return {
      what: 'permissions',
      ok: true,
      detail: `cannot be looked at here; needed are ${NEEDED.join(', ')}`,
    };
  }
  if (missing.length === 0) return { what: 'permissions', ok: true, detail: NEEDED.join(', ') };
  const isFatal = missing.some(name => !TO_DEFINE.includes(name));
  const why = isFatal ? '' : ' (only needed to make tables and columns)';
  return {
    what: 'permissions',
    ok: !isFatal,
    detail: `missing${why}: ${missing.join(', ')}. GRANT ${missing.join(', ')} ON ${on} TO the user`,
  };
}

function tableFindings(given: Table): DestinationFinding[] {
  const table = asClickhouseTable(given);
  const partition = [...table.columns.values()]
    .filter(column => column.inPartitionKey)
    .map(({ name }) => name);
  return [
    {
      what: 'primary key',
      ok: true,
      detail: `sorted by ${table.primaryKey.join(', ')}; read the table with FINAL`,
    },
    {
      what: 'versions',
      ok: true,
      detail:
        table.versionColumn === undefined
          ? `no version column: of two versions of a row the later inserted counts, so that a late load of an older event may hide a newer one. A table made with ReplacingMergeTree(${VERSION_COLUMN}) has no such doubt`
          : `column ${table.versionColumn}`,
    },
    ...(partition.length > 0
      ? [
          {
            what: 'partition key',
            ok: true,
            detail: `${partition.join(', ')}: kept as first loaded, because versions in different partitions are never merged`,
          },
        ]
      : []),
  ];
}
