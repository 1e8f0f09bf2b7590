import type { IncomingMessage, ServerResponse } from 'node:http';
import { beforeAll, expect, test } from '@jest/globals';
import { functions } from '../../functions/index.gen.ts';
import type { Authenticator } from '../../runtime/core/access.ts';
import type { Invoke } from '../../runtime/core/invoke.ts';
import { createInvoke } from '../../runtime/core/invoke.ts';
import type { KvStore } from '../../runtime/core/ports/kv-store.ts';
import type { Principal } from '../../runtime/core/principal.ts';
import { EVERYTHING } from '../../runtime/core/principal.ts';
import { createRegistry } from '../../runtime/core/registry.ts';
import { scopedKv } from '../../runtime/core/scoped-kv.ts';
import { serveFunctions } from '../../runtime/nats/service/service.ts';
import { flowsRoute } from '../../runtime/server/routes/flows.ts';
import { createServer } from '../../runtime/server/server.ts';
import { createMcpEndpoint } from '../../runtime/transports/mcp/http.ts';
import { atLast, forAll } from '../support/for-all.ts';
import { registry, startKvflow } from '../support/kvflow.ts';
import type { Route } from '../support/routes.ts';
import { recordRoutes } from '../support/routes.ts';
import { serve } from '../support/served.ts';
import { soon } from '../support/soon.ts';
import type { Attempt } from './attempts.ts';
import { attempts, LIMITED, unmarked } from './attempts.ts';

const ALL = attempts(registry.list());
const HEADERS = { authorization: 'Bearer limited', 'content-type': 'application/json' };
/** Each may need a connection of its own, which is given up where the machine does not make it in time. */
const AT_ONCE = 50;
let server: ReturnType<typeof createServer>;
let url: string;
let routes: Route[];

const access: Authenticator = {
  required: () => true,
  authenticate: () => LIMITED,
  spend: () => undefined,
};

const k = forAll(startKvflow);

beforeAll(async () => {
  await k.call('kv-bucket-create', { bucket: 'secret' });
  await k.call('kv-key-put', { bucket: 'secret', key: 'a', value: 'TOP' });
  await k.call('kv-bucket-create', { bucket: 'mine-a' });
  server = createServer({
    invoke: k.invoke,
    registry,
    open: k.open,
    kv: k.nats.kv,
    access,
    health: async () => ({ ready: true }),
    log: { info: () => undefined, warn: () => undefined, error: () => undefined } as never,
    host: '127.0.0.1',
    port: 0,
    mcp: async () => createMcpEndpoint({ registry, open: k.open }),
  });
  atLast(() => server.close());
  routes = recordRoutes(server.app);
  url = await server.listen();
});

test('attack - there is something to try for every kind of name', () => {
  expect(ALL.length).toBeGreaterThan(80);
  expect(unmarked(registry.list())).toEqual([]);
});

test('attack - a property that sounds as if it named a bucket, and is not marked, is found', () => {
  const [spec] = registry.list();
  if (!spec) throw new Error('no functions');
  const later = { ...spec, input: { type: 'object', properties: { other_bucket: { type: 'string' } } } };
  expect(unmarked([later])).toEqual([`${spec.name}/other_bucket`]);
});

test('attack - nothing is reached over HTTP', async () => {
  const reached = await tried(async ({ function: name, input }) => {
    const answer = await fetch(`${url}/functions/${name}/invocations`, {
      method: 'POST',
      headers: HEADERS,
      body: JSON.stringify(input),
    });
    return answer.status;
  });
  expect(reached).toEqual([]);
});

test('attack - nothing is reached in a batch', async () => {
  const items = ALL.map(({ function: name, input }) => ({ function: name, input }));
  const envelopes: { status_code: number }[] = [];
  for (let at = 0; at < items.length; at += 500) {
    const answer = await fetch(`${url}/invocations`, {
      method: 'POST',
      headers: HEADERS,
      body: JSON.stringify({ items: items.slice(at, at + 500) }),
    });
    envelopes.push(...((await answer.json()) as { items: typeof envelopes }).items);
  }
  expect(ALL.filter((_, index) => envelopes[index]?.status_code !== 403).map(({ title }) => title)).toEqual(
    [],
  );
});

