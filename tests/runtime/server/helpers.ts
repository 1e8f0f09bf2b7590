import { once } from 'node:events';
import type { IncomingHttpHeaders } from 'node:http';
import { request } from 'node:http';
import type { Authenticator } from '../../../runtime/core/access.ts';
import type { FunctionDefinition } from '../../../runtime/core/define-function.ts';
import { createInvoke } from '../../../runtime/core/invoke.ts';
import type { Manifest, ManifestFunction } from '../../../runtime/core/manifest.ts';
import { createOpen } from '../../../runtime/core/open.ts';
import type { KvStore } from '../../../runtime/core/ports/kv-store.ts';
import { EVERYTHING } from '../../../runtime/core/principal.ts';
import { createRegistry } from '../../../runtime/core/registry.ts';
import type { Server, ServerOptions } from '../../../runtime/server/options.ts';
import { createServer } from '../../../runtime/server/server.ts';
import type { Route } from '../../support/routes.ts';
import { recordRoutes } from '../../support/routes.ts';

/** A function made for one test. */
export interface TestFunction {
  run: FunctionDefinition<Record<string, unknown>, unknown>['run'];
  spec?: Partial<ManifestFunction>;
  timeoutMs?: number;
}

/** A server that listens, and what it logged. */
export interface TestServer extends AsyncDisposable {
  server: Server;
  routes: Route[];
  url: string;
  port: number;
  lines: Record<string, unknown>[];
  send(options: Sent): Promise<Answer>;
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Answer>;
  get(path: string, headers?: Record<string, string>): Promise<Answer>;
}

/** One request, as raw as needed. */
export interface Sent {
  method?: string;
  path: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
}

/** Its answer. */
export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests read whatever was answered
  json: any;
}

/** Nobody needs a key. */
export const OPEN: Authenticator = {
  required: () => false,
  authenticate: () => EVERYTHING,
  spend: () => undefined,
};

/** For functions that touch no bucket: any use of it fails the test. */
export const NO_KV = new Proxy(
  {},
  { get: (_t, name) => () => Promise.reject(new Error(`kv.${String(name)}`)) },
) as KvStore;

/** Echo, fail, and whatever a test adds, over real sockets. */
export async function startServer(
  functions: Record<string, TestFunction> = {},
  options: Partial<ServerOptions> = {},
): Promise<TestServer> {
  const all: Record<string, TestFunction> = { echo: { run: async input => input }, ...functions };
  const registry = createRegistry(manifestOf(all), all as never);
  const kv = options.kv ?? NO_KV;
  const lines: Record<string, unknown>[] = [];
  const write = (line: object) => void lines.push(line as never);
  const server = createServer({
    invoke: createInvoke({ registry, kv }),
    open: createOpen({ registry, kv }),
    registry,
    kv,
    access: OPEN,
    health: async () => ({ ready: true }),
    log: { info: write, warn: write, error: write } as never,
    host: '127.0.0.1',
    port: 0,
    ...options,
  });
  return { ...(await listening(server)), lines };
}

/** Starts a server and answers ways to talk to it. */
export async function listening(server: Server): Promise<Omit<TestServer, 'lines'>> {
  const routes = recordRoutes(server.app);
  const url = await server.listen();
  const port = Number(new URL(url).port);
  const send = (sent: Sent) => sendRaw(port, sent);
  return {
    server,
    routes,
    url,
    port,
    send,
    get: (path, headers = {}) => send({ path, headers }),
    post: (path, body, headers = {}) =>
      send({
        method: 'POST',
        path,
        headers: { 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    [Symbol.asyncDispose]: () => server.close(),
  };
}

/** A request on a connection of its own. */
export async function sendRaw(
  port: number,
  { method = 'GET', path, headers = {}, body }: Sent,
): Promise<Answer> {
  const sent = request({
    host: '127.0.0.1',
    port,
    method,
    path,
    headers: { ...headers, connection: 'close' },
  });
  sent.end(body);
  const [response] = await once(sent, 'response');
  response.setEncoding('utf8');
  let text = '';
  for await (const chunk of response) text += chunk;
  return { status: response.statusCode, headers: response.headers, text, json: tryJson(text) };
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function manifestOf(functions: Record<string, TestFunction>): Manifest {
  return { version: '1.2.3', functions: Object.entries(functions).map(([name, fn]) => specOf(name, fn)) };
}

function specOf(name: string, { spec }: TestFunction): ManifestFunction {
  return {
    name,
    title: name,
    description: `Does ${name}.`,
    category: 'test',
    annotations: { readOnly: false, destructive: false, idempotent: false },
    errors: [],
    examples: [{ title: 'One', input: { a: 1 } }],
    input: { type: 'object' },
    output: { type: 'object' },
    ...spec,
  };
}
