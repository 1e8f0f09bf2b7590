/**
 * A stand-in for Snowflake: its HTTP protocol as snowflake-sdk speaks it, the SQL run by DuckDB (snowflake-data.ts). What
 * it cannot show: real locks and transactions, the cloud's latency, limits of size, how Snowflake's own parser reads what
 * the stand-in lets pass.
 */
import { createPublicKey, createVerify, randomUUID } from 'node:crypto';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import type { Rows, SessionFacts } from './snowflake-data.ts';
import { openSnowflakeData } from './snowflake-data.ts';
import { SnowflakeRefusal } from './snowflake-tokens.ts';

/** A stand-in of a test file's own, ended by `await using`. */
export interface TestSnowflake extends AsyncDisposable {
  readonly port: number;
  /** A database of this name with a schema PUBLIC, made anew; the answer is its url. */
  database(name: string): Promise<string>;
  /** Statements executed in a database so far. */
  statements(database: string): number;
  /** Texts of those statements, oldest first. */
  readonly log: string[];
  /** Runs one statement of Snowflake's as the owner of the database. */
  sql(database: string, text: string, binds?: string[]): Promise<unknown[][]>;
  /** Verbs that the role is not allowed: INSERT, UPDATE, ALTER, CREATE... */
  readonly denied: Set<string>;
  /** The user's public key as PEM, for a login by key pair. */
  publicKey: string | undefined;
  /** Statements wait until it is called: then they run. */
  hold(): () => void;
  /** Runs something right after the next statement, before its answer is sent. */
  afterNext(work: () => Promise<void>): void;
  /** Forgets all sessions, as Snowflake does after hours without use. */
  endSessions(): void;
  /** How many statements were cancelled, and messages of telemetry sent. */
  readonly seen: { cancelled: number; telemetry: number; logins: number };
  /** No longer reachable; data stays, sessions do not. */
  stop(): Promise<void>;
  /** Reachable again, on the same port. */
  start(): Promise<void>;
}

const USER = 'KVFLOW';
const PASSWORD = 'stand-in';

interface Session extends SessionFacts {
  token: string;
}

/** Starts one on loopback. */
export async function startSnowflake(): Promise<TestSnowflake> {
  const denied = new Set<string>();
  const data = await openSnowflakeData(denied);
  const sessions = new Map<string, Session>();
  const answers = new Map<string, Promise<object>>();
  const running = new Map<string, (error: Error) => void>();
  const seen = { cancelled: 0, telemetry: 0, logins: 0 };
  const log: string[] = [];
  const executed = new Map<string, number>();
  let held: Promise<void> = Promise.resolve();
  let publicKey: string | undefined;
  let next: (() => Promise<void>) | undefined;
  let server: Server;
  let port = 0;

  function logIn(query: URLSearchParams, body: LoginBody): object {
    seen.logins += 1;
    const { LOGIN_NAME: user = '', PASSWORD: password, TOKEN: token } = body.data;
    const isKnown =
      user.toUpperCase() === USER && (token ? verifies(token, publicKey) : password === PASSWORD);
    if (!isKnown)
      throw new SnowflakeRefusal('390100', '08001', 'Incorrect username or password was specified.');
    const database = query.get('databaseName')?.toUpperCase();
    const schema = query.get('schemaName')?.toUpperCase();
    const isThere = database !== undefined && data.has(database);
    const session: Session = {
      token: randomUUID(),
      database: isThere ? database : undefined,
      schema: isThere && schema === 'PUBLIC' ? schema : undefined,
      warehouse: query.get('warehouse') ?? undefined,
      role: query.get('roleName') ?? 'PUBLIC',
    };
    sessions.set(session.token, session);
    return {
      token: session.token,
      masterToken: `m-${session.token}`,
      validityInSeconds: 3_600,
      masterValidityInSeconds: 14_400,
      sessionId: sessions.size,
      parameters: [{ name: 'AUTOCOMMIT', value: true }],
      sessionInfo: { databaseName: session.database, schemaName: session.schema },
    };
  }

  /** The same request sent again gets the answer of the first. */
  function query(session: Session, requestId: string, body: QueryBody): Promise<object> {
    const known = answers.get(requestId);
    if (known) return known;
    const answer = execute(session, requestId, body);
    answers.set(requestId, answer);
    answer.catch(() => undefined);
    return answer;
  }

  async function execute(
    session: Session,
    requestId: string,
    { sqlText, bindings = {} }: QueryBody,
  ): Promise<object> {
    if (session.warehouse === undefined && !/^\s*SELECT CURRENT_/.test(sqlText)) {
      throw new SnowflakeRefusal('000606', '57P03', 'No active warehouse selected in the current session.');
    }
    const binds = readBinds(sqlText, bindings);
    const cancelled = new Promise<never>((_, reject) => running.set(requestId, reject));
    cancelled.catch(() => undefined);
    await Promise.race([held, cancelled]);
    running.delete(requestId);
    log.push(sqlText);
    const { database = '' } = session;
    executed.set(database, (executed.get(database) ?? 0) + 1);
    const rows = await data.run(session, sqlText, binds);
    const work = next;
    next = undefined;
    await work?.();
    return answerOf(rows);
  }

  function cancel(requestId: string): object {
    const reject = running.get(requestId);
    if (reject) seen.cancelled += 1;
    reject?.(new SnowflakeRefusal('000604', '57014', 'SQL execution canceled'));
    return {};
  }

  async function handle(request: IncomingMessage): Promise<object> {
    const url = new URL(request.url ?? '/', 'http://stand-in');
    const body = await bodyOf(request);
    if (url.pathname === '/telemetry/send') {
      seen.telemetry += 1;
      return {};
    }
    if (url.pathname === '/session/v1/login-request') return logIn(url.searchParams, body as LoginBody);
    const token = /Token="([^"]+)"/.exec(request.headers.authorization ?? '')?.[1] ?? '';
    const session = sessions.get(token);
    if (!session)
      throw new SnowflakeRefusal(
        '390111',
        '08003',
        'Session no longer exists. New login required to access the service.',
      );
    const requestId = url.searchParams.get('requestId') ?? '';
    if (url.pathname === '/queries/v1/query-request')
      return await query(session, requestId, body as QueryBody);
    if (url.pathname === '/queries/v1/abort-request')
      return cancel((body as { requestId: string }).requestId);
    if (url.pathname === '/session') sessions.delete(token);
    else if (url.pathname !== '/session/heartbeat')
      throw new SnowflakeRefusal('390000', '08000', `no ${url.pathname}`);
    return {};
  }

  const start = async () => {
    server = createServer((request, response) => {
      handle(request).then(
        answer => send(response, { success: true, code: null, message: null, data: answer }),
        error => send(response, failure(error)),
      );
    });
    await new Promise<void>(resolve => server.listen(port, '127.0.0.1', resolve));
    port = (server.address() as AddressInfo).port;
  };
  const stop = async () => {
    sessions.clear();
    const closed = new Promise(resolve => server.close(resolve));
    server.closeAllConnections();
    await closed;
  };
  const upper = (name: string) => name.toUpperCase();
  await start();
  return {
    port,
    log,
    seen,
    denied,
    get publicKey() {
      return publicKey;
    },
    set publicKey(pem) {
      publicKey = pem;
    },
    database: async name => {
      await data.create(upper(name));
      const query = new URLSearchParams({
        warehouse: 'WH',
        role: 'LOADER',
        access_url: `http://127.0.0.1:${port}`,
      });
      return `snowflake://${USER.toLowerCase()}:${PASSWORD}@stand-in/${name}/public?${query}`;
    },
    statements: database => executed.get(upper(database)) ?? 0,
    sql: async (database, text, binds = []) => {
      const facts = { database: upper(database), schema: 'PUBLIC', warehouse: 'WH', role: 'OWNER' };
      return (await data.run(facts, text, binds)).rows;
    },
    hold: () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      held = promise;
      return () => {
        held = Promise.resolve();
        resolve();
      };
    },
    afterNext: work => {
      next = work;
    },
    endSessions: () => sessions.clear(),
    stop,
    start,
    [Symbol.asyncDispose]: async () => {
      if (server.listening) await stop();
      data.close();
    },
  };
}

