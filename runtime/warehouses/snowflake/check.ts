import { randomBytes } from 'node:crypto';
import { PackError } from '../../../contract/errors.ts';
import type { Call } from '../../core/call.ts';
import type { DestinationFinding } from '../../core/destinations.ts';
import type { Table } from '../engine.ts';
import { tableSql } from './define.ts';
import { columnSql, quote } from './names.ts';
import type { Sessions } from './sessions.ts';

const SESSION = `SELECT CURRENT_VERSION() AS "VERSION", CURRENT_ROLE() AS "ROLE", CURRENT_WAREHOUSE() AS "WAREHOUSE",
 CURRENT_DATABASE() AS "DATABASE", CURRENT_SCHEMA() AS "SCHEMA"`;

/** Logs in, looks at the session, and tries each permission with a statement that changes nothing. */
export async function check(
  sessions: Sessions,
  call: Call,
  table: Table | undefined,
): Promise<DestinationFinding[]> {
  const [session = {}] = await sessions.run(call, { sql: SESSION, doing: 'logging in' });
  const findings: DestinationFinding[] = [
    { what: 'connection', ok: true, detail: `Snowflake ${session.VERSION}, role ${session.ROLE ?? 'none'}` },
    present(
      'warehouse',
      session.WAREHOUSE,
      'add ?warehouse=... to the url, or give the user a default warehouse: without one nothing runs',
    ),
    present(
      'schema',
      session.SCHEMA && `${session.DATABASE}.${session.SCHEMA}`,
      'the database or schema of the url does not exist, or the role has no USAGE on it',
    ),
  ];
  if (findings.some(({ ok }) => !ok)) return findings;
  return [
    ...findings,
    ...(table ? await checkTable(sessions, call, table) : [await checkCreate(sessions, call)]),
  ];
}

const ALTER = 'alter table';
const NO_ALTER: DestinationFinding = {
  what: ALTER,
  ok: true,
  detail:
    'not allowed: events with fields the table has no column for are refused (to allow it, make the role its owner)',
};

function present(what: string, value: unknown, help: string): DestinationFinding {
  return { what, ok: Boolean(value), detail: value ? String(value) : help };
}

async function checkTable(sessions: Sessions, call: Call, table: Table): Promise<DestinationFinding[]> {
  const [column] = table.columns.values();
  if (!column) return [];
  const [name, sql] = [columnSql(column), tableSql(table)];
  const probes: [what: string, statement: string][] = [
    ['select', `SELECT ${name} FROM ${sql} WHERE FALSE`],
    ['insert', `INSERT INTO ${sql} (${name}) SELECT ${name} FROM ${sql} WHERE FALSE`],
    ['update', `UPDATE ${sql} SET ${name} = ${name} WHERE FALSE`],
    [ALTER, `ALTER TABLE ${sql} ADD COLUMN IF NOT EXISTS ${name} ${column.sqlType ?? 'TEXT'}`],
  ];
  const findings: DestinationFinding[] = [];
  for (const [what, statement] of probes) {
    const finding = await attempt(what, 'allowed', () => sessions.run(call, { sql: statement, doing: what }));
    // A table that others define is fine, as long as it has the columns.
    findings.push(what === ALTER && !finding.ok ? NO_ALTER : finding);
  }
  const key =
    table.primaryKey.join(', ') || 'none declared, which Snowflake needs no more than it enforces one';
  return [...findings, { what: 'primary key', ok: true, detail: key }];
}

/** A table that is dropped again. */
async function checkCreate(sessions: Sessions, call: Call): Promise<DestinationFinding> {
  const name = quote(`KVFLOW_CHECK_${randomBytes(4).toString('hex').toUpperCase()}`);
  return await attempt('create table', 'allowed; the table is made when the first event comes', async () => {
    await sessions.run(call, { sql: `CREATE TRANSIENT TABLE ${name} ("A" BOOLEAN)`, doing: 'create table' });
    await sessions.run(call, { sql: `DROP TABLE ${name}`, doing: 'drop table' });
  });
}

async function attempt(
  what: string,
  fine: string,
  work: () => Promise<unknown>,
): Promise<DestinationFinding> {
  try {
    await work();
    return { what, ok: true, detail: fine };
  } catch (error) {
    if (!(error instanceof PackError) || error.code !== 'WAREHOUSE_ERROR') throw error;
    return { what, ok: false, detail: `${error.message} (grants: docs/warehouses/snowflake.md)` };
  }
}
