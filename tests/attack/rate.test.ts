import { expect, test } from '@jest/globals';
import type { Authenticator } from '../../runtime/core/access.ts';
import { EVERYTHING } from '../../runtime/core/principal.ts';
import { serveFunctions } from '../../runtime/nats/service/service.ts';
import { createMcpEndpoint } from '../../runtime/transports/mcp/http.ts';
import { registry, startKvflow } from '../support/kvflow.ts';
import { postJson } from '../support/post-json.ts';
import { serve } from '../support/served.ts';

const LIMITED = { ...EVERYTHING, name: 'limited' };
const ITEMS = Array.from({ length: 7 }, (_, at) => ({ key: `k${at}`, value: 'v' }));
const CALLS: [name: string, input: object, calls: number][] = [
  ['kv-key-put', { bucket: 'b', key: 'k', value: 'v' }, 1],
  ['kv-key-put-many', { bucket: 'b', items: ITEMS }, 7],
  ['kv-key-get-many', { bucket: 'b', keys: ITEMS.map(({ key }) => key) }, 7],
  [
    'kv-transact',
    {
      bucket: 'b',
      checks: [{ key: 'none', revision: 0 }],
      operations: ITEMS.map(item => ({ op: 'put', ...item })),
    },
    8,
  ],
  ['kv-key-put-many', { bucket: 'b', items: 'none' }, 1],
];

test('attack - many items in one call are as many calls to a rate limit, whatever way they come', async () => {
  await using k = await startKvflow();
  await k.call('kv-bucket-create', { bucket: 'b' });
  let spent = 0;
  const access: Authenticator = {
    required: () => true,
    authenticate: () => LIMITED,
    spend: (_principal, calls) => {
      spent += calls;
    },
  };
  await using served = await serve(k, {
    access,
    mcp: async () => createMcpEndpoint({ registry, open: k.open }),
  });
  const service = serveFunctions({
    connection: k.nats.connection,
    registry,
    invoke: k.invoke,
    principalOf: () => LIMITED,
    spend: access.spend,
    log: { info: () => undefined, warn: () => undefined },
  });
  await service.started;
  const nc = await k.nats.connection;
  const post = (path: string, body: unknown) =>
    postJson(served.url + path, body, { accept: 'application/json, text/event-stream' }).then(answer =>
      answer.text(),
    );
  const ways: Record<string, (name: string, input: object) => Promise<unknown>> = {
    http: (name, input) => post(`/functions/${name}/invocations`, input),
    batch: (name, input) => post('/invocations', { items: [{ function: name, input }] }),
    mcp: (name, input) =>
      post('/mcp', { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: input } }),
    nats: (name, input) => nc.request(`kvflow.fn.limited.${name}`, JSON.stringify(input), { timeout: 5_000 }),
  };
  for (const [way, call] of Object.entries(ways)) {
    for (const [name, input, calls] of CALLS) {
      spent = 0;
      await call(name, input);
      expect([way, name, spent]).toEqual([way, name, calls]);
    }
  }
  await service.stop();
});
