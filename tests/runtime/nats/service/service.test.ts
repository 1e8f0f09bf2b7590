import { expect, test } from '@jest/globals';
import { headers } from '@nats-io/transport-node';
import type { FunctionService } from '../../../../runtime/nats/service/service.ts';
import { serveFunctions } from '../../../../runtime/nats/service/service.ts';
import { eventually } from '../../../support/eventually.ts';
import type { TestKvflow } from '../../../support/kvflow.ts';
import { joinNats, registry } from '../../../support/kvflow.ts';
import { startNats } from '../../../support/nats.ts';
import { PATIENCE } from '../../../support/patience.ts';
import { connectPatiently } from '../../../support/patient-nats.ts';

const silent = { info: () => undefined, warn: () => undefined };

/** A NATS, a kvflow that serves its functions on it, and a plain client that knows nothing of kvflow. */
async function stage(invoke?: TestKvflow['invoke']) {
  const server = await startNats();
  const kvflow = joinNats({ servers: [server.url] });
  const service = await start(kvflow, invoke);
  const nc = await connectPatiently({ servers: server.url });
  return {
    server,
    kvflow,
    service,
    nc,
    [Symbol.asyncDispose]: async () => {
      await service.stop();
      await nc.close();
      await kvflow[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

async function start(kvflow: TestKvflow, invoke = kvflow.invoke): Promise<FunctionService> {
  const service = serveFunctions({ connection: kvflow.nats.connection, registry, invoke, log: silent });
  await service.started;
  return service;
}

test('nats service - calls a function with a raw request and answers the envelope', async () => {
  await using s = await stage();
  const created = await s.nc.request('kvflow.fn.kv-bucket-create', JSON.stringify({ bucket: 'b' }));
  expect(created.json()).toMatchObject({ status_code: 200, data: { bucket: 'b', created: true } });
  expect(created.headers).toBeUndefined();
  const put = await s.nc.request('kvflow.fn.kv-key-put', '{"bucket":"b","key":"k","value":{"n":1}}');
  expect(put.json()).toEqual({ status_code: 200, data: { bucket: 'b', key: 'k', revision: 1 } });
});

test('nats service - traceparent goes on in the call and is answered; what is none is passed over', async () => {
  const traces: unknown[] = [];
  await using s = await stage((name, input, options) => {
    traces.push(options?.trace);
    return s.kvflow.invoke(name, input, options);
  });
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
  for (const sent of [traceparent, '00-0-0-01']) {
    const h = headers();
    h.set('traceparent', sent);
    const answer = await s.nc.request('kvflow.fn.kv-bucket-list', '', { headers: h, timeout: 5_000 });
    expect(answer.headers?.get('traceparent') || undefined).toBe(traces.at(-1));
  }
  expect(traces).toEqual([traceparent, undefined]);
});

test('nats service - no body is no input', async () => {
  await using s = await stage();
  const listed = await s.nc.request('kvflow.fn.kv-bucket-list');
  expect(listed.json()).toEqual({ status_code: 200, data: { buckets: [], total: 0 } });
});

test('nats service - a failure has its code in the service headers and the envelope as body', async () => {
  await using s = await stage();
  const answer = await s.nc.request('kvflow.fn.kv-key-get', '{"bucket":"none","key":"k"}');
  expect(answer.headers?.get('Nats-Service-Error-Code')).toBe('404');
  expect(answer.headers?.get('Nats-Service-Error')).toMatch(/^BUCKET_NOT_FOUND: There is no bucket "none"/);
  expect(answer.json()).toMatchObject({
    status_code: 404,
    error: { code: 'BUCKET_NOT_FOUND', retryable: false },
  });
});

const BAD: [what: string, body: string | Uint8Array, message: RegExp][] = [
  ['text that is no JSON', '{bucket}', /not valid JSON/],
  ['bytes that are no text', new Uint8Array([0xff, 0xfe]), /not UTF-8/],
  ['a list', '[1]', /must be object/],
  ['an unknown property', '{"bucket":"b","key":"k","colour":"red"}', /colour/],
];

test.each(BAD)('nats service - refuses %s', async (_what, body, message) => {
  await using s = await stage();
  const answer = await s.nc.request('kvflow.fn.kv-key-get', body);
  expect(answer.headers?.get('Nats-Service-Error-Code')).toBe('400');
  const { error } = answer.json<{ error: { code: string; message: string; errors: unknown[] } }>();
  expect(error.code).toBe('INVALID_INPUT');
  expect(error.message).toMatch(message);
  expect(error.errors.length).toBeGreaterThan(0);
});

test('nats service - a message of several lines is one header', async () => {
  const text = `a\r\nb\n${'c'.repeat(2_000)}`;
  await using s = await stage(async () => ({
    status_code: 500,
    error: { code: 'INTERNAL', message: text, retryable: false },
  }));
  const answer = await s.nc.request('kvflow.fn.kv-bucket-list');
  expect(answer.headers?.get('Nats-Service-Error')).toMatch(/^INTERNAL: a b c+$/);
  expect(answer.json()).toMatchObject({ error: { message: text } });
});

test('nats service - hands the patience of the caller on, and refuses what is no number', async () => {
  const seen: unknown[] = [];
  await using s = await stage(async (_name, _input, options) => {
    seen.push(options);
    return { status_code: 200, data: {} };
  });
  const ask = (timeout: string) => {
    const h = headers();
    h.set('x-timeout-ms', timeout);
    return s.nc.request('kvflow.fn.kv-bucket-list', '', { timeout: 5_000, headers: h });
  };
  await ask('250');
  await ask('10000000000');
  expect(seen).toEqual([{ timeoutMs: 250 }, { timeoutMs: 10_000_000_000 }]);
  expect((await ask('soon')).headers?.get('Nats-Service-Error-Code')).toBe('400');
});

test('nats service - an answer larger than a message may be says so', async () => {
  await using s = await stage(async () => ({ status_code: 200, data: 'x'.repeat(2_000_000) }));
  const answer = await s.nc.request('kvflow.fn.kv-bucket-list');
  expect(answer.headers?.get('Nats-Service-Error-Code')).toBe('413');
  expect(answer.json()).toMatchObject({ error: { code: 'PAYLOAD_TOO_LARGE' } });
});

test('nats service - is discovered by PING and INFO, with every function and its schemas', async () => {
  await using s = await stage();
  const ping = (await s.nc.request('$SRV.PING.kvflow')).json<Record<string, string>>();
  expect(ping).toMatchObject({
    type: 'io.nats.micro.v1.ping_response',
    name: 'kvflow',
    version: registry.version,
  });
  const info = (await s.nc.request(`$SRV.INFO.kvflow.${ping.id}`)).json<ServiceInfo>();
  expect(info.endpoints.map(endpoint => endpoint.subject).sort()).toEqual(
    registry
      .list()
      .map(({ name }) => `kvflow.fn.${name}`)
      .sort(),
  );
  expect(new Set(info.endpoints.map(endpoint => endpoint.queue_group))).toEqual(new Set(['kvflow']));
  for (const spec of registry.list()) {
    const metadata = info.endpoints.find(({ name }) => name === spec.name)?.metadata ?? {};
    expect(JSON.parse(metadata.input_schema ?? '')).toEqual(spec.input);
    expect(JSON.parse(metadata.output_schema ?? '')).toEqual(spec.output);
  }
});

interface ServiceInfo {
  endpoints: { name: string; subject: string; queue_group: string; metadata: Record<string, string> }[];
}

interface Stats {
  endpoints: {
    name: string;
    num_requests: number;
    num_errors: number;
    last_error?: string;
    processing_time: number;
  }[];
}

test('nats service - STATS counts requests, failures and the time that calls took', async () => {
  await using s = await stage();
  await s.nc.request('kvflow.fn.kv-bucket-list');
  await s.nc.request('kvflow.fn.kv-bucket-info', '{"bucket":"none"}');
  const { endpoints } = (await s.nc.request('$SRV.STATS.kvflow')).json<Stats>();
  const of = (name: string) => endpoints.find(endpoint => endpoint.name === name);
  expect(of('kv-bucket-list')).toMatchObject({ num_requests: 1, num_errors: 0 });
  expect(of('kv-bucket-list')?.processing_time).toBeGreaterThan(0);
  expect(of('kv-bucket-info')).toMatchObject({
    num_requests: 1,
    num_errors: 1,
    last_error: expect.stringMatching(/^BUCKET_NOT_FOUND/),
  });
});

test('nats service - stopping lets calls under way end and answers them, and takes no more', async () => {
  const entered = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  await using s = await stage(async () => {
    entered.resolve();
    await release.promise;
    return { status_code: 200, data: { late: true } };
  });
  const answer = s.nc.request('kvflow.fn.kv-bucket-list', '', { timeout: 20_000 });
  await entered.promise;
  const stopped = s.service.stop();
  await eventually(async () => {
    await expect(s.nc.request('kvflow.fn.kv-key-get', '{}', { timeout: 300 })).rejects.toThrow(
      /no responders/i,
    );
  });
  release.resolve();
  await stopped;
  expect((await answer).json()).toEqual({ status_code: 200, data: { late: true } });
});

test('nats service - is there again after the NATS server was restarted', async () => {
  await using s = await stage();
  await s.server.stop();
  await s.server.start();
  await eventually(async () => {
    const listed = await s.nc.request('kvflow.fn.kv-bucket-list', '', { timeout: 1_000 });
    expect(listed.json()).toMatchObject({ status_code: 200 });
  });
});

test('nats service - begins when a NATS that was away comes, and a stop before that ends at once', async () => {
  const server = await startNats();
  await server.stop();
  await using early = joinNats({ servers: [server.url] });
  const given = serveFunctions({
    connection: early.nats.connection,
    registry,
    invoke: early.invoke,
    log: silent,
  });
  given.started.catch(() => undefined);
  await given.stop();
  await using kvflow = joinNats({ servers: [server.url] });
  const service = serveFunctions({
    connection: kvflow.nats.connection,
    registry,
    invoke: kvflow.invoke,
    log: silent,
  });
  await server.start();
  await service.started;
  const nc = await connectPatiently({ servers: server.url });
  expect((await nc.request('kvflow.fn.kv-bucket-list')).json()).toMatchObject({ status_code: 200 });
  const pings = await nc.requestMany('$SRV.PING.kvflow', '', {
    strategy: 'stall',
    maxWait: 2_000 * PATIENCE,
  } as never);
  let count = 0;
  for await (const _ of pings) count += 1;
  expect(count).toBe(1);
  await nc.close();
  await service.stop();
  await server[Symbol.asyncDispose]();
});

test('nats service - a NATS that does not let it listen is told in the log, and all else works', async () => {
  const everything = 'publish: ">"';
  await using server = await startNats({
    extra: `authorization { users = [
      { user: kvflow, password: p, permissions: { ${everything}, subscribe: ["_INBOX.>"] } }
    ] }`,
  });
  await using kvflow = joinNats({ servers: [server.url], user: 'kvflow', password: 'p' });
  const told = Promise.withResolvers<string>();
  const log = { info: () => undefined, warn: told.resolve };
  const { connection } = kvflow.nats;
  const service = serveFunctions({ connection, registry, invoke: kvflow.invoke, log });
  expect(await told.promise).toMatch(/^The NATS micro-service (ended|does not run): .*permissions/i);
  await kvflow.call('kv-bucket-create', { bucket: 'b' });
  await service.stop();
});

test('nats service - a value that nests too deeply is refused', async () => {
  await using s = await stage();
  await s.kvflow.call('kv-bucket-create', { bucket: 'b' });
  const value = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;
  const answer = await s.nc.request('kvflow.fn.kv-key-put', `{"bucket":"b","key":"k","value":${value}}`);
  expect(answer.json()).toMatchObject({ status_code: 400, error: { code: 'INVALID_INPUT' } });
});
