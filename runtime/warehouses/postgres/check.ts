import type { DestinationFinding } from '../../core/destinations.ts';
import type { Table } from '../engine.ts';
import { quote } from './dialect.ts';
import type { Session } from './session.ts';

/** What `kvflow check` wants to know of a server of this dialect. */
export async function checkServer(
  session: Session,
  schema: string,
  table: Table | undefined,
): Promise<DestinationFinding[]> {
  const [about] = await session.query('SELECT current_user, version()');
  const [user = '', version = ''] = about ?? [];
  const connected = {
    what: 'connection',
    ok: true,
    detail: `as ${user}, ${(version ?? '').split(' on ')[0]}`,
  };
  const findings: DestinationFinding[] = [
    connected,
    await checkSchema(session, { schema, user: user ?? '', isTableThere: table !== undefined }),
  ];
  if (!table) return findings;
  return [...findings, await checkTable(session, schema, table, user ?? ''), keyFinding(table)];
}

/** Who may only write to the table that is there needs no right to make others. */
async function checkSchema(
  session: Session,
  { schema, user, isTableThere }: { schema: string; user: string; isTableThere: boolean },
): Promise<DestinationFinding> {
  const what = 'schema';
  const [row] = await session.query(
    `SELECT has_schema_privilege(n.oid, 'USAGE')::text, has_schema_privilege(n.oid, 'CREATE')::text,
       has_database_privilege(current_database(), 'CREATE')::text
     FROM (SELECT 1) AS one LEFT JOIN pg_catalog.pg_namespace n ON n.nspname = $1`,
    [schema],
  );
  const [usage, create, schemas] = row ?? [];
  if (usage === null || usage === undefined) {
    return schemas === 'true'
      ? { what, ok: true, detail: `${schema} is not there yet and will be created` }
      : {
          what,
          ok: false,
          detail: `${schema} is not there: CREATE SCHEMA ${quote(schema)} AUTHORIZATION ${quote(user)}`,
        };
  }
  if (usage === 'true' && create === 'true')
    return { what, ok: true, detail: `${schema}: tables can be created` };
  if (usage === 'true' && isTableThere) {
    return { what, ok: true, detail: `${schema}: without the right to create further tables` };
  }
  const lacking = usage === 'true' ? 'CREATE' : 'USAGE, CREATE';
  return { what, ok: false, detail: `GRANT ${lacking} ON SCHEMA ${quote(schema)} TO ${quote(user)}` };
}

async function checkTable(
  session: Session,
  schema: string,
  table: Table,
  user: string,
): Promise<DestinationFinding> {
  const name = `${quote(schema)}.${quote(table.name)}`;
  const rights = ['SELECT', 'INSERT', 'UPDATE'];
  const [row] = await session.query(
    `SELECT ${rights.map(right => `has_table_privilege($1, '${right}')::text`).join(', ')},
      (SELECT pg_has_role(relowner, 'MEMBER')::text FROM pg_catalog.pg_class WHERE oid = $1::regclass)`,
    [name],
  );
  const lacking = rights.filter((_, at) => row?.[at] !== 'true');
  return lacking.length === 0
    ? {
        what: 'table',
        ok: true,
        detail: `${table.name}: ${table.columns.size} columns${row?.[rights.length] === 'true' ? '' : ', none can be added: it belongs to another role'}`,
      }
    : { what: 'table', ok: false, detail: `GRANT ${lacking.join(', ')} ON ${name} TO ${quote(user)}` };
}

function keyFinding(table: Table): DestinationFinding {
  const what = 'primary key';
  if (table.primaryKey.length > 0) return { what, ok: true, detail: table.primaryKey.join(', ') };
  const how = `ALTER TABLE ${quote(table.name)} ADD PRIMARY KEY (...) over primary_key_fields`;
  return { what, ok: false, detail: `${table.name} has none; unless a unique index covers them: ${how}` };
}
