import { expect, test } from '@jest/globals';
import type { PackError } from '../../../contract/errors.ts';
import manifest from '../../../manifest.json' with { type: 'json' };
import { admit } from '../../../runtime/core/admit.ts';
import { ANSWERS_MUCH_MARK } from '../../../runtime/core/call-cost.ts';
import type { Envelope } from '../../../runtime/core/envelope.ts';
import type { ManifestFunction } from '../../../runtime/core/manifest.ts';
import { EVERYTHING } from '../../../runtime/core/principal.ts';
import type { RegisteredFunction } from '../../../runtime/core/registry.ts';
import { createCompiler } from '../../../runtime/core/validate.ts';
import { createAnswerBudget } from '../../../runtime/server/answer-budget.ts';
import { runInOrder } from '../../../runtime/server/batch-order.ts';
import { startServer } from './helpers.ts';

const items = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ function: 'echo', input: { n } }));

test('batch - envelopes come in the order of the items, failures among them', async () => {
  await using server = await startServer();
  const answer = await server.post('/invocations', {
    items: [
      { function: 'echo', input: { a: 1 } },
      { function: 'nope', input: {} },
      { function: 'echo', input: [] },
      { function: 'echo' },
    ],
  });
  expect(answer.status).toBe(200);
  expect(answer.json.items).toMatchObject([
    { status_code: 200, data: { a: 1 } },
    { status_code: 404, error: { code: 'FUNCTION_NOT_FOUND' } },
    { status_code: 400, error: { code: 'INVALID_INPUT' } },
    { status_code: 200, data: {} },
  ]);
});

test('batch - 1000 items are taken, 1001 are not', async () => {
  await using server = await startServer();
  const { json } = await server.post('/invocations', { items: items(1_000) });
  expect(json.items.map((item: { data: { n: number } }) => item.data.n)).toEqual(
    items(1_000).map(item => item.input.n),
  );
  const many = await server.post('/invocations', { items: items(1_001) });
  expect(many).toMatchObject({
    status: 400,
    json: { error: { code: 'INVALID_INPUT', details: { limit: 1_000 } } },
  });
  expect(server.lines).toHaveLength(1_000);
});

test.each([
  ['{}', ['/items']],
  ['[]', ['']],
  ['null', ['']],
  ['', ['']],
  ['{"items":[]}', ['/items']],
  ['{"items":{}}', ['/items']],
  [
    '{"items":[{"function":"echo"},1,{"function":2,"x":1},{}]}',
    ['/items/1', '/items/2/function', '/items/2/x', '/items/3/function'],
  ],
  ['{"items":[{"function":"echo"}],"more":1}', ['/more']],
])('batch - %s names every fault and runs nothing', async (body, pointers) => {
  await using server = await startServer();
  const { status, json } = await server.post('/invocations', body);
  expect(status).toBe(400);
  expect(json.error.errors.map((fault: { pointer: string }) => fault.pointer).sort()).toEqual(pointers);
  expect(server.lines).toEqual([]);
});

/** Runs items by hand: what has started, and how to end each. */
function stage(inputs: unknown[]) {
  const started: number[] = [];
  const gates = inputs.map(() => Promise.withResolvers<void>());
  const done = runInOrder(
    inputs.map(input => ({ function: 'f', input })),
    async (_item, index) => {
      started.push(index);
      await gates[index]?.promise;
      return index;
    },
  );
  return { started, done, end: (index: number) => gates[index]?.resolve() };
}

const turn = () => new Promise(resolve => setImmediate(resolve));

