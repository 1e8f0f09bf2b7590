/** Which calls of @kvflow/client go together, which wait, and which are made again; what answers is made up. */
import { expect, test } from '@jest/globals';
import { KvflowError } from '../../hosts/client/src/errors.ts';
import { createClient } from '../../hosts/client/src/index.ts';

interface Made {
  function: string;
  input: { bucket: string; key?: string; value?: unknown };
  by?: string;
  traceparent?: string;
}

interface Answer {
  status_code: number;
  data?: object;
  error?: { code: string; message: string; retryable: boolean };
}

const OK: Answer = { status_code: 200, data: {} };
const LATER: Answer = {
  status_code: 503,
  error: { code: 'UNAVAILABLE', message: 'Later.', retryable: true },
};

/** A client whose requests are answered by `run`: what it throws is a connection that is lost. */
function clientOf(run: (calls: Made[], headers: Headers) => Promise<Answer[]> | Answer[]) {
  const answer = async (url: string, { body, headers }: RequestInit) => {
    const sent = JSON.parse(String(body));
    const said = new Headers(headers);
    if (url.endsWith('/invocations') && !url.includes('/functions/'))
      return Response.json({ items: await run(sent.items, said) });
    const by = said.get('x-kvflow-by');
    const [alone = OK] = await run(
      [{ function: String(url.split('/')[4]), input: sent, ...(by && { by }) }],
      said,
    );
    return Response.json(alone, { status: alone.status_code });
  };
  return createClient({ url: 'http://kvflow', fetch: answer as typeof fetch, gather: setImmediate });
}

/** Everything that is no time went by: what was asked for is on its way. */
async function tick(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise(resolve => setImmediate(resolve));
}

test('client - who makes a call is said with it, alone and in a batch; what comes together goes together', async () => {
  const sent: unknown[] = [];
  const client = clientOf(calls => {
    sent.push(calls.map(({ by, traceparent }) => by ?? traceparent));
    return calls.map(() => OK);
  });
  const put = (by: string) => client.kvKeyPut({ bucket: 'b', key: 'k', value: 'v' }, { by });
  await put('node=one');
  const trace = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  await Promise.all([put('node=two'), put('node=three'), client.kvBucketList({}, { traceparent: trace })]);
  expect(sent).toEqual([['node=one'], ['node=two', 'node=three', trace]]);
});

test('client - writes of other keys overlap, those of a key wait, and what names no keys waits for all', async () => {
  const waiting: { keys: unknown[]; answer: () => void }[] = [];
  const client = clientOf(async calls => {
    const keys = calls.map(({ function: name, input }) => input.key ?? name.replace('kv-', ''));
    await new Promise<void>(answer => void waiting.push({ keys, answer }));
    return calls.map(() => OK);
  });
  const put = (key: string) => client.kvKeyPut({ bucket: 'b', key, value: 'v' });
  const call = client.call as (name: string, input: object) => Promise<unknown>;
  const underWay = async () => {
    await tick();
    return waiting.map(({ keys }) => keys);
  };
  const done = () => waiting.shift()?.answer();
  const calls: Promise<unknown>[] = [put('a')];
  await tick();
  calls.push(put('a'), put('b'), put('a'), put('c'));
  // b and c overlap a; the other two of a wait for it.
  expect(await underWay()).toEqual([['a'], ['b', 'c']]);
  calls.push(client.kvKeyPurge({ bucket: 'b', filter: '>' }), put('d'));
  done();
  expect(await underWay()).toEqual([
    ['b', 'c'],
    ['a', 'a'],
  ]);
  done();
  // The purge waits for all before it, and all behind it for the purge; what reads waits for nothing.
  calls.push(client.kvKeyGet({ bucket: 'b', key: 'z' }));
  expect(await underWay()).toEqual([['a', 'a'], ['z']]);
  done();
  done();
  expect(await underWay()).toEqual([['key-purge']]);
  calls.push(
    call('kv-key-put-many', { bucket: 'b', items: [{ key: 'e' }, { key: 'f' }] }),
    put('f'),
    put('g'),
  );
  expect(await underWay()).toEqual([['key-purge']]);
  done();
  expect(await underWay()).toEqual([['d', 'key-put-many', 'f', 'g']]);
  done();
  // A commit is on all keys that it writes, a queue on what goes into it; a rename is on both of its keys.
  calls.push(
    call('kv-transact', { bucket: 'b', operations: [{ key: 'a' }, { key: 'b' }] }),
    call('kv-queue-push', { bucket: 'b', queue: 'a' }),
  );
  await underWay();
  calls.push(put('b'), call('kv-queue-push', { bucket: 'b', queue: 'a' }), put('c'));
  expect(await underWay()).toEqual([['transact', 'queue-push'], ['c']]);
  done();
  expect(await underWay()).toEqual([['c'], ['b', 'queue-push']]);
  done();
  done();
  calls.push(call('kv-key-rename', { bucket: 'b', key: 'x', to: 'y' }));
  await underWay();
  calls.push(put('y'));
  expect(await underWay()).toEqual([['x']]);
  done();
  expect(await underWay()).toEqual([['y']]);
  done();
  expect(await Promise.all(calls)).toHaveLength(18);
});

