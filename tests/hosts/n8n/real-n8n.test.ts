/**
 * n8n itself with the package in it. It is too large to be fetched by every run of the tests: `npm run test:n8n`
 * installs it once, and from then on this file runs wherever that n8n is.
 */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import manifest from '../../../manifest.json' with { type: 'json' };
import type { KvflowProcess, Place } from '../../runtime/transports/cli/kvflow-process.ts';
import { makePlace } from '../../runtime/transports/cli/kvflow-process.ts';
import { eventually } from '../../support/eventually.ts';
import { findN8n } from '../support/n8n-install.ts';
import { chain, hook, kvflowNode } from '../support/n8n-workflows.ts';
import type { RealN8n } from '../support/real-n8n.ts';
import { startN8n } from '../support/real-n8n.ts';

const KEY = 'kvf_full_access_of_the_test';
const env = { KVFLOW_API_KEYS: KEY };
const found = await findN8n();
const n8nTest = 'path' in found ? test : test.skip;
if ('missing' in found) console.warn(`skipped: ${found.missing}`);

let place: Place;
let kvflow: KvflowProcess & { url: string };
let n8n: RealN8n;
let credentials: { kvflowApi: { id: string; name: string } };

beforeAll(async () => {
  if ('missing' in found) return;
  place = await makePlace();
  [kvflow, n8n] = await Promise.all([place.start({ env }), startN8n(found.path)]);
  for (const bucket of ['orders', 'seen']) await call('kv-bucket-create', { bucket });
  const data = { url: kvflow.url, apiKey: KEY };
  const made = await n8n.rest<{ id: string }>('POST', '/credentials', {
    name: 'kvflow',
    type: 'kvflowApi',
    data,
  });
  credentials = { kvflowApi: { id: made.id, name: 'kvflow' } };
}, 180_000);

afterAll(async () => {
  await n8n?.[Symbol.asyncDispose]();
  await place?.[Symbol.asyncDispose]();
});

n8nTest('n8n itself - knows the nodes, the tool for agents, their operations and icons', async () => {
  const types = (await (await get('/types/nodes.json')).json()) as NodeType[];
  const ours = types.filter(({ name }) => name.startsWith('n8n-nodes-kvflow.'));
  expect(ours.map(({ name }) => name.split('.')[1]).sort()).toEqual([
    'kvflow',
    'kvflowTool',
    'kvflowTrigger',
  ]);
  const node = ours.find(({ name }) => name.endsWith('.kvflow'));
  const operations = node?.properties
    .filter(({ name }) => name === 'operation')
    .flatMap(it => it.options ?? []);
  const names = operations?.map(({ value }) => value).filter(value => !value.startsWith('__'));
  expect(names?.sort()).toEqual(manifest.functions.map(({ name }) => name).sort());
  for (const { iconUrl } of ours) {
    for (const path of [iconUrl.light, iconUrl.dark]) {
      expect((await get(`/${path}`)).headers.get('content-type')).toBe('image/svg+xml');
    }
  }
});

n8nTest('n8n itself - tests the credential, and says what is wrong with it', async () => {
  const ask = (data: object) =>
    n8n.rest('POST', '/credentials/test', {
      credentials: { ...credentials.kvflowApi, type: 'kvflowApi', data },
    });
  expect(await ask({ url: `${kvflow.url}/`, apiKey: KEY })).toMatchObject({ status: 'OK' });
  expect(await ask({ url: kvflow.url, apiKey: 'kvf_a_key_of_nobody_at_all' })).toMatchObject({
    status: 'Error',
  });
  expect(await ask({ url: 'http://127.0.0.1:9', apiKey: KEY })).toMatchObject({ status: 'Error' });
});

n8nTest('n8n itself - offers the buckets of the server', async () => {
  const offered = await n8n.rest('POST', '/dynamic-node-parameters/resource-locator-results', {
    path: 'parameters.bucket',
    methodName: 'searchBuckets',
    nodeTypeAndVersion: { name: 'n8n-nodes-kvflow.kvflow', version: 1 },
    currentNodeParameters: {},
    credentials,
  });
  expect(offered).toMatchObject({ results: [{ value: 'orders' }, { value: 'seen' }] });
});