test('attack - nothing is reached over MCP', async () => {
  const reached = await tried(async ({ function: name, input }) => {
    const message = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: input } };
    const headers = { ...HEADERS, accept: 'application/json, text/event-stream' };
    const answer = await fetch(`${url}/mcp`, { method: 'POST', headers, body: JSON.stringify(message) });
    return (await answer.text()).includes('FORBIDDEN') ? 403 : 200;
  });
  expect(reached).toEqual([]);
});

test('attack - nothing is reached over NATS with the rights of a key', async () => {
  const service = serveFunctions({
    connection: k.nats.connection,
    registry,
    invoke: k.invoke,
    principalOf: name => (name === 'limited' ? LIMITED : undefined),
    log: { info: () => undefined, warn: () => undefined },
  });
  await service.started;
  const nc = await k.nats.connection;
  const reached = await tried(async ({ function: name, input }) => {
    const answer = await nc.request(`kvflow.fn.limited.${name}`, JSON.stringify(input), { timeout: 5_000 });
    return answer.json<{ status_code: number }>().status_code;
  });
  expect(reached).toEqual([]);
  const nobody = await nc.request('kvflow.fn.revoked.kv-bucket-list', '{}', { timeout: 5_000 });
  expect(nobody.json()).toMatchObject({ status_code: 403 });
  await service.stop();
});

const SCRIPT = { script_id: 's', script: 'return $' };
/** What kvflow keeps in a bucket of its own, by the bucket, and how functions reach for it. */
const OWN: Record<string, [name: string, input: object][]> = {
  recognition_dead: [
    ['transform-dead-list', { namespace: 'priv' }],
    ['transform-dead-replay', { namespace: 'priv', script: 'return $' }],
    ['transform-dead-drop', { namespace: 'priv' }],
    ['transform-dead-list', { key: 'transform.default.inline.x' }],
    ['transform', { script: 'throw 1', event: {}, on_error: 'dead' }],
  ],
  transform_scripts: [
    ['transform-script-list', {}],
    ['transform-script-get', { script_id: 's' }],
    ['transform-script-put', SCRIPT],
    ['transform-script-name', { script_id: 's', release: '1', version_name: 'stable' }],
    ['transform-script-versions', { script_id: 's' }],
    ['transform-script-rollback', { script_id: 's', release: '1' }],
    ['transform-script-compare', { script_id: 's', before: '1', after: '2', events: [{}] }],
    ['transform', { script_id: 's', event: {} }],
    ['transform-test', { script_id: 's', events: [{}] }],
  ],
  transform_secrets: [
    ['transform-secret-list', {}],
    ['transform-secret-put', { name: 'A', value: 'a-secret' }],
    ['transform-secret-delete', { name: 'A' }],
  ],
  transform_kv: [
    ['transform-session-list', {}],
    ['transform', { script: 'await $kv.set("a", 1); return $', event: {} }],
  ],
  anonymous_events: [
    ['identify', { destination: 'mine', events: [{ event_id: '1', anonymous_id: 'a' }] }],
    ['identify-dead-list', {}],
    ['identify-dead-replay', {}],
    ['identify-dead-drop', {}],
    ['identify-forget', { anonymous_id: 'a' }],
    ['identify-pending-list', {}],
    ['identify-preview', { destination: 'mine', events: [{ event_id: '1' }] }],
    ['identify-undo', { anonymous_id: 'a' }],
    ['identify-visitor-get', { anonymous_id: 'a' }],
    ['identify-visitor-list', {}],
    ['identify-event-list', {}],
    ['identify-event-list', { all_namespaces: true }],
    ['identify-change-list', { all_namespaces: true }],
  ],
  kvflow_admin_log: [['admin-log-list', {}]],
};

