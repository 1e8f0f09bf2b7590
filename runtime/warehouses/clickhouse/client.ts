import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { getCACertificates } from 'node:tls';
import type { ClickHouseClient, ClickHouseSettings } from '@clickhouse/client';
import { PackError } from '../../../contract/errors.ts';
import type { Call } from '../../core/call.ts';
import type { Queried } from '../engine.ts';
import { isCode, isLost, timedOut, wrapClickhouse } from './errors.ts';
import type { RequestSettings } from './replicas.ts';
import type { ClickhouseAddress } from './url.ts';

/** Values by name, as the placeholders of a query name them. */
export type Parameters = Record<string, unknown>;

/** Requests to one server; what fails is thrown as PackError. */
export interface Clickhouse {
  readonly database: string;
  /** Rows of a query, columns as JSON has them: 64-bit numbers as text. */
  query(
    call: Call,
    doing: string,
    sql: string,
    parameters?: Parameters,
    settings?: RequestSettings,
  ): Promise<unknown[][]>;
  /** Runs a SELECT that cannot write, and answers at most `most` rows of it. */
  select(call: Call, sql: string, most: number): Promise<Queried>;
  /** Runs a statement that answers nothing. */
  command(call: Call, doing: string, sql: string): Promise<void>;
  /** Inserts lines of JSON arrays. `into` is `INSERT INTO table (columns)`. */
  insert(call: Call, doing: string, into: string, lines: string, settings?: RequestSettings): Promise<void>;
  close(): Promise<void>;
}

/** Exact both ways: numbers that JSON readers would round as text, times in UTC whatever a column's time zone is. */
const READING: ClickHouseSettings = {
  output_format_json_quote_64bit_integers: 1,
  output_format_json_quote_64bit_floats: 1,
  output_format_json_quote_decimals: 1,
  output_format_json_quote_denormals: 1,
  date_time_output_format: 'iso',
  // Versions of one row may be in different partitions: all of them count here, whatever the user's profile says.
  do_not_merge_across_partitions_select_final: 0,
  // An error while rows are being sent is then an error, and not a part of the rows.
  wait_end_of_query: 1,
};
const WRITING: ClickHouseSettings = {
  date_time_input_format: 'best_effort',
  input_format_null_as_default: 1,
  // Confirmed is stored.
  async_insert: 0,
  // Undone and done again, an amendment may be the very block that was inserted before: it is no repetition.
  insert_deduplicate: 0,
};
/** Nothing but settings of the query can be changed by it; it ends with its caller. */
const ASKING: ClickHouseSettings = {
  readonly: '2',
  max_result_bytes: String(16 * 1024 * 1024),
  cancel_http_readonly_queries_on_client_close: 1,
};
const REQUEST_MS = 600_000;
/** Another's insert has not reached its replicas yet, or this replica not yet what most have: a matter of moments. */
const OF_QUORUM = ['286', '289'];
const QUORUM_MS = 50;

/** Loads the package; a parameter so that a test can be without it. */
export type LoadClient = () => Promise<typeof import('@clickhouse/client')>;

