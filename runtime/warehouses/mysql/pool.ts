import type { Pool, PoolConnection, PoolOptions } from 'mysql2/promise';
import { PackError } from '../../../contract/errors.ts';
import type { Call } from '../../core/call.ts';
import type { Queried } from '../engine.ts';
import { beforeDeadline, DeadlineError } from '../shared/deadline.ts';
import type { MysqlDialect } from './dialect.ts';
import { dialectOf } from './dialect.ts';
import { isLost, isRepeatable, timedOut, wrapMysql } from './errors.ts';
import type { MysqlAddress } from './url.ts';

/** A value to bind. */
export type Bind = string | number | null;

/** One connection while a piece of work has it. */
export interface Session {
  readonly dialect: MysqlDialect;
  /** Bytes a statement with its values can have at most. */
  readonly maxPacket: number;
  /** Runs a prepared statement; rows are arrays of columns. */
  execute(sql: string, binds?: readonly Bind[]): Promise<unknown[][]>;
  /** Runs a statement that cannot be prepared, such as a definition. */
  query(sql: string): Promise<unknown[][]>;
  /** Runs a SELECT in a transaction that cannot write, and answers its columns and rows. */
  read(sql: string): Promise<Queried>;
  /** Runs work in a transaction: all or nothing. */
  transaction<T>(work: () => Promise<T>): Promise<T>;
}

