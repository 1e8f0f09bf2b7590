import type { Runner, Session } from '../../../runtime/warehouses/postgres/session.ts';

/**
 * What PostgreSQL takes and Redshift does not, as far as its documentation says. It stands in for a Redshift, which cannot
 * be had for a test: a statement that passes here may still be refused there.
 */
const LACKING: [what: string, pattern: RegExp][] = [
  ['ON CONFLICT', /\bON CONFLICT\b/i],
  ['RETURNING', /\bRETURNING\b/i],
  ['ADD COLUMN IF NOT EXISTS', /\bADD COLUMN IF NOT EXISTS\b/i],
  ['several columns in one ALTER TABLE', /\bALTER TABLE\b[\s\S]*\bADD COLUMN\b[\s\S]*\bADD COLUMN\b/i],
  ['unnest', /\bunnest\s*\(/i],
  ['WITH ORDINALITY', /\bWITH ORDINALITY\b/i],
  ['arrays', /\[\]|\bARRAY\s*\[|\bany\s*\(|\barray_position\b/i],
  ['json', /\bjsonb?(_\w+)?\b/i],
  ['text, which is a varchar(256)', /(::|\s)text\b(?!")/i],
  ['varchar without a length in a cast, which cuts at 256', /::(character varying|varchar)(?!\s*\()/i],
  ['MATERIALIZED', /\bMATERIALIZED\b/i],
  ['a statement that writes within WITH', /\bWITH\b[\s\S]*\bAS\s*\(\s*(INSERT|UPDATE|DELETE)\b/i],
  ['FOR UPDATE', /\bFOR (UPDATE|SHARE)\b/i],
  [
    'an alias of the table that UPDATE or INSERT changes',
    /\b(UPDATE|INSERT INTO) ("(?:[^"]|"")*"\.)?"(?:[^"]|"")*" AS\b/i,
  ],
  ['LATERAL', /\bLATERAL\b/i],
  ['ON COMMIT DROP', /\bON COMMIT\b/i],
  ['UNLOGGED', /\bUNLOGGED\b/i],
  ['CREATE INDEX', /\bCREATE (UNIQUE )?INDEX\b/i],
  ['old. and new.', /\b(old|new)\./i],
];

const MAX_BINDS = 32_767;
const MAX_STATEMENT = 16 * 2 ** 20;

/** Why Redshift would not run a statement; undefined: nothing is known against it. */
export function redshiftLacks(sql: string, binds: readonly (string | null)[] = []): string | undefined {
  if (binds.length > MAX_BINDS) return `${binds.length} binds`;
  if (Buffer.byteLength(sql) > MAX_STATEMENT) return 'a statement above 16 MB';
  if (binds.some(bind => bind !== null && /^\{.*\}$/s.test(bind) && sql.includes('[]')))
    return 'arrays as binds';
  // What stands between quotes is a name or a text.
  const bare = sql.replace(/"(?:[^"]|"")*"/g, '"x"').replace(/'(?:[^']|'')*'/g, "''");
  return LACKING.find(([, pattern]) => pattern.test(bare))?.[0];
}

/** Runs on PostgreSQL what a Redshift would run, and fails whatever it would not. */
export function guardRedshift(runner: Runner): Runner {
  const guarded = (session: Session): Session => ({
    query: async (sql, binds) => {
      const lacking = redshiftLacks(sql, binds);
      if (lacking !== undefined) throw new Error(`Redshift has no ${lacking}: ${sql.slice(0, 300)}`);
      return await session.query(sql, binds);
    },
  });
  return {
    transaction: (call, work) => runner.transaction(call, session => work(guarded(session))),
    reading: (call, work) => runner.reading(call, session => work({ ...session, ...guarded(session) })),
    each: call => guarded(runner.each(call)),
    close: () => runner.close(),
  };
}
