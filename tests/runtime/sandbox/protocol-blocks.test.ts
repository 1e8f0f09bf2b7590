/** What a worker may say of a block of events, and what ends it. */
import { expect, test } from '@jest/globals';
import { setup } from './lying-worker.ts';

/** A frame with one record about a block, and the text that follows. */
const blockFrame = (record: unknown[], text = ''): string =>
  `${JSON.stringify({ r: [record], k: [] })}\n${text}`;

test('lane - a block is answered with the lines that it became', async () => {
  const { fakes, call, ready, stats } = setup([{ a: 1 }, { a: 2 }], true);
  await ready();
  const [fake] = fakes;
  expect(fake?.sent.at(-1)?.[1]).toMatch(/"t":1\}\n\{"a":1\}\n\{"a":2\}$/);
  const text = '{"b":1}\n{"b":2}\n{"b":3}\n';
  expect(fake?.frame('O', blockFrame([fake.base(), 4, [text.length], [2, 1]], text))).toBe(true);
  expect((await call.result).results).toMatchObject([
    { index: 0, outcome: 'ok', count: 2, joined: text },
    { index: 1, outcome: 'ok', count: 1 },
  ]);
  expect(stats.events).toBe(2);
});

test('lane - what a worker asks for in the name of a block is ignored: no key is read, and none stays held', async () => {
  const { fakes, stats, call, store, ready } = setup([{}, {}], true);
  await ready();
  const [fake] = fakes;
  const id = fake?.base() ?? 0;
  const get = JSON.stringify({ url: 'https://example.com', method: 'GET', headers: [] });
  expect(fake?.frame('O', `{"r":[],"k":[[${id},0,"key"]],"f":[[${id},0,${JSON.stringify(get)}]]}\n`)).toBe(
    true,
  );
  await ready();
  expect([stats.ignoredFrames, store.counts.gets]).toEqual([2, 0]);
  expect(fake?.sent.filter(([kind]) => kind === 'K')).toEqual([]);
  const text = '{"a":1}\n{"a":2}\n';
  expect(fake?.frame('O', blockFrame([id, 4, [text.length], []], text))).toBe(true);
  expect((await call.result).results.map(({ outcome }) => outcome)).toEqual(['ok', 'ok']);
});

test('lane - a block that is given back runs event by event', async () => {
  const { fakes, call, ready } = setup([{ a: 1 }, { a: 2 }], true);
  await ready();
  const [fake] = fakes;
  expect(fake?.frame('O', blockFrame([fake.base(), 5, 0]))).toBe(true);
  const id = fake?.base() ?? 0;
  expect(
    fake?.say([
      [id, 0, [{ b: 1 }]],
      [id + 1, 0, []],
    ]),
  ).toBe(true);
  expect((await call.result).results).toMatchObject([{ texts: ['{"b":1}'] }, { outcome: 'skipped' }]);
});

test.each([
  ['fewer lines than events', [4, [8], []], '{"b":1}\n'],
  ['more lines than it counts', [4, [16], [1, 0]], '{"b":1}\n{"b":2}\n'],
  ['a line that is no object', [4, [12], []], '{"b":1}\n[1]\n'],
  ['a last line without its end', [4, [15], []], '{"b":1}\n{"b":2}'],
  ['two objects on a line', [4, [15], [1, 0]], '{"b":1}{"b":2}\n'],
  ['a string over two lines', [4, [16], []], '{"b":"1\n2"}\n{}\n'],
  ['counts of another shape', [4, [16], [1, 'x']], '{"b":1}\n{"b":2}\n'],
  ['a count below zero', [4, [16], [3, -1]], '{"b":1}\n{"b":2}\n'],
  ['the status of an event', [0, [7]], '{"b":1}'],
])('lane - a record of a block with %s ends the worker', async (_name, [status, ...rest], text) => {
  const { fakes, ready } = setup([{ a: 1 }, { a: 2 }], true);
  await ready();
  const [fake] = fakes;
  expect(fake?.frame('O', blockFrame([fake.base(), status, ...rest], text))).toBe(false);
});

