import type { Client, PoolClient } from 'pg';
import pg from 'pg';
import type { Call } from '../../core/call.ts';
import { beforeDeadline, DeadlineError, msLeft, whileAwaited } from '../shared/deadline.ts';
import type { ReadingSession, Runner } from './session.ts';
import { raced } from './session.ts';
import type { Sharing } from './sharing.ts';
import { connect, createSharing } from './sharing.ts';
import { createStatementNames } from './statement-names.ts';
import { withLibpqTls } from './tls.ts';

/** How to reach a server. */
export interface PoolOptions {
  /** Connection string; `sslmode`, `sslrootcert`, `sslcert`, `sslkey` and `connect_timeout` mean what they mean to libpq. */
  url: string;
  /** Most connections. Default 8. */
  size?: number | undefined;
  /** Milliseconds that a statement waits for locks of others at most. Default: as long as its call may take. */
  lockMs?: number | undefined;
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
  // Of one that breaks in use its statements tell; the event besides would end the process.
  pool.on('connect', client => client.on('error', () => undefined));
  const shared = createSharing(pool);
  const names = createStatementNames();
  return {
    transaction: (call, work) => raced(call, () => transaction(pool, call, { work, within: beforeDeadline })),
    reading: (call, work) => raced(call, () => transaction(pool, call, { work, within: whileAwaited })),
    each: call => ({
      query: (sql, binds, isFrequent = false) =>
        names.use(isFrequent ? sql : undefined, name =>
          raced(call, () => statement(shared, call, { sql, binds, name, lockMs: options.lockMs })),
        ),
    }),
    close: () => pool.end(),
  };
}

/** In seconds, where the url says it; 0 is for ever, which here ends at the call's deadline. */
function connectMs(url: string): number {
  const seconds = /[?&]connect_timeout=(\d+)/.exec(url)?.[1];
  return seconds === undefined ? DEFAULTS.connectMs : Number(seconds) * 1_000;
}

interface Transaction<T> {
  work(session: ReadingSession): Promise<T>;
  /** How long it is waited for. */
  within: typeof beforeDeadline;
}

async function transaction<T>(pool: pg.Pool, call: Call, { work, within }: Transaction<T>): Promise<T> {
  const client = await connect(pool, call);
  const run = (async () => {
    const begun = begin(client, call);
    const result = await work({
      query: (sql, binds) => query(client, sql, binds),
      columns: (sql, binds) => columnsOf(client, sql, binds),
    });
    await begun;
    await client.query('COMMIT');
    return result;
  })();
  try {
    const result = await within(call, run);
    client.release();
    return result;
  } catch (error) {
    const isBack =
      isUsable(error) &&
      (await beforeDeadline(call, client.query('ROLLBACK')).then(
        () => true,
        () => false,
      ));
    client.release(!isBack);
    throw error;
  }
}

interface Statement {
  sql: string;
  binds: readonly (string | null)[] | undefined;
  /** Under which the server keeps it. */
  name: string | undefined;
  lockMs: number | undefined;
}

/** All of it is sent at once: where the statement fails, its COMMIT rolls back. */
async function statement(
  shared: Sharing,
  call: Call,
  { sql, binds, name, lockMs }: Statement,
): Promise<(string | null)[][]> {
  const { client, release } = await shared.lease(call);
  const sent = [
    begin(client, call, { lockMs, name }),
    query(client, sql, binds, name),
    client.query('COMMIT'),
  ] as const;
  try {
    const [, rows] = await beforeDeadline(call, Promise.all(sent));
    release(false);
    return rows;
  } catch (error) {
    release(!isUsable(error) || !isPrepared(client, name));
    throw error;
  }
}

/** The server gives up by itself, and with it the locks it waits for, also where this process is gone by then. */
function begin(
  client: PoolClient,
  call: Call,
  { lockMs, name }: Partial<Pick<Statement, 'lockMs' | 'name'>> = {},
): Promise<unknown> {
  const left = Math.max(1, msLeft(call));
  // Time is left for the rows that nobody holds.
  const lock =
    lockMs === undefined ? '' : `; SET LOCAL lock_timeout = ${Math.ceil(Math.min(lockMs, left / 4))}`;
  // A plan that is kept is made for the table as it was then: small as it was, all of it was read each time, until it was analyzed.
  const plan = name === undefined ? '' : '; SET LOCAL plan_cache_mode = force_custom_plan';
  const begun = client.query(
    `BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL statement_timeout = ${left}${lock}${plan}`,
  );
  begun.catch(() => undefined);
  return begun;
}

/** Past the deadline the server may not even be there: nothing is asked of that connection any more. */
function isUsable(error: unknown): boolean {
  return !(error instanceof DeadlineError) && isServers(error);
}

/**
 * Whether the connection knows the statement, where it has a name. One that was refused as it was prepared is prepared again, and
 * a proxy that keeps account of names (PgBouncer from 1.21 on) has that one already: it breaks off all that is under way.
 */
function isPrepared(client: PoolClient, name: string | undefined): boolean {
  if (name === undefined) return true;
  // The driver's own account of it; none of its types.
  const { parsedStatements } = client.connection as { parsedStatements?: Record<string, string> };
  return parsedStatements?.[name] !== undefined;
}

async function query(
  client: Client | PoolClient,
  text: string,
  binds: readonly (string | null)[] = [],
  name?: string,
) {
  const named = name === undefined ? { text } : { text, name };
  const { rows } = await client.query<(string | null)[]>({ ...named, values: [...binds], rowMode: 'array' });
  return rows;
}

async function columnsOf(client: PoolClient, text: string, binds: readonly string[]): Promise<string[]> {
  const { fields } = await client.query({ text, values: [...binds], rowMode: 'array' });
  return fields.map(({ name }) => name);
}

/** An answer of the server that leaves the connection in order. */
function isServers(error: unknown): boolean {
  const { code, severity } = (error ?? {}) as { code?: unknown; severity?: unknown };
  return typeof code === 'string' && severity === 'ERROR';
}
