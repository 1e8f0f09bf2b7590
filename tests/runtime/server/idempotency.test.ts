import { expect, test } from '@jest/globals';
import { PackError } from '../../../contract/errors.ts';
import { IDEMPOTENCY_BUCKET } from '../../../contract/own-buckets.ts';
import { createIdempotency } from '../../../runtime/core/idempotency.ts';
import type { KvStore } from '../../../runtime/core/ports/kv-store.ts';
import { EVERYTHING } from '../../../runtime/core/principal.ts';
import { eventually } from '../../support/eventually.ts';
import { forAll } from '../../support/for-all.ts';
import { joinNats } from '../../support/kvflow.ts';
import { startNats } from '../../support/nats.ts';
import { soon } from '../../support/soon.ts';
import { whileAlive } from '../../support/while-alive.ts';
import type { Answer, TestFunction, TestServer } from './helpers.ts';
import { startServer } from './helpers.ts';

const nats = forAll(startNats);
const first = forAll(() => joinNats({ servers: [nats.url] }));
const second = forAll(() => joinNats({ servers: [nats.url] }));

let keys = 0;
const newKey = () => ({ 'idempotency-key': `key-${++keys}` });
const withKv = (functions: Record<string, TestFunction>, kv: KvStore = first.nats.kv): Promise<TestServer> =>
  startServer(functions, { kv });

function counter() {
  let calls = 0;
  return { count: () => calls, fn: { run: async () => ({ call: ++calls }) } };
}

test('idempotency - the same call again is answered what the first was, and runs once', async () => {
  const { fn, count } = counter();
  await using server = await withKv({ add: fn });
  const headers = newKey();
  const once = await server.post('/functions/add/invocations', { a: 1 }, headers);
  const again = await server.post('/functions/add/invocations', '{ "a": 1 }', headers);
  expect(once.headers['idempotency-replayed']).toBeUndefined();
  expect(again.headers['idempotency-replayed']).toBe('true');
  expect(again.text).toBe(once.text);
  expect(again.headers['x-invocation-id']).not.toBe(once.headers['x-invocation-id']);
  expect(count()).toBe(1);
  await server.post('/functions/add/invocations', { a: 1 }, newKey());
  expect(count()).toBe(2);
});

test('idempotency - the same key with another body is 422, on another function another call', async () => {
  const { fn, count } = counter();
  await using server = await withKv({ add: fn, sub: fn });
  const headers = newKey();
  await server.post('/functions/add/invocations', { a: 1 }, headers);
  expect(await server.post('/functions/add/invocations', { a: 2 }, headers)).toMatchObject({
    status: 422,
    json: { status_code: 422, error: { code: 'IDEMPOTENCY_MISMATCH' } },
  });
  expect((await server.post('/functions/sub/invocations', { a: 2 }, headers)).status).toBe(200);
  expect(count()).toBe(2);
});

test('idempotency - of many at once over two servers exactly one runs, the others are told to wait', async () => {
  let calls = 0;
  const gate = Promise.withResolvers<void>();
  const slow = async () => {
    calls++;
    await gate.promise;
    return { call: calls };
  };
  await using one = await withKv({ slow: { run: slow } });
  await using two = await withKv({ slow: { run: slow } }, second.nats.kv);
  const headers = newKey();
  const ask = (server: TestServer) => server.post('/functions/slow/invocations', {}, headers);
  let refused = 0;
  const all = Array.from({ length: 40 }, async (_, index): Promise<Answer> => {
    const answer = await ask(index % 2 === 0 ? one : two);
    if (answer.status === 409 && ++refused === 39) gate.resolve();
    return answer;
  });
  const answers = await Promise.all(all);
  expect(calls).toBe(1);
  expect(answers.filter(answer => answer.status === 200)).toHaveLength(1);
  const busy = answers.find(answer => answer.status === 409);
  expect(busy?.json.error).toMatchObject({ code: 'IDEMPOTENCY_IN_PROGRESS', retryable: true });
  expect(Number(busy?.headers['retry-after'])).toBeGreaterThan(0);
  for (const server of [one, two]) {
    const answer = await ask(server);
    expect(answer.json.data).toEqual({ call: 1 });
    expect(answer.headers['idempotency-replayed']).toBe('true');
  }
});

