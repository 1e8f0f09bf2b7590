import type { Client, PoolClient } from 'pg';
import pg from 'pg';
import type { Call } from '../../core/define-function.ts';
import type { Runner } from './session.ts';
import { beforeDeadline, DeadlineError, msLeft, raced } from './session.ts';
import { withLibpqTls } from './tls.ts';

/** How to reach a server. */
export interface PoolOptions {
  /** Connection string; `sslmode`, `sslrootcert`, `sslcert`, `sslkey` and `connect_timeout` mean what they mean to libpq. */
  url: string;
  /** Most connections. Default 8. */
  size?: number | undefined;
}

const DEFAULTS = { size: 8, connectMs: 5_000, idleMs: 30_000 };

/** Numbers, times and all else come as the text the server writes. */
const AS_TEXT = { getTypeParser: () => (text: string) => text };

/** Connections to a server, made when they are needed. One that was lost is dropped and made anew. */
export function createPool(options: PoolOptions): Runner {
  const pool = new pg.Pool({
    connectionString: withLibpqTls(options.url),
    max: options.size ?? DEFAULTS.size,
    connectionTimeoutMillis: connectMs(options.url),
    idleTimeoutMillis: DEFAULTS.idleMs,
    keepAlive: true,
    application_name: 'kvflow',
    types: AS_TEXT,
    // A transaction's beginning travels with its first statement, and its end with its only one.
    pipeline: true,
  });
  // An idle connection that breaks is no longer in the pool; the next call makes another and tells if it cannot.
  pool.on('error', () => undefined);
  return {
    transaction: (call, work) =>
      raced(call, () =>
        inTransaction(pool, call, async client => {
          const result = await work({ query: (sql, binds) => query(client, sql, binds) });
          await client.query('COMMIT');
          return result;
        }),
      ),
    statement: (call, sql, binds) =>
      raced(call, () =>
        inTransaction(pool, call, async client => {
          const rows = query(client, sql, binds);
          // Of a statement that failed it rolls back; its own error is thrown, for it comes first.
          const [answer] = await Promise.all([rows, client.query('COMMIT')]);
          return answer;
        }),
      ),
    close: () => pool.end(),
  };
}

/** In seconds, where the url says it; 0 is for ever, which here ends at the call's deadline. */
function connectMs(url: string): number {
  const seconds = /[?&]connect_timeout=(\d+)/.exec(url)?.[1];
  return seconds === undefined ? DEFAULTS.connectMs : Number(seconds) * 1_000;
}

/** Begins one for work that ends it; ends it itself where that fails. */
async function inTransaction<T>(
  pool: pg.Pool,
  call: Call,
  work: (client: PoolClient) => Promise<T>,
): Promise<T> {
  const client = await connect(pool, call);
  let ended = false;
  const release = (isBroken: boolean) => {
    if (!ended) client.release(isBroken);
    ended = true;
  };
  const run = (async () => {
    const left = Math.max(1, msLeft(call));
    // The server gives up by itself, and with it the locks it waits for, also where this process is gone by then.
    const begun = client.query(`BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL statement_timeout = ${left}`);
    const [result] = await Promise.all([work(client), begun]);
    return result;
  })();
  try {
    const result = await beforeDeadline(call, run);
    release(false);
    return result;
  } catch (error) {
    // Past the deadline the server may not even be there: nothing is asked of that connection any more.
    const isUsable = !(error instanceof DeadlineError) && isServers(error);
    const isBack =
      isUsable &&
      (await beforeDeadline(call, client.query('ROLLBACK')).then(
        () => true,
        () => false,
      ));
    release(!isBack);
    throw error;
  }
}

async function query(client: Client | PoolClient, text: string, binds: readonly (string | null)[] = []) {
  const { rows } = await client.query<(string | null)[]>({ text, values: [...binds], rowMode: 'array' });
  return rows;
}

async function connect(pool: pg.Pool, call: Call): Promise<PoolClient> {
  const connecting = pool.connect();
  try {
    return await beforeDeadline(call, connecting);
  } catch (error) {
    connecting.then(client => client.release()).catch(() => undefined);
    throw error;
  }
}

/** An answer of the server that leaves the connection in order. */
function isServers(error: unknown): boolean {
  const { code, severity } = (error ?? {}) as { code?: unknown; severity?: unknown };
  return typeof code === 'string' && severity === 'ERROR';
}