test('lane - a block that became a list is answered with its lines', async () => {
  const { fakes, call, ready, stats } = setup([{ a: 1 }, { a: 2 }], true);
  await ready();
  const [fake] = fakes;
  const list = '[{"b":"},{ é"},{"b":[{},{"c":"\\","}]},{}]';
  expect(fake?.list([fake.base(), [2, 1]], list)).toBe(true);
  expect((await call.result).results).toMatchObject([
    { index: 0, outcome: 'ok', count: 2, joined: '{"b":"},{ é"}\n{"b":[{},{"c":"\\","}]}\n{}\n' },
    { index: 1, outcome: 'ok', count: 1 },
  ]);
  expect(stats.events).toBe(2);
});

test('lane - a block that became an empty list is answered with nothing', async () => {
  const { fakes, call, ready } = setup([{ a: 1 }, { a: 2 }], true);
  await ready();
  expect(fakes[0]?.list([fakes[0].base(), [0, 0]], '')).toBe(true);
  expect((await call.result).results.map(({ outcome, joined }) => [outcome, joined])).toEqual([
    ['skipped', ''],
    ['skipped', undefined],
  ]);
});

test.each([
  ['fewer objects than events', [], '[{}]'],
  ['more objects than it counts', [1, 0], '[{},{}]'],
  ['one that is no object', [], '[{},[1]]'],
  ['no end', [], '[{},{}'],
  ['more behind its end', [], '[{},{}]{}'],
  ['two lists', [], '[{}][{}]'],
  ['a line break', [], '[{},\n{}]'],
  ['a line break in a string', [], '[{"a":"\n"},{}]'],
  ['spaces', [], '[{}, {}]'],
  ['a string without its end', [], '[{},{"a":"}]'],
  ['a comma too many', [], '[{},{},]'],
  ['no list', [], '{"a":{},"b":{}}'],
  ['nothing', [], ''],
  ['too many levels', [], `[{},${'{"a":'.repeat(1_000)}{}${'}'.repeat(1_000)}]`],
])('lane - a block that became a list with %s runs event by event', async (_name, counts, text) => {
  const { fakes, ready } = setup([{ a: 1 }, { a: 2 }], true);
  await ready();
  const [fake] = fakes;
  expect(fake?.list([fake.base(), counts], text)).toBe(true);
  await ready();
  expect(fake?.sent.at(-1)?.[1]).toMatch(/"l":\[8,7\]\}\n\{"a":1\}\n\{"a":2\}$/);
});

test.each([
  ['counts of another shape', [[1, 'x']]],
  ['a count below zero', [[3, -1]]],
  ['no counts', []],
  ['more counts than events', [[1, 1, 0]]],
])('lane - a list of a block with %s ends the worker', async (_name, rest) => {
  const { fakes, ready } = setup([{ a: 1 }, { a: 2 }], true);
  await ready();
  const [fake] = fakes;
  expect(fake?.list([fake.base(), ...rest], '[{},{}]')).toBe(false);
});

test('lane - a list without a head, and one of a single event, end the worker; one of nothing that runs is ignored', async () => {
  const { fakes, ready, stats } = setup([{ a: 1 }]);
  await ready();
  const [fake] = fakes;
  expect(fake?.list({}, '[{}]')).toBe(false);
  expect(fake?.frame('L', '')).toBe(false);
  expect(fake?.list([fake.base(), []], '[{}]')).toBe(false);
  expect(fake?.list([fake.base() + 1, []], '[{}]')).toBe(true);
  expect(stats.ignoredFrames).toBe(1);
});

test('lane - the record of a block about a single event ends the worker', async () => {
  const { fakes, ready } = setup([{ a: 1 }]);
  await ready();
  const [fake] = fakes;
  expect(fake?.frame('O', blockFrame([fake.base(), 4, [8], []], '{"b":1}\n'))).toBe(false);
});