test.each(['UNAVAILABLE', 'RATE_LIMITED', 'INVALID_INPUT'] as const)(
  'idempotency - %s is not kept',
  async code => {
    let calls = 0;
    const run = async () => {
      if (++calls === 1) throw new PackError(code, 'not now');
      return { call: calls };
    };
    await using server = await withKv({ flaky: { run } });
    const headers = newKey();
    expect((await server.post('/functions/flaky/invocations', { a: 1 }, headers)).json.error.code).toBe(code);
    expect((await server.post('/functions/flaky/invocations', { a: 2 }, headers)).json.data).toEqual({
      call: 2,
    });
    expect((await server.post('/functions/flaky/invocations', { a: 2 }, headers)).json.data).toEqual({
      call: 2,
    });
  },
);

test.each(['REVISION_CONFLICT', 'TIMEOUT', 'INTERNAL'] as const)(
  'idempotency - %s is kept: it may have done something',
  async code => {
    let calls = 0;
    const run = async () => {
      calls++;
      throw new PackError(code, 'no');
    };
    await using server = await withKv({ fail: { run } });
    const headers = newKey();
    await server.post('/functions/fail/invocations', {}, headers);
    const again = await server.post('/functions/fail/invocations', {}, headers);
    expect(again.json.error.code).toBe(code);
    expect(again.headers['idempotency-replayed']).toBe('true');
    expect(calls).toBe(1);
  },
);

test('idempotency - a runner that died is taken over when its time has passed, by one alone', async () => {
  const envelopes = () => [{ status_code: 200 as const, data: null }];
  const other = createIdempotency({ kv: second.nats.kv, graceMs: 0 });
  let calls = 0;
  const takeOver = await whileAlive(300, async timeoutMs => {
    calls = 0;
    const call = { key: `dead.${timeoutMs}`, principal: EVERYTHING, route: 'r', body: 1 };
    const entered = Promise.withResolvers<void>();
    const hang = () => {
      entered.resolve();
      return new Promise<string>(() => undefined);
    };
    void createIdempotency({ kv: first.nats.kv, graceMs: 0 }).once({ ...call, timeoutMs }, hang, envelopes);
    await entered.promise;
    const again = () => other.once({ ...call, timeoutMs: 60_000 }, async () => ++calls, envelopes);
    await expect(again()).rejects.toMatchObject({ code: 'IDEMPOTENCY_IN_PROGRESS' });
    return again;
  });
  const outcome = await eventually(async () => {
    const all = await Promise.allSettled([takeOver(), takeOver(), takeOver()]);
    const done = all.find(one => one.status === 'fulfilled');
    expect(done).toBeDefined();
    return done?.value;
  });
  expect(outcome).toMatchObject({ outcome: 1 });
  expect(calls).toBe(1);
});

test('idempotency - one that was taken over does not overwrite the answer of the other', async () => {
  const errors: unknown[] = [];
  const call = { key: 'slow', principal: EVERYTHING, route: 'r', body: 1 };
  const envelopes = () => [{ status_code: 200 as const, data: null }];
  const slow = createIdempotency({ kv: first.nats.kv, graceMs: 0, onError: error => errors.push(error) });
  const gate = Promise.withResolvers<string>();
  const entered = Promise.withResolvers<void>();
  const run = () => {
    entered.resolve();
    return gate.promise;
  };
  const late = slow.once({ ...call, timeoutMs: 0 }, run, envelopes);
  await entered.promise;
  const other = createIdempotency({ kv: second.nats.kv, graceMs: 0 });
  const again = () => other.once({ ...call, timeoutMs: 60_000 }, async () => 'other', envelopes);
  // Each connection measures the server's clock for itself, some milliseconds off: the other may have to wait for the end of the lease.
  expect(await eventually(again)).toEqual({ outcome: 'other', replayed: false });
  gate.resolve('late');
  expect(await late).toEqual({ outcome: 'late', replayed: false });
  expect(errors).toHaveLength(1);
  expect(await again()).toEqual({ outcome: 'other', replayed: true });
});