n8nTest(
  'n8n itself - a workflow stores what a webhook is sent, and answers with what is stored',
  async () => {
    await n8n.activate(
      chain('Orders', [
        hook('order'),
        kvflowNode('Put', credentials, {
          operation: 'kv-key-put',
          bucket: 'orders',
          key: '={{ $json.body.id }}',
          value: '={{ $json.body }}',
        }),
        kvflowNode('Get', credentials, {
          operation: 'kv-key-get',
          bucket: 'orders',
          key: '={{ $json.key }}',
          options: { json: true },
        }),
      ]),
    );
    const order = { id: 'o-1', total: 7, of: 'Łukasz' };
    const answer = await eventually(() => post('/webhook/order', order));
    expect(answer).toMatchObject({
      bucket: 'orders',
      key: 'o-1',
      revision: expect.any(Number),
      value: order,
    });
    const stored = await call('kv-key-get', { bucket: 'orders', key: 'o-1', json: true });
    expect(stored).toMatchObject({ data: { value: order } });
  },
  60_000,
);

n8nTest(
  'n8n itself - a failure fails the execution with what kvflow says',
  async () => {
    const get = { operation: 'kv-key-get', bucket: 'orders', key: 'nobody' };
    const id = await n8n.activate(chain('Missing', [hook('missing'), kvflowNode('Get', credentials, get)]));
    await eventually(
      async () => {
        await post('/webhook/missing', {}).catch(() => undefined);
        expect(await n8n.lastFailure(id)).toContain('There is no key');
      },
      { every: 500 },
    );
  },
  60_000,
);

n8nTest(
  'n8n itself - the trigger starts a workflow on each change, also after kvflow was restarted',
  async () => {
    await n8n.activate(
      chain('Changes', [
        kvflowNode('Changes', credentials, { bucket: 'orders', filter: 'watched.*' }, 'kvflowTrigger'),
        kvflowNode('Put', credentials, {
          operation: 'kv-key-put',
          bucket: 'seen',
          key: '={{ $json.key }}',
          value: '={{ $json.value }}',
        }),
      ]),
    );
    let changes = 0;
    // Whether the trigger follows already is not to be seen from outside but by what it does.
    await eventually(async () => {
      await call('kv-key-put', { bucket: 'orders', key: `watched.${++changes}`, value: 'a' });
      await eventually(() => seen(`watched.${changes}`), { within: 2_000 });
    });
    kvflow.child.kill('SIGTERM');
    await kvflow.ended;
    kvflow = await place.start({ env, args: ['--port', new URL(kvflow.url).port] });
    await call('kv-key-put', { bucket: 'orders', key: 'watched.later', value: 'b' });
    expect(await eventually(() => seen('watched.later'), { within: 30_000 })).toBe('b');
  },
  90_000,
);

interface NodeType {
  name: string;
  iconUrl: { light: string; dark: string };
  properties: { name: string; options?: { value: string }[] }[];
}

function get(path: string): Promise<Response> {
  return fetch(n8n.url + path, { headers: { cookie: n8n.cookie } });
}

async function post(path: string, body: object): Promise<unknown> {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(n8n.url + path, { method: 'POST', headers, body: JSON.stringify(body) });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${answer.status} ${text}`);
  return JSON.parse(text);
}

async function call(
  name: string,
  input: object,
): Promise<{ status_code: number; data?: { value?: unknown } }> {
  const answer = await fetch(`${kvflow.url}/functions/${name}/invocations`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${KEY}` },
    body: JSON.stringify(input),
  });
  return (await answer.json()) as { status_code: number };
}

async function seen(key: string): Promise<unknown> {
  const { status_code, data } = await call('kv-key-get', { bucket: 'seen', key });
  if (status_code !== 200) throw new Error(`${key} was not seen; n8n printed:\n${n8n.log().slice(-2_000)}`);
  return data?.value;
}
