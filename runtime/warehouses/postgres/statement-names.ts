import { hash } from 'node:crypto';

/** Each is kept by every connection. */
const MAX_NAMES = 100;

/** No such statement; one of that name is there already; and, of what only speaks the dialect, no `plan_cache_mode`. */
const NO_USE = new Set(['26000', '42P05', '42704']);

/** Names of prepared statements. */
export interface StatementNames {
  /** Runs a statement under the name of its text; without one where there is no text, or names are no use. */
  use<T>(sql: string | undefined, run: (name: string | undefined) => Promise<T>): Promise<T>;
}

/**
 * Names frequent statements, so that a server parses them once for each connection. A name says what is behind it:
 * where a proxy lends a connection to several processes, the same name is the same text. A proxy that passes names on without keeping
 * account of them (PgBouncer with pool_mode = transaction, before 1.21 or with max_prepared_statements = 0) gets none from the
 * first refusal on: https://www.pgbouncer.org/config.html#max_prepared_statements. Nothing was done by what is refused so.
 */
export function createStatementNames(): StatementNames {
  const names = new Map<string, string>();
  let areKept = true;

  function nameOf(sql: string): string | undefined {
    let name = names.get(sql);
    if (name !== undefined || names.size >= MAX_NAMES) return name;
    name = `kvflow_${hash('sha256', sql, 'hex').slice(0, 32)}`;
    names.set(sql, name);
    return name;
  }

  return {
    async use(sql, run) {
      const name = sql !== undefined && areKept ? nameOf(sql) : undefined;
      try {
        return await run(name);
      } catch (error) {
        if (name === undefined || !NO_USE.has(String((error as { code?: unknown } | null)?.code)))
          throw error;
        const result = await run(undefined);
        // One that fails without a name too was never prepared: those sent after it had no statement of that name.
        areKept = false;
        return result;
      }
    },
  };
}