test('idempotency - a batch is one call', async () => {
  const { fn, count } = counter();
  await using server = await withKv({ add: fn });
  const headers = newKey();
  const batch = { items: [{ function: 'add' }, { function: 'nope' }] };
  const once = await server.post('/invocations', batch, headers);
  const again = await server.post('/invocations', batch, headers);
  expect(again.text).toBe(once.text);
  expect(again.headers['idempotency-replayed']).toBe('true');
  expect(count()).toBe(1);
  expect((await server.post('/invocations', { items: [{ function: 'add' }] }, headers)).status).toBe(422);
});

test('idempotency - an answer of megabytes is kept whole', async () => {
  // Three characters first, so that a part would end within a surrogate pair.
  const text = `xxx${'é🙂x'.repeat(700_000)}`;
  await using server = await withKv({ big: { run: async () => ({ text, at: Math.random() }) } });
  const headers = newKey();
  const once = await server.post('/functions/big/invocations', {}, headers);
  const again = await server.post('/functions/big/invocations', {}, headers);
  expect(again.headers['idempotency-replayed']).toBe('true');
  expect(again.text === once.text).toBe(true);
  expect(again.json.data.text === text).toBe(true);
});

test('idempotency - keys of other callers are other keys', async () => {
  const idempotency = createIdempotency({ kv: first.nats.kv });
  const call = { key: 'same', route: 'r', body: 1, timeoutMs: 1_000 };
  const envelopes = () => [{ status_code: 200 as const, data: null }];
  for (const name of ['a', 'b']) {
    const principal = { ...EVERYTHING, name };
    expect(await idempotency.once({ ...call, principal }, async () => name, envelopes)).toEqual({
      outcome: name,
      replayed: false,
    });
  }
});

test.each(['', 'x'.repeat(256), 'é'])('idempotency - the key "%s" is INVALID_INPUT', async key => {
  const { fn, count } = counter();
  await using server = await withKv({ add: fn });
  const { json } = await server.post('/functions/add/invocations', {}, { 'idempotency-key': key });
  expect(json.error).toMatchObject({
    code: 'INVALID_INPUT',
    message: expect.stringContaining('Idempotency-Key'),
  });
  expect(count()).toBe(0);
});

test('idempotency - the bucket is made as documented, and made again when somebody deleted it', async () => {
  const { fn, count } = counter();
  await using server = await withKv({ add: fn });
  const { buckets } = await first.nats.kv.listBuckets(soon());
  expect(buckets.find(info => info.bucket === IDEMPOTENCY_BUCKET)).toMatchObject({
    history: 1,
    ttl: 86_400_000_000_000,
    key_ttl: true,
  });
  const call = soon();
  await first.nats.requests.ask(call, `$JS.API.STREAM.DELETE.KV_${IDEMPOTENCY_BUCKET}`, '');
  expect((await server.post('/functions/add/invocations', {}, newKey())).status).toBe(200);
  expect(count()).toBe(1);
});

test('idempotency - when the record cannot be written nothing runs', async () => {
  const { fn, count } = counter();
  const kv = { ...first.nats.kv, put: () => Promise.reject(new PackError('TIMEOUT', 'no answer')) };
  await using server = await withKv({ add: fn }, kv);
  const answer = await server.post('/functions/add/invocations', {}, newKey());
  expect(answer).toMatchObject({ status: 503, json: { error: { code: 'UNAVAILABLE', retryable: true } } });
  expect(count()).toBe(0);
});