test('batch - a copy is on both of its keys, what goes into a queue keeps its order, and a copied bucket is waited for', async () => {
  const { started, done, end } = stage([
    { bucket: 'a', key: 'x', to: 'y' },
    { bucket: 'a', key: 'y' },
    { bucket: 'a', key: 'x', to: 'x', to_bucket: 'b' },
    { bucket: 'b', key: 'x' },
    { bucket: 'a', queue: 'q' },
    { bucket: 'a', queue: 'q' },
    { bucket: 'a', queue: 'other' },
    { bucket: 'c', to: 'd' },
    { bucket: 'd', key: 'x' },
  ]);
  const order = [started.slice()];
  for (const index of [0, 2, 4, 7]) {
    end(index);
    await turn();
    order.push(started.splice(0));
  }
  expect(order).toEqual([[0, 4, 6, 7], [0, 4, 6, 7, 1, 2], [3], [5], [8]]);
  for (let index = 0; index < 9; index++) end(index);
  await done;
});

test('batch - items on one bucket and key follow each other, the others do not wait', async () => {
  const put = (bucket: string, key: string) => ({ bucket, key });
  const { started, done, end } = stage([
    put('a', 'x'),
    put('a', 'x'),
    put('a', 'y'),
    put('b', 'x'),
    {},
    null,
    7,
    put('a', 'x'),
  ]);
  expect(started).toEqual([0, 2, 3, 4, 5, 6]);
  end(0);
  await turn();
  expect(started).toEqual([0, 2, 3, 4, 5, 6, 1]);
  end(1);
  await turn();
  expect(started.at(-1)).toBe(7);
  for (const index of [2, 3, 4, 5, 6, 7]) end(index);
  expect(await done).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
});

test('batch - an item on a bucket as a whole waits for those before it and holds those after it', async () => {
  const { started, done, end } = stage([
    { bucket: 'a' },
    { bucket: 'a', key: 'x' },
    { bucket: 'a', key: 'y' },
    { bucket: 'a' },
    { bucket: 'b', key: 'x' },
  ]);
  expect(started).toEqual([0, 4]);
  end(0);
  await turn();
  expect(started).toEqual([0, 4, 1, 2]);
  end(1);
  await turn();
  expect(started).toEqual([0, 4, 1, 2]);
  end(2);
  await turn();
  expect(started).toEqual([0, 4, 1, 2, 3]);
  end(3);
  end(4);
  expect(await done).toHaveLength(5);
});

test('batch - items that would start after its time is over are not called', async () => {
  let calls = 0;
  const late = async (_input: unknown, { deadline }: { deadline: number }) => {
    calls++;
    while (Date.now() <= deadline) await turn();
    return {};
  };
  await using server = await startServer({ late: { run: late } });
  const same = { function: 'late', input: { bucket: 'a', key: 'x' } };
  const { json } = await server.post('/invocations', { items: [same, same] }, { 'x-timeout-ms': '1000' });
  expect(json.items[1]).toMatchObject({ status_code: 504, error: { code: 'TIMEOUT', retryable: true } });
  expect(calls).toBe(1);
});

test('batch - calls that change something and answer much are run as long as their answers have room', async () => {
  const budget = createAnswerBudget(new Set(['transform']), 10_000);
  let [running, most, ran] = [0, 0, 0];
  const answers = await Promise.all(
    Array.from({ length: 50 }, () =>
      budget.write('transform', async () => {
        most = Math.max(most, ++running);
        ran += 1;
        await turn();
        running -= 1;
        return { status_code: 200, data: { events: ['x'.repeat(3_000)] } };
      }),
    ),
  );
  // What was run is answered: the fourth passes the bound, and is the last.
  expect(answers.map(({ status_code }) => status_code)).toEqual([
    ...Array(4).fill(200),
    ...Array(46).fill(413),
  ]);
  expect([ran, most <= 3]).toEqual([4, true]);
  const put = await budget.write('kv-key-put', async () => ({ status_code: 200, data: { revision: 1 } }));
  expect(put.status_code).toBe(200);
});

