/**
 * ClickHouse's own engine (chdb embeds it) behind the HTTP interface that clients speak, as a process of its own:
 * `node clickhouse-server.ts <folder> <port>`. The engine, its types, SQL, formats and errors are the real ones; of the
 * server around it there is what @clickhouse/client uses. It cannot show users and grants, replicas, or a network.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { Session } from 'chdb';

const [folder = '', port = '0'] = process.argv.slice(2);
const DATABASE = 'kvflow';
/** Parameters of a request that are no settings of the engine. */
const OF_HTTP = new Set([
  'query',
  'database',
  'query_id',
  'default_format',
  'session_id',
  'wait_end_of_query',
  'role',
]);

// Keeps the engine open: it ends with its last session.
const keeper = new Session(folder);
keeper.query(`CREATE DATABASE IF NOT EXISTS ${DATABASE}`);
let statements = 0;

createServer((request, response) => {
  answer(request, response).catch(error => fail(response, error));
}).listen(Number(port), '127.0.0.1', () => process.stdout.write('ready\n'));

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://localhost');
  if (url.pathname === '/ping') return void response.end('Ok.\n');
  if (url.pathname === '/statements') return void response.end(String(statements));
  const fields = new Map(url.searchParams);
  const body = await bodyOf(request);
  const isForm = (request.headers['content-type'] ?? '').startsWith('multipart/form-data');
  for (const [name, value] of isForm ? await formOf(request, body) : []) fields.set(name, value);
  const sql = [fields.get('query'), isForm ? undefined : body.toString()].filter(Boolean).join('\n');
  statements += 1;
  response.setHeader('X-ClickHouse-Query-Id', fields.get('query_id') ?? '');
  response.end(await run(fields, sql));
}

/** Each request has a session of its own, so that its settings and parameters are nobody else's. */
async function run(fields: ReadonlyMap<string, string>, sql: string): Promise<Uint8Array> {
  const session = new Session(folder);
  try {
    const settings = [...fields].filter(([name]) => !OF_HTTP.has(name));
    const before = [
      `USE \`${fields.get('database') ?? DATABASE}\``,
      ...settings.map(([name, value]) => `SET ${name} = ${text(value)}`),
    ];
    return (await session.queryAsync([...before, sql].join(';\n'))).bytes();
  } finally {
    session.close();
  }
}

function text(value: string): string {
  return `'${value.replace(/[\\']/g, character => `\\${character}`)}'`;
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

async function formOf(request: IncomingMessage, body: Buffer): Promise<[string, string][]> {
  const headers = { 'content-type': request.headers['content-type'] ?? '' };
  const form = await new Response(new Uint8Array(body), { headers }).formData();
  return [...form].map(([name, value]) => [name, String(value)]);
}

function fail(response: ServerResponse, error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  response.statusCode = 500;
  response.setHeader('X-ClickHouse-Exception-Code', /^Code: (\d+)/.exec(message)?.[1] ?? '1002');
  response.end(`${message}\n`);
}