test('client - what reads a key goes behind a write of it that was asked for before and is not sent yet', async () => {
  const sent: string[][] = [];
  let answer: () => void = () => undefined;
  const client = clientOf(async calls => {
    sent.push(calls.map(({ function: name, input }) => `${name.slice(7)} ${input.value ?? ''}`));
    await new Promise<void>(resolve => {
      answer = resolve;
    });
    return calls.map(() => OK);
  });
  const put = (value: string) => client.kvKeyPut({ bucket: 'b', key: 'k', value });
  const get = () => client.kvKeyGet({ bucket: 'b', key: 'k' });
  const first = put('1');
  await tick();
  const rest = [put('2'), get(), put('3')];
  await tick();
  expect(sent).toEqual([['put 1']]);
  answer();
  await first;
  await tick();
  expect(sent[1]).toEqual(['put 2', 'get ', 'put 3']);
  answer();
  await Promise.all(rest);
});

test('client - what waits for a change or a lock goes alone, and holds nobody up', async () => {
  const sent: string[][] = [];
  const client = clientOf(async calls => {
    sent.push(calls.map(({ function: name }) => name));
    return calls.map(() => OK);
  });
  await Promise.all([
    client.kvKeyPut({ bucket: 'b', key: 'a', value: 'v' }),
    client.kvKeyWatch({ bucket: 'b', wait_ms: 5_000 }),
    client.kvLockAcquire({ bucket: 'b', key: 'l', ttl: 1e9, wait: 1e9 }),
    client.kvKeyPut({ bucket: 'b', key: 'c', value: 'v' }),
  ]);
  expect(sent.toSorted()).toEqual([['kv-key-put', 'kv-key-put'], ['kv-key-watch'], ['kv-lock-acquire']]);
});

test('client - a write that is made again keeps its place: a later one of its key waits for it', async () => {
  const written: unknown[] = [];
  let refused = 2;
  const client = clientOf(calls => {
    if (refused-- > 0) return calls.map(() => LATER);
    written.push(...calls.map(({ input }) => input.value));
    return calls.map(() => OK);
  });
  const put = (value: string) => client.kvKeyPut({ bucket: 'b', key: 'k', value });
  const first = put('older');
  await tick();
  await Promise.all([first, put('newer'), put('newest')]);
  expect(written).toEqual(['older', 'newer', 'newest']);
});

test('client - of a request that was lost reads are made again, and writes where nothing was sent', async () => {
  const lost = (code: string) =>
    Object.assign(new TypeError('fetch failed'), { cause: { code, message: code } });
  const keys: (string | null)[] = [];
  let faults: Error[] = [];
  const client = clientOf((calls, headers) => {
    const fault = faults.shift();
    if (fault) throw fault;
    keys.push(headers.get('idempotency-key'));
    return calls.map(() => OK);
  });
  const put = (key: string) => client.kvKeyPut({ bucket: 'b', key, value: 'v' });
  faults = [lost('ECONNRESET')];
  await expect(client.kvKeyGet({ bucket: 'b', key: 'a' })).resolves.toEqual({});
  faults = [lost('ECONNREFUSED')];
  await expect(put('a')).resolves.toEqual({});
  faults = [lost('ECONNREFUSED')];
  await Promise.all([put('a'), put('b')]);
  // A read needs no key; what is made again has one.
  expect(keys).toEqual([null, expect.any(String), expect.any(String)]);
  faults = [lost('ECONNRESET')];
  const outcomes = await Promise.allSettled([put('a'), put('b')]);
  expect(outcomes).toEqual(
    outcomes.map(() => ({ status: 'rejected', reason: expect.objectContaining({ code: 'UNREACHABLE' }) })),
  );
  faults = Array.from({ length: 4 }, () => lost('ECONNREFUSED'));
  const away = await put('a').catch((error: unknown) => error);
  expect(away).toMatchObject({ details: { sent: false }, retryable: true });
  expect(away).toBeInstanceOf(KvflowError);
});

test('client - an input that is no JSON fails by itself, and one that changes later is sent as it was', async () => {
  const written: unknown[] = [];
  const client = clientOf(calls => {
    written.push(...calls.map(({ input }) => input.value));
    return calls.map(() => OK);
  });
  const input = { bucket: 'b', key: 'k', value: 'as it was' };
  const refused = client.kvKeyPut({ bucket: 'b', key: 'n', value: 1n as never });
  const put = client.kvKeyPut(input);
  input.value = 'changed';
  await expect(refused).rejects.toThrow(/BigInt/);
  await put;
  expect(written).toEqual(['as it was']);
});

test('client - ten thousand writes of a thousand keys come in the order they were asked for', async () => {
  const current = new Map<string, number>();
  const client = clientOf(async calls => {
    // Answers overtake each other; kvflow runs a batch in order for each key.
    await new Promise(resolve => setImmediate(resolve));
    for (const { input } of calls) {
      const { key, value } = input as { key: string; value: string };
      if (Number(value) !== (current.get(key) ?? -1) + 1) throw new Error(`${key} is ${value} too early`);
      current.set(key, Number(value));
    }
    return calls.map(() => OK);
  });
  const all = Array.from({ length: 10_000 }, (_, i) =>
    client.kvKeyPut({ bucket: 'b', key: `k${(i * 7) % 1_000}`, value: String(Math.floor(i / 1_000)) }),
  );
  await Promise.all(all);
  expect([...current.values()]).toEqual(Array(1_000).fill(9));
});