/** Opens a client; nothing is connected yet. Throws UNSUPPORTED where the package is not installed. */
export async function openClient(
  address: ClickhouseAddress,
  load: LoadClient = () => import('@clickhouse/client'),
): Promise<Clickhouse> {
  const { createClient, ClickHouseLogLevel } = await load().catch(missing);
  const client: ClickHouseClient = createClient({
    url: address.url,
    username: address.username,
    password: address.password,
    database: address.database,
    application: 'kvflow',
    max_open_connections: address.connections,
    request_timeout: REQUEST_MS,
    clickhouse_settings: address.settings as ClickHouseSettings,
    // Keys of many rows do not fit an address.
    use_multipart_params_auto: true,
    // What fails is thrown; the client would print it as well.
    log: { level: ClickHouseLogLevel.OFF },
    ...tlsOf(address.tls),
  });

  async function run<T>(call: Call, doing: string, work: (limits: Limits) => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      const left = call.deadline - Date.now();
      if (left <= 0) throw timedOut(doing);
      const signal = AbortSignal.timeout(left);
      const seconds = Math.max(1, Math.ceil(left / 1_000));
      try {
        return await work({ abort_signal: signal, settings: { max_execution_time: seconds } });
      } catch (error) {
        if (signal.aborted) throw timedOut(doing, error);
        if (isCode(error, ...OF_QUORUM) && Date.now() + QUORUM_MS < call.deadline) {
          await sleep(QUORUM_MS * (0.5 + Math.random()));
          continue;
        }
        // A connection that was kept open may have been closed by the other side; everything here can be repeated.
        if (tries > 1 || !isLost(error)) throw wrapClickhouse(error, doing);
      }
    }
  }

  /** What the url says itself about replicas counts. */
  function unsaid(settings: RequestSettings): ClickHouseSettings {
    return Object.fromEntries(Object.entries(settings).filter(([name]) => !(name in address.settings)));
  }

  return {
    database: address.database,
    query: (call, doing, query, parameters = {}, more = {}) =>
      run(call, doing, async ({ abort_signal, settings }) => {
        const format = 'JSONCompactEachRow';
        const clickhouse_settings = { ...READING, ...settings, ...unsaid(more) };
        const result = await client.query({
          query,
          query_params: parameters,
          format,
          abort_signal,
          clickhouse_settings,
        });
        const rows = await result.json<unknown[]>();
        return rows as unknown[][];
      }),
    select: (call, sql, most) =>
      run(call, 'a query', async ({ abort_signal, settings }) => {
        const result = await client.query({
          query: `SELECT * FROM (${sql}\n) LIMIT ${most}`,
          format: 'JSONCompactEachRowWithNamesAndTypes',
          abort_signal,
          clickhouse_settings: { ...READING, ...settings, ...ASKING },
        });
        const [columns = [], types = [], ...rows] = (await result.json()) as unknown[][];
        return {
          columns: columns.map(String),
          rows: rows.map(row => row.map((value, column) => plainNumber(value, String(types[column])))),
        };
      }),
    command: (call, doing, query) =>
      run(call, doing, async ({ abort_signal, settings }) => {
        await client.command({ query, abort_signal, clickhouse_settings: settings });
      }),
    insert: (call, doing, into, lines, more = {}) =>
      run(call, doing, async ({ abort_signal, settings }) => {
        const result = await client.exec({
          query: `${into} FORMAT JSONCompactEachRow`,
          values: Readable.from([lines], { objectMode: false }),
          abort_signal,
          clickhouse_settings: { ...WRITING, ...settings, ...unsaid(more) },
        });
        for await (const _ of result.stream);
      }),
    close: () => client.close(),
  };
}

/** 64-bit numbers come as texts, for those that a double would change. */
function plainNumber(value: unknown, type: string): unknown {
  const isNumber = typeof value === 'string' && /^(Nullable\(|LowCardinality\()*(U?Int64|Float64)/.test(type);
  return isNumber && (Number.isSafeInteger(Number(value)) || type.includes('Float64'))
    ? Number(value)
    : value;
}

/** The client takes a certificate of its own only together with an authority: the system's where none is named. */
function tlsOf({ ca, cert, key }: ClickhouseAddress['tls']) {
  if (cert && key) {
    return { tls: { ca_cert: ca ?? Buffer.from(getCACertificates().join('\n')), cert, key } };
  }
  return ca && { tls: { ca_cert: ca } };
}

/** What bounds one request. */
interface Limits {
  abort_signal: AbortSignal;
  settings: ClickHouseSettings;
}

function missing(error: unknown): never {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  if (!['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND'].includes(code)) throw error;
  throw new PackError(
    'UNSUPPORTED',
    'a destination of type clickhouse needs the package @clickhouse/client, which is not installed: npm install @clickhouse/client',
    { cause: error },
  );
}