test('batch - what changes something and tells why items failed is marked to answer much', () => {
  const tellMany = manifest.functions.filter(
    ({ annotations, output }) => !annotations.readOnly && 'failures' in output.properties,
  );
  expect(tellMany.map(({ name }) => name)).toContain('kv-queue-dead-replay');
  expect(tellMany.filter(({ output }) => !(ANSWERS_MUCH_MARK in output)).map(({ name }) => name)).toEqual([]);
});

test('batch - small answers of such calls wait for the first alone', async () => {
  const budget = createAnswerBudget(new Set(['identify']));
  let started = 0;
  const gates = Array.from({ length: 20 }, () => Promise.withResolvers<void>());
  const all = gates.map(gate =>
    budget.write('identify', async () => {
      started += 1;
      await gate.promise;
      return { status_code: 200, data: {} };
    }),
  );
  await turn();
  expect(started).toBe(4);
  gates[0]?.resolve();
  await turn();
  expect(started).toBe(20);
  for (const gate of gates) gate.resolve();
  expect(await Promise.all(all)).toHaveLength(20);
});

test('batch - no more calls that only read are under way at once than may be, in whatever turn they come', async () => {
  const budget = createAnswerBudget(new Set());
  let [running, most] = [0, 0];
  const read = () =>
    budget.read('kv-key-get', async () => {
      most = Math.max(most, ++running);
      await turn();
      running -= 1;
      return { status_code: 200, data: {} };
    });
  const first = Array.from({ length: 40 }, () => read());
  // Comes as a place is free and before who waits for it has gone on.
  await first[0]?.then(() => Promise.all(Array.from({ length: 40 }, () => read())));
  await Promise.all(first);
  expect(most).toBe(32);
});

test('batch - what failed is counted as what worked, and functions that answer much are named by their schemas', async () => {
  const error = { code: 'INVALID_INPUT', message: 'x'.repeat(6_000), retryable: false } as const;
  const refused = async () => ({ status_code: 422, error });
  const ok = async (): Promise<Envelope> => ({ status_code: 200, data: {} });
  const budget = createAnswerBudget(new Set(['kv-transact']), 10_000);
  expect((await budget.read('kv-key-list', refused)).status_code).toBe(422);
  await budget.write('kv-key-put', refused);
  expect((await budget.write('kv-transact', ok)).status_code).toBe(413);
  expect((await budget.read('kv-key-list', ok)).status_code).toBe(413);
  expect((await budget.write('kv-key-put', ok)).status_code).toBe(200);
  const much = (manifest.functions as unknown as ManifestFunction[]).filter(
    ({ output }) => output[ANSWERS_MUCH_MARK] === true,
  );
  expect(much.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['identify', 'kv-bucket-import', 'kv-key-put-many', 'kv-transact', 'transform']),
  );
});

test('batch - of an input with very many faults the first are told', () => {
  const faults = Array.from({ length: 5_000 }, (_, at) => ({
    pointer: `/p${at}`,
    message: 'is no property',
  }));
  const [spec] = manifest.functions;
  const fn = { spec, validateInput: () => faults } as unknown as RegisteredFunction;
  let error: unknown;
  try {
    admit(fn, {}, EVERYTHING);
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toMatchObject({ code: 'INVALID_INPUT', message: expect.stringMatching(/; and 4900 more$/) });
  expect((error as PackError).errors).toHaveLength(1_000);
});

test('an input of a hundred thousand unknown names costs no more than so many faults as are counted', () => {
  const input = Object.fromEntries(Array.from({ length: 100_000 }, (_, at) => [`p${at}`, 0]));
  const validate = createCompiler()({ type: 'object', additionalProperties: false });
  const faults = validate(input);
  expect(faults).toHaveLength(10_000);
  expect(faults.at(-1)).toMatchObject({ pointer: '/p9999' });
  const fn = { spec: manifest.functions[0], validateInput: validate } as unknown as RegisteredFunction;
  expect(() => admit(fn, input, EVERYTHING)).toThrow(/; and at least 9900 more$/);
});