/** The connections to one server. */
export interface MysqlPool {
  /**
   * Runs work on a connection. Work that the server rolled back for another's sake (a deadlock), or whose connection
   * was already gone when it began or went before anything was changed, is run again. What is not done by the call's
   * deadline is ended on the server too.
   */
  run<T>(call: Call, doing: string, work: (session: Session) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** What is known of a connection. */
interface Known {
  dialect: MysqlDialect;
  maxPacket: number;
}

/** State of one run on one connection. */
interface Attempt {
  connection: PoolConnection;
  /** A statement was answered, so that a connection that is lost from now on was not stale. */
  answered: boolean;
  /** A statement was sent that may stand although its answer is lost: a COMMIT, or a change outside a transaction. */
  stands: boolean;
  /** In a transaction: what it does goes with the connection. */
  open: boolean;
}

const MAX_ATTEMPTS = 8;
const BACKOFF_MS = 10;
const KILL_MS = 2_000;
/** A row that another transaction holds for longer costs its own visitor and nobody else. */
const LOCK_MS = 5_000;
/** LONGLONG of the protocol. */
const BIGINT = 8;
const CHANGES_NOTHING = /^(?:SELECT|SHOW|SET|START TRANSACTION)\b/;
/**
 * Strict: a value that does not fit is an error, never cut or rounded to a limit. Backslashes and double quotes keep
 * their meaning, whatever the server's default is.
 */
const SETUP = [
  "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,NO_ENGINE_SUBSTITUTION'",
  "time_zone = '+00:00'",
  'autocommit = 1',
  // Rows that are not there are not locked, so that two processes that insert next to each other do not deadlock.
  "SESSION transaction_isolation = 'READ-COMMITTED'",
].join(', ');

/**
 * Opens a pool; nothing is connected yet. The driver is loaded here. `lockMs`: how long a statement waits for rows that others hold, in whole
 * seconds. Default: 5 s.
 */
export async function openPool(address: MysqlAddress, lockMs = LOCK_MS): Promise<MysqlPool> {
  const { createPool, createConnection } = await import('mysql2/promise');
  const options = driverOptions(address);
  const pool: Pool = createPool(options);
  const known = new WeakMap<object, Known>();

  async function acquire(call: Call): Promise<PoolConnection> {
    const waiting = pool.getConnection();
    try {
      return await beforeDeadline(call, waiting);
    } catch (error) {
      if (!(error instanceof DeadlineError)) throw error;
      void waiting.then(
        late => late.release(),
        () => undefined,
      );
      throw timedOut('waiting for a connection', error);
    }
  }

  async function attempt<T>(call: Call, at: Attempt, work: (session: Session) => Promise<T>): Promise<T> {
    const id = at.connection.threadId;
    const running = (async () => {
      const raw = at.connection.connection;
      const about = known.get(raw) ?? (await setUp(at, lockMs));
      known.set(raw, about);
      return await work(sessionOf(at, about));
    })();
    try {
      return await beforeDeadline(call, running);
    } catch (error) {
      if (!(error instanceof DeadlineError)) throw error;
      at.connection.destroy();
      if (id !== null) void kill(id);
      throw timedOut('a statement', error);
    }
  }

  /** A connection that is only closed would let its statement go on. */
  async function kill(id: number): Promise<void> {
    const killer = await createConnection({ ...options, connectTimeout: KILL_MS }).catch(() => undefined);
    await killer?.query(`KILL ${Number(id)}`).catch(() => undefined);
    killer?.destroy();
  }

  return {
    run: async (call, doing, work) => {
      for (let tries = 1; ; tries++) {
        let at: Attempt | undefined;
        try {
          at = { connection: await acquire(call), answered: false, stands: false, open: false };
          const result = await attempt(call, at, work);
          at.connection.release();
          return result;
        } catch (error) {
          giveBack(at, error);
          const isStale = at !== undefined && !(at.answered && at.stands) && isLost(error);
          const delay = isStale ? 0 : BACKOFF_MS * tries * (0.5 + Math.random());
          const isOver = tries >= MAX_ATTEMPTS || Date.now() + delay >= call.deadline;
          if (isOver || !(isStale || isRepeatable(error))) throw wrapMysql(error, doing);
          await new Promise(resolve => setTimeout(resolve, delay));
        }
      }
    },
    close: () => pool.end(),
  };
}

function driverOptions(address: MysqlAddress): PoolOptions {
  const { connections, tls, ...where } = address;
  return {
    ...where,
    ...(tls && { ssl: tls }),
    charset: 'utf8mb4_bin',
    connectionLimit: connections,
    maxIdle: connections,
    idleTimeout: 60_000,
    enableKeepAlive: true,
    // Exact on the way out: bigints and times as text.
    supportBigNumbers: true,
    bigNumberStrings: true,
    dateStrings: true,
    jsonStrings: true,
    rowsAsArray: true,
    timezone: 'Z',
    // A file of the client's is nobody's business, and one statement is one statement.
    flags: ['-LOCAL_FILES'],
    multipleStatements: false,
    maxPreparedStatements: 100,
  };
}

async function setUp(at: Attempt, lockMs: number): Promise<Known> {
  const execute = rowsOf(at);
  const [[version, maxPacket] = []] = await execute('query', 'SELECT VERSION(), @@max_allowed_packet');
  const dialect = dialectOf(String(version));
  if (typeof dialect === 'string') throw new PackError('WAREHOUSE_ERROR', `mysql: ${dialect}`);
  // The one name that both know since MariaDB 11.1 is `transaction_isolation`; before it is `tx_isolation` there.
  const isolation = dialect.name === 'MariaDB' ? 'tx_isolation' : 'transaction_isolation';
  const wait = `SESSION innodb_lock_wait_timeout = ${Math.max(1, Math.ceil(lockMs / 1_000))}`;
  await execute('query', `${SETUP.replace('transaction_isolation', isolation)}, ${wait}`);
  return { dialect, maxPacket: Number(maxPacket) };
}

function sessionOf(at: Attempt, about: Known): Session {
  const run = rowsOf(at);
  return {
    ...about,
    execute: (sql, binds = []) => run('execute', sql, binds),
    query: sql => run('query', sql),
    read: async sql => {
      await run('query', 'START TRANSACTION READ ONLY');
      at.open = true;
      const [rows, fields] = await at.connection.query({ sql, rowsAsArray: true });
      await run('query', 'ROLLBACK');
      at.open = false;
      const types = fields.map(({ type, columnType }) => columnType ?? type);
      return {
        columns: fields.map(({ name }) => name),
        rows: (rows as unknown[][]).map(row => row.map((value, column) => plain(value, types[column]))),
      };
    },
    transaction: async work => {
      await run('query', 'START TRANSACTION');
      at.open = true;
      const result = await work();
      at.open = false;
      await run('query', 'COMMIT');
      return result;
    },
  };
}

/** Whole numbers come as texts, for those that a double would change. */
function plain(value: unknown, type: number | undefined): unknown {
  return type === BIGINT && Number.isSafeInteger(Number(value)) && value !== null ? Number(value) : value;
}

function rowsOf(at: Attempt) {
  return async (how: 'execute' | 'query', sql: string, binds: readonly Bind[] = []): Promise<unknown[][]> => {
    if (!at.open && !CHANGES_NOTHING.test(sql)) at.stands = true;
    const [rows] = await (how === 'query'
      ? at.connection.query(sql)
      : at.connection.execute(sql, [...binds]));
    at.answered = true;
    return Array.isArray(rows) ? rows.map(row => (Array.isArray(row) ? row : [])) : [];
  };
}

/** A connection that may be in the middle of something is ended; that rolls back what it had begun. */
function giveBack(at: Attempt | undefined, error: unknown): void {
  if (!at) return;
  const { connection } = at;
  if (isLost(error)) {
    connection.destroy();
    return;
  }
  connection.query('ROLLBACK').then(
    () => connection.release(),
    () => connection.destroy(),
  );
}