interface LoginBody {
  data: { LOGIN_NAME?: string; PASSWORD?: string; TOKEN?: string };
}

interface QueryBody {
  sqlText: string;
  bindings?: Record<string, { type: string; value: string | null | (string | null)[] }>;
}

/** Arrays of binds are for INSERT alone. */
function readBinds(sql: string, bindings: QueryBody['bindings'] = {}): (string | null)[] {
  return Object.keys(bindings)
    .sort((a, b) => Number(a) - Number(b))
    .map(name => {
      const value = bindings[name]?.value ?? null;
      if (!Array.isArray(value)) return value;
      throw new SnowflakeRefusal('002049', '42601', `Array bind is not supported here: ${sql.slice(0, 40)}`);
    });
}

function answerOf({ columns, rows }: Rows): object {
  return {
    queryId: randomUUID(),
    statementTypeId: 0x1000,
    parameters: [],
    version: 1,
    total: rows.length,
    returned: rows.length,
    rowtype: columns.map(({ name, type }) => ({
      name,
      type,
      scale: type === 'fixed' ? 0 : null,
      precision: 38,
      nullable: true,
    })),
    rowset: rows.map(row => row.map((value, at) => textOf(value, columns[at]?.type))),
  };
}

function textOf(value: unknown, type: string | undefined): string | null {
  if (value === null || value === undefined) return null;
  return type === 'boolean' ? (value ? '1' : '0') : String(value);
}

function failure(error: unknown): object {
  const { code, sqlState, message } =
    error instanceof SnowflakeRefusal
      ? error
      : new SnowflakeRefusal('300002', 'XX000', `stand-in: ${String(error)}`);
  return { success: false, code, message, data: { errorCode: code, sqlState, queryId: randomUUID() } };
}

function send(response: ServerResponse, body: object): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const raw = Buffer.concat(chunks);
  const text = (request.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw).toString();
  return text === '' ? {} : JSON.parse(text);
}

function verifies(token: string, publicKey: string | undefined): boolean {
  const [head = '', payload = '', signature = ''] = token.split('.');
  if (!publicKey) return false;
  return createVerify('RSA-SHA256')
    .update(`${head}.${payload}`)
    .verify(createPublicKey(publicKey), Buffer.from(signature, 'base64url'));
}
