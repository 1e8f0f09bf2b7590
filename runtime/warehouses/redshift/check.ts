import type { DestinationFinding } from '../../core/destinations.ts';
import type { Table } from '../engine.ts';
import { quote } from '../postgres/dialect.ts';
import type { Session } from '../postgres/session.ts';

/** What `kvflow check` wants to know of a Redshift. */
export async function checkRedshift(
  session: Session,
  schema: string,
  table: Table | undefined,
): Promise<DestinationFinding[]> {
  const [about] = await session.query(
    "SELECT current_user, CASE WHEN has_database_privilege(current_database(), 'TEMP') THEN 1 ELSE 0 END",
  );
  const [user, temp] = about ?? [];
  const owner = quote(user ?? '');
  const findings: DestinationFinding[] = [
    { what: 'connection', ok: true, detail: `as ${user}` },
    temp === '1'
      ? { what: 'temporary tables', ok: true, detail: 'can be made' }
      : { what: 'temporary tables', ok: false, detail: `GRANT TEMP ON DATABASE ... TO ${owner}` },
    await checkSchema(session, schema, owner),
  ];
  if (!table) return findings;
  const key = table.primaryKey.join(', ');
  const detail = key || 'none is declared; kvflow keeps primary_key_fields unique all the same';
  return [
    ...findings,
    await checkTable(session, schema, table, owner),
    { what: 'primary key', ok: true, detail },
  ];
}

async function checkSchema(session: Session, schema: string, owner: string): Promise<DestinationFinding> {
  const what = 'schema';
  const there = await session.query('SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = $1', [schema]);
  if (there.length === 0) return { what, ok: true, detail: `${schema} is not there yet and will be created` };
  const [row] = await session.query(
    "SELECT CASE WHEN has_schema_privilege($1, 'USAGE') AND has_schema_privilege($1, 'CREATE') THEN 1 ELSE 0 END",
    [schema],
  );
  return row?.[0] === '1'
    ? { what, ok: true, detail: `${schema}: tables can be created` }
    : { what, ok: false, detail: `GRANT USAGE, CREATE ON SCHEMA ${quote(schema)} TO ${owner}` };
}

async function checkTable(
  session: Session,
  schema: string,
  table: Table,
  owner: string,
): Promise<DestinationFinding> {
  const name = `${quote(schema)}.${quote(table.name)}`;
  const rights = ['SELECT', 'INSERT', 'UPDATE'];
  const all = rights.map(right => `has_table_privilege($1, '${right}')`).join(' AND ');
  const [row] = await session.query(`SELECT CASE WHEN ${all} THEN 1 ELSE 0 END`, [name]);
  return row?.[0] === '1'
    ? { what: 'table', ok: true, detail: `${table.name}: ${table.columns.size} columns` }
    : { what: 'table', ok: false, detail: `GRANT ${rights.join(', ')} ON ${name} TO ${owner}` };
}
