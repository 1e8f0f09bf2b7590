import type { Call } from '../../core/call.ts';
import type { DestinationFinding } from '../../core/destinations.ts';
import type { Table } from '../engine.ts';
import type { MysqlDialect } from './dialect.ts';
import { asMysqlTable, isExact } from './keys.ts';
import type { MysqlPool } from './pool.ts';
import { quoted } from './sql.ts';

const NEEDED = ['SELECT', 'INSERT', 'UPDATE'] as const;
const TO_DEFINE = ['CREATE', 'ALTER'] as const;

/** Version, grants, and what of the table's key takes different texts for one. */
export async function check(
  pool: MysqlPool,
  call: Call,
  table: Table | undefined,
): Promise<DestinationFinding[]> {
  return await pool.run(call, 'checking', async session => {
    const [[version, user, database, binlog] = []] = await session.execute(
      'SELECT VERSION(), CURRENT_USER(), DATABASE(), @@binlog_format',
    );
    const grants = (await session.query('SHOW GRANTS')).map(([grant]) => String(grant));
    return [
      {
        what: 'connection',
        ok: true,
        detail: `${session.dialect.name} ${version}, database ${database}, as ${user}`,
      },
      permissions(grants, { database: String(database), table: table?.name }),
      ...(String(binlog) === 'STATEMENT'
        ? [
            {
              what: 'binlog_format',
              ok: false,
              detail: 'is STATEMENT, which READ COMMITTED does not work with: set it to ROW or MIXED',
            },
          ]
        : []),
      ...(table ? tableFindings(session.dialect, table) : []),
    ];
  });
}

/** What is granted on. */
interface GrantPlace {
  database: string;
  /** Undefined: there is none yet. */
  table: string | undefined;
}

function permissions(grants: readonly string[], place: GrantPlace): DestinationFinding {
  const { database } = place;
  const missing = [...NEEDED, ...TO_DEFINE].filter(name => !isGranted(grants, name, place));
  if (missing.length === 0)
    return { what: 'permissions', ok: true, detail: [...NEEDED, ...TO_DEFINE].join(', ') };
  const isFatal = NEEDED.some(name => missing.includes(name));
  const why = isFatal ? '' : ' (only needed to make tables and columns)';
  return {
    what: 'permissions',
    ok: !isFatal,
    detail: `not found among the grants${why}: ${missing.join(', ')}. GRANT ${missing.join(', ')} ON ${quoted(database)}.* TO the user`,
  };
}

/** On the server, the database or the table. A grant to a role is told as missing where it cannot be seen: the way out says what it is about. */
function isGranted(grants: readonly string[], name: string, { database, table }: GrantPlace): boolean {
  const plain = database.replaceAll('_', '\\_');
  return grants.some(grant => {
    const [, privileges = '', on = ''] = /^GRANT (.+?) ON (?:TABLE )?(.+?) TO /.exec(grant) ?? [];
    const place = on.replaceAll('`', '');
    const tables = table === undefined ? ['*'] : ['*', table];
    const isHere =
      place === '*.*' || tables.some(each => place === `${database}.${each}` || place === `${plain}.${each}`);
    return isHere && (/\bALL PRIVILEGES\b/.test(privileges) || new RegExp(`\\b${name}\\b`).test(privileges));
  });
}

function tableFindings(dialect: MysqlDialect, given: Table): DestinationFinding[] {
  const table = asMysqlTable(given);
  const loose = table.primaryKey.filter(name => !isExact(dialect, table.columns.get(name)));
  return [
    {
      what: 'primary key',
      ok: table.primaryKey.length > 0,
      detail: table.primaryKey.join(', ') || `none: ALTER TABLE ${quoted(table.name)} ADD PRIMARY KEY (...)`,
    },
    ...(loose.length > 0
      ? [
          {
            what: 'collation of the key',
            ok: true,
            detail:
              `${loose.join(', ')} may take different texts for one; kvflow refuses such rows, which costs a round trip. ` +
              `Faster: ALTER TABLE ${quoted(table.name)} MODIFY the column with COLLATE ${dialect.exactCollation}`,
          },
        ]
      : []),
  ];
}