test('attack - functions that use a bucket of kvflow itself take the right to it, even where namespaces are not limited', async () => {
  const principal = { ...LIMITED, destinations: ['*'], tables: ['*'], namespaces: ['*'] };
  const stored = { script: 'throw 1', event: { of: 'ours' }, namespace: 'priv', on_error: 'dead' };
  await k.call('transform', stored);
  for (const [bucket, calls] of Object.entries(OWN))
    for (const [name, input] of calls)
      expect([name, await k.fail(name, input, { principal })]).toMatchObject([
        name,
        { code: 'FORBIDDEN', message: expect.stringContaining(`"${bucket}"`) },
      ]);
  const tried = new Set(Object.values(OWN).flatMap(calls => calls.map(([name]) => name)));
  const ours = registry.list().filter(({ name }) => /^(transform|identify|admin)/.test(name));
  expect(ours.map(({ name }) => name).filter(name => !tried.has(name))).toEqual([]);
  const named = { ...principal, buckets: ['recognition_dead'] };
  expect(await k.call('transform-dead-list', { namespace: 'priv' }, { principal: named })).toMatchObject({
    letters: [{ event: { of: 'ours' } }],
  });
});

test("attack - no address that holds a bucket reaches one that is not the key's", async () => {
  const own = routes.filter(({ path }) => path.includes(':bucket'));
  expect(own.map(({ path }) => path)).toEqual(
    expect.arrayContaining(['watch', 'export', 'import', 'keys/*'].map(last => `/buckets/:bucket/${last}`)),
  );
  for (const { method, path } of own) {
    const at = path.replace(':bucket', 'secret').replace(/:\w+/g, 'a').replace('*', 'a');
    const sent = { method, headers: { ...HEADERS, 'content-type': 'application/x-ndjson' } };
    const body = method === 'POST' || method === 'PUT' ? { body: '{"key":"a","value":"x"}\n' } : {};
    const answer = await fetch(url + at, { ...sent, ...body });
    expect({ method, path, status: answer.status }).toEqual({ method, path, status: 403 });
  }
});

test('attack - no method of the store passes a bucket on unchecked', async () => {
  const kv = scopedKv(k.nats.kv, LIMITED);
  const call = soon();
  for (const [name, method] of Object.entries(kv) as [string, (...given: unknown[]) => unknown][]) {
    if (name === 'accountInfo' || name === 'listBuckets') continue;
    const by = (place: unknown) => Promise.resolve().then(() => method(call, place, {}));
    const outcomes = await Promise.allSettled([by('secret'), by({ bucket: 'secret' })]);
    const values = outcomes.map(result => (result.status === 'rejected' ? result.reason.code : result.value));
    expect([name, values.includes('FORBIDDEN') || values.includes(undefined)]).toEqual([name, true]);
  }
  expect(Object.keys(kv).sort()).toEqual(Object.keys(k.nats.kv).sort());
  expect((await kv.listBuckets(call)).buckets.map(({ bucket }) => bucket)).toEqual(['mine-a']);
});

test('attack - a write through a mirror needs the bucket that it is stored in', async () => {
  await k.call('kv-bucket-create', { bucket: 'mine-copy', mirror: { name: 'secret' } });
  const put = { bucket: 'mine-copy', key: 'b', value: 'x' };
  expect(await k.fail('kv-key-put', put, { principal: LIMITED })).toMatchObject({ code: 'FORBIDDEN' });
  expect(await k.fail('kv-key-get', { bucket: 'secret', key: 'b' })).toMatchObject({ code: 'KEY_NOT_FOUND' });
  const deletion = { bucket: 'mine-copy', key: 'a' };
  expect(await k.fail('kv-key-delete', deletion, { principal: LIMITED })).toMatchObject({
    code: 'FORBIDDEN',
  });
});

test('attack - holes that are put back are found', async () => {
  const blind = createRegistry(
    { version: '', functions: registry.list().map(spec => ({ ...spec, input: withoutMarks(spec.input) })) },
    functions,
  );
  const open = new Proxy(k.nats.kv, {}) as KvStore;
  const invoke: Invoke = (name, input, options) =>
    createInvoke({ registry: blind, kv: open })(name, input, {
      ...options,
      principal: { ...LIMITED, buckets: ['*'] },
    });
  const reached = await tried(
    async ({ function: name, input }) => (await invoke(name, input)).status_code,
    ALL.filter(({ title }) => title.endsWith('= secret')),
  );
  expect(reached.length).toBeGreaterThan(10);
});

