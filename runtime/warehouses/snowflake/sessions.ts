import type { Connection, ConnectionOptions, RowStatement } from 'snowflake-sdk';
import { PackError } from '../../../contract/errors.ts';
import type { Call } from '../../core/call.ts';
import { isSessionGone, wrapError } from './errors.ts';
import type { SnowflakeSdk } from './sdk.ts';
import { sentOnce } from './sdk.ts';

/** One row of an answer, by the names of its columns. */
export type AnswerRow = Record<string, unknown>;

/** What a statement answered: names of columns, of an empty answer too, and each row's values in their order. */
export interface Answer {
  columns: string[];
  rows: unknown[][];
}

/** One statement. */
export interface Statement {
  sql: string;
  /** Texts for its `?`. */
  binds?: string[];
  /** What it is for, as a message says it. */
  doing: string;
}

/** Logged-in sessions, each running one statement at a time. */
export interface Sessions {
  /**
   * Runs a statement that commits by itself, and answers its rows. Logs in where no session is free. Throws PackError;
   * a statement that the call has no more time for is cancelled.
   */
  run(call: Call, statement: Statement): Promise<AnswerRow[]>;
  /** As {@link run}, and answers the columns as Snowflake names them, several of one name too. */
  ask(call: Call, statement: Statement): Promise<Answer>;
  close(): Promise<void>;
}

const DEFAULT_SESSIONS = 4;
/** For cancelling and logging out, after which nobody waits. */
const LAST_WORDS_MS = 2_000;

/** Makes sessions as they are needed, at most `most`. */
export function createSessions(
  sdk: SnowflakeSdk,
  options: ConnectionOptions,
  most = DEFAULT_SESSIONS,
): Sessions {
  const free: Connection[] = [];
  const waiting: (() => void)[] = [];
  const open = new Set<Connection>();
  let places = most;
  let isClosed = false;

  async function run<T>(call: Call, statement: Statement, reading: Reading<T>): Promise<T> {
    await place(call, statement);
    try {
      return await inSession(call, statement, reading);
    } catch (error) {
      // What was never run may run elsewhere.
      if (!isSessionGone(error)) throw error;
      return await inSession(call, statement, reading);
    } finally {
      places += 1;
      waiting.shift()?.();
    }
  }

  async function told<T>(call: Call, statement: Statement, reading: Reading<T>): Promise<T> {
    try {
      return await run(call, statement, reading);
    } catch (error) {
      throw wrapError(error, statement.doing);
    }
  }

  async function place(call: Call, { doing }: Statement): Promise<void> {
    while (places === 0) {
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting.push(resolve);
      await within(call, doing, promise).catch(error => {
        const at = waiting.indexOf(resolve);
        if (at >= 0) waiting.splice(at, 1);
        else waiting.shift()?.(); // It was this one's turn: the next goes.
        throw error;
      });
    }
    places -= 1;
  }

  async function inSession<T>(call: Call, statement: Statement, reading: Reading<T>): Promise<T> {
    if (isClosed) throw new PackError('UNAVAILABLE', 'this destination was closed');
    const connection = free.pop() ?? (await logIn(call, statement));
    const running = execute(connection, call, { statement, reading });
    try {
      const answer = await within(call, statement.doing, running.answer);
      if (isClosed) drop(connection);
      else free.push(connection);
      return answer;
    } catch (error) {
      // A refusal leaves the session as it was; after anything else nobody knows what state it is in.
      if (error instanceof PackError) running.cancel(() => drop(connection));
      else if (!isSessionGone(error) && wrapError(error, '').code === 'WAREHOUSE_ERROR')
        free.push(connection);
      else drop(connection);
      throw error;
    }
  }

  async function logIn(call: Call, { doing }: Statement): Promise<Connection> {
    const { promise, resolve, reject } = Promise.withResolvers<Connection>();
    const ending = new AbortController();
    // The SDK completes the options it is given.
    const connection = sdk.createConnection({ ...options });
    sentOnce(ending.signal, () => connection.connect(error => (error ? reject(error) : resolve(connection))));
    try {
      const ready = await within(call, doing, promise);
      open.add(ready);
      return ready;
    } catch (error) {
      promise.then(end, () => undefined); // It may still succeed, and nobody waits any more.
      ending.abort();
      throw wrapError(error, 'logging in');
    }
  }

  function drop(connection: Connection): void {
    open.delete(connection);
    end(connection);
  }

  return {
    run: (call, statement) => told(call, statement, ROWS),
    ask: (call, statement) => told(call, statement, ANSWER),
    close: async () => {
      isClosed = true;
      const all = [...open];
      open.clear();
      free.length = 0;
      await Promise.all(all.map(connection => new Promise<void>(done => end(connection, done))));
    },
  };
}

function end(connection: Connection, then: () => void = () => undefined): void {
  sentOnce(AbortSignal.timeout(LAST_WORDS_MS), () => connection.destroy(then));
}

/** How an answer is read. */
interface Reading<T> {
  /** How the SDK gives a row: by names, of which the last of several that are the same counts, or in order. */
  rowMode: 'object' | 'array';
  read(statement: RowStatement, rows: unknown[]): T;
}

const ROWS: Reading<AnswerRow[]> = { rowMode: 'object', read: (_, rows) => rows as AnswerRow[] };
const ANSWER: Reading<Answer> = {
  rowMode: 'array',
  read: (statement, rows) => ({
    columns: (statement.getColumns() ?? []).map(column => column.getName()),
    rows: rows as unknown[][],
  }),
};

/** A statement under way. */
interface Running<T> {
  answer: Promise<T>;
  /** Asks Snowflake to end it; `then` is called when it has answered, or could not. */
  cancel(then: () => void): void;
}

function execute<T>(
  connection: Connection,
  call: Call,
  { statement, reading }: { statement: Statement; reading: Reading<T> },
): Running<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  promise.catch(() => undefined); // It may end after the call has.
  const ending = new AbortController();
  const running = sentOnce(ending.signal, () =>
    connection.execute({
      sqlText: statement.sql,
      binds: statement.binds ?? [],
      rowMode: reading.rowMode,
      // Where cancelling does not arrive, Snowflake ends it by itself.
      parameters: {
        STATEMENT_TIMEOUT_IN_SECONDS: Math.max(1, Math.ceil((call.deadline - Date.now()) / 1_000)),
      },
      complete: (error, done, rows) => (error ? reject(error) : resolve(reading.read(done, rows ?? []))),
    }),
  ) as RowStatement;
  return {
    answer: promise,
    cancel: then =>
      sentOnce(AbortSignal.timeout(LAST_WORDS_MS), () =>
        running.cancel(() => {
          ending.abort();
          then();
        }),
      ),
  };
}

async function within<T>(call: Call, doing: string, work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const late = new PackError('TIMEOUT', `Snowflake, ${doing}: no answer in the time this call has`, {
    retryable: true,
  });
  const timer = setTimeout(() => reject(late), Math.max(0, call.deadline - Date.now()));
  return await Promise.race([work, promise]).finally(() => clearTimeout(timer));
}