test.each([
  ['bucket', { buckets: ['*'] }],
  ['stream', { buckets: ['*'] }],
  ['subject', { subjects: ['>'] }],
  ['destination', { destinations: ['*'] }],
  ['namespace', { namespaces: ['*'] }],
])('attack - a hole in the rights to a %s alone is found', async (kind, hole) => {
  const invoke = createInvoke({ registry, kv: NOTHING });
  const code = async (input: Attempt, principal: Principal) =>
    (await invoke(input.function, input.input, { principal })).status_code;
  const own = ALL.filter(attempt => attempt.kind === kind);
  expect(await tried(attempt => code(attempt, LIMITED), own)).toEqual([]);
  const reached = await tried(attempt => code(attempt, { ...LIMITED, ...hole }), own);
  expect(reached.length).toBeGreaterThan(0);
});

test('attack - what flows serve is not reached, and a hole in the rights to it is found', async () => {
  let current = LIMITED;
  const handled: string[] = [];
  const editor = {
    handle: async ({ url = '' }: IncomingMessage, response: ServerResponse) => {
      handled.push(url);
      response.end('served');
    },
    upgrade: () => undefined,
  };
  const key = { ...access, authenticate: () => current };
  await using served = await serve(k, { access: key, plugins: [flowsRoute(editor, key)] });
  const attempt = async (at: string) => (await fetch(served.url + at, { headers: HEADERS })).status;
  const ways = ['/flows/http/hook', '/flows/http//hook', '/flows/%68ttp/hook', '/flows/./http/hook'];
  expect(await Promise.all(ways.map(attempt))).toEqual(ways.map(() => 403));
  expect(handled).toEqual([]);
  current = { ...LIMITED, flows: true };
  expect(await attempt('/flows/http/hook')).toBe(200);
  expect(handled).toEqual(['/flows/http/hook']);
});

/** A store in which everything succeeds and nothing happens. */
const NOTHING = new Proxy({}, { get: () => async () => undefined }) as KvStore;

test('attack - a stream that publishes on our subjects calls nothing, and neither does a message without a reply', async () => {
  const called: string[] = [];
  const invoke: Invoke = async name => {
    called.push(name);
    return { status_code: 200, data: {} };
  };
  const service = serveFunctions({
    connection: k.nats.connection,
    registry,
    invoke,
    log: { info: () => undefined, warn: () => undefined },
  });
  await service.started;
  await k.call(
    'kv-bucket-create',
    { bucket: 'loud', republish: { source: '$KV.loud.a', dest: 'kvflow.fn.kv-bucket-list' } },
    { principal: EVERYTHING },
  );
  await k.call('kv-key-put', { bucket: 'loud', key: 'a', value: '{}' });
  const nc = await k.nats.connection;
  nc.publish('kvflow.fn.kv-bucket-list', '{}');
  // One that is a request comes after them, on the same subject.
  await nc.request('kvflow.fn.kv-bucket-list', '{}', { timeout: 5_000 });
  expect(called).toEqual(['kv-bucket-list']);
  await service.stop();
});

async function tried(attempt: (one: Attempt) => Promise<number>, all = ALL): Promise<string[]> {
  const statuses: number[] = [];
  for (let at = 0; at < all.length; at += AT_ONCE)
    statuses.push(...(await Promise.all(all.slice(at, at + AT_ONCE).map(attempt))));
  return all.flatMap(({ title }, index) => (statuses[index] === 403 ? [] : [`${title}: ${statuses[index]}`]));
}

function withoutMarks(schema: object): Record<string, unknown> {
  return JSON.parse(JSON.stringify(schema, (name, value) => (name === 'x-kvflow-names' ? undefined : value)));
}
