/** What a worker may say of single events, and what ends it. */
import { expect, jest, test } from '@jest/globals';
import { createFrameReader, frameOf } from '../../../runtime/sandbox/host/frames.ts';
import { DEFAULT_LIMITS, lowered } from '../../../runtime/sandbox/host/limits.ts';
import { setup } from './lying-worker.ts';

const encodeFrame = (kind: string, text: string): Buffer =>
  Buffer.concat([
    frameOf(kind, text.slice(0, 1), Buffer.byteLength(text.slice(1))),
    Buffer.from(text.slice(1)),
  ]);

test('frames - are put together from any pieces', () => {
  const seen: string[] = [];
  const reader = createFrameReader(100, (kind, text) => seen.push(kind + text) > 0);
  const bytes = Buffer.concat([
    encodeFrame('A', 'é1'),
    encodeFrame('B', ''),
    encodeFrame('C', 'x'.repeat(90)),
  ]);
  for (const byte of bytes) expect(reader.feed(Buffer.from([byte]))).toBe(true);
  expect(seen).toEqual(['Aé1', 'B', `C${'x'.repeat(90)}`]);
});

test.each([0, 101, 0xffffffff])('frames - a length of %d is refused before anything is kept', length => {
  const head = Buffer.alloc(4);
  head.writeUInt32LE(length);
  expect(createFrameReader(100, () => true).feed(head)).toBe(false);
});

test('lane - records of unknown, repeated and finished ids are ignored', async () => {
  const { fakes, stats, call, ready } = setup([{}, {}]);
  await ready();
  const [fake] = fakes;
  const id = fake?.base() ?? 0;
  expect(
    fake?.say(
      [
        [999, 0, [{ forged: 1 }], []],
        [-1, 0, [], []],
        ['x', 0, [], []],
        [id, 0, [{ a: 1 }], []],
        [id, 0, [{ forged: 2 }], []],
      ],
      [
        [999, 0, 'k'],
        [id, 0, 'k'],
      ],
    ),
  ).toBe(true);
  fake?.say([[id + 1, 0, [{ a: 2 }], []]]);
  const { results } = await call.result;
  expect(results.map(({ events }) => events)).toEqual([[{ a: 1 }], [{ a: 2 }]]);
  expect(stats.ignoredFrames).toBe(6);
});

test.each([
  ['a frame of an unknown kind', 'Z', '{}'],
  ['a frame that is no JSON', 'O', '{"r":[\n'],
  ['a frame of another shape', 'O', '{"r":{},"k":[]}\n'],
  ['a frame that is null', 'O', 'null\n'],
  ['a frame without an end of its head', 'O', '{"r":[],"k":[]}'],
  ['a frame with more texts than it tells', 'O', '{"r":[[1,0,[2]]],"k":[]}\n{}{}'],
  ['a frame with less texts than it tells', 'O', '{"r":[[1,0,[2,2]]],"k":[]}\n{}'],
  ['a text of negative length', 'O', '{"r":[[1,0,[4,-2]]],"k":[]}\n{}'],
  ['a text whose length is no number', 'O', '{"r":[[1,0,["2"]]],"k":[]}\n{}'],
])('lane - %s ends the worker', async (_name, kind, text) => {
  const { fakes, ready, lane } = setup();
  await ready();
  expect(fakes[0]?.frame(kind, text)).toBe(false);
  lane.close();
});

const deep = '['.repeat(1_000_000);

test.each([
  ['a head', () => `{"r":${deep}\n`, false],
  ['an event', (id: number) => `{"r":[[${id},0,[${deep.length + 5}]]],"k":[]}\n{"a":${deep}`, false],
  [
    'an event of a block',
    (id: number) => `{"r":[[${id},4,[${deep.length + 9}],[]]],"k":[]}\n{"a":${deep}\n{}\n`,
    true,
  ],
  ['a write', (id: number) => `{"r":[[${id},0,[],[],[["k","${deep}${deep}",0]]]],"k":[]}\n`, false],
])('lane - %s of a million brackets ends the worker before it is parsed', async (_name, frameOf, asBlock) => {
  const { fakes, ready } = setup([{}, {}], asBlock);
  await ready();
  const [fake] = fakes;
  const frame = frameOf(fake?.base() ?? 0);
  const parse = jest.spyOn(JSON, 'parse');
  expect(fake?.frame('O', frame)).toBe(false);
  const parsed = parse.mock.calls.map(([text]) => text).filter(text => text.includes('[[[[['));
  parse.mockRestore();
  // The write is in a string of the head, which is parsed.
  expect(parsed.filter(text => !text.startsWith('{"r":[[1,0,[],[],[["k"'))).toEqual([]);
});

test.each([
  ['events that are no objects', [0, [1], []]],
  ['a status of its own', [7, [], []]],
  ['logs of another shape', [0, [], [['log']]]],
  ['a log level of its own', [0, [], [['fatal', 'x']]]],
  ['writes of another shape', [0, [], [], [['k', '1']]]],
  ['a write that is no JSON', [0, [], [], [['k', '{', 0]]]],
  ['a write with a key too long', [0, [], [], [['k'.repeat(1025), '1', 0]]]],
  ['a write with a broken ttl', [0, [], [], [['k', '1', -1]]]],
  ['more events than allowed', [0, Array(1001).fill({}), []]],
])('lane - a record with %s ends the worker', async (_name, rest) => {
  const { fakes, ready, lane, store } = setup();
  await ready();
  expect(fakes[0]?.say([[fakes[0].base(), ...rest]])).toBe(false);
  expect(store.entries.size).toBe(0);
  lane.close();
});

test('lane - no more is on its way than the pipe holds, until the worker speaks of what came', async () => {
  const { fakes, ready } = setup(Array.from({ length: 40 }, (_, n) => ({ n, pad: 'p'.repeat(20_000) })));
  await ready();
  const [fake] = fakes;
  const sizes = () => (fake?.sent ?? []).filter(([kind]) => kind === 'R').map(([, text]) => text.length);
  const before = sizes();
  // One frame for the worker to run, and one that waits for it.
  expect(before).toHaveLength(2);
  expect(Math.max(...before)).toBeLessThan(150_000);
  fake?.say([[1, 0, [{ n: 0 }], []]]);
  expect(sizes()).toHaveLength(3);
  // What the worker was told of already makes no room twice.
  fake?.say([[2, 0, [{ n: 1 }], []]]);
  expect(sizes()).toHaveLength(3);
});

test('lane - reads beyond the limit end the worker', async () => {
  const { fakes, ready, lane } = setup();
  await ready();
  const id = fakes[0]?.base();
  const flood = Array.from({ length: 1001 }, (_, op) => [id, op, `k${op}`]);
  expect(fakes[0]?.say([], flood)).toBe(false);
  lane.close();
});

test('lane - an error code the script has no right to becomes SCRIPT_ERROR', async () => {
  const { fakes, call, ready } = setup();
  await ready();
  fakes[0]?.say([[fakes[0].base(), 1, { code: 'UNAUTHENTICATED', message: 'x'.repeat(9999), stack: 5 }, []]]);
  const { results } = await call.result;
  expect(results[0]?.error).toMatchObject({ code: 'SCRIPT_ERROR', message: 'x'.repeat(2000) });
});

test('lane - after a worker ended, what it left unanswered runs alone, one at a time', async () => {
  const { fakes, call, ready } = setup([{ i: 0 }, { i: 1 }, { i: 2 }]);
  await ready();
  const first = fakes[0];
  first?.say([[first.base(), 0, [{ done: 0 }], []]]);
  first?.end('time');
  await ready();
  const second = fakes[1];
  expect(second?.sent.filter(([kind]) => kind === 'R')).toHaveLength(1);
  second?.end('time');
  await ready();
  fakes[2]?.say([[fakes[2].base(), 0, [{ done: 2 }], []]]);
  const { results } = await call.result;
  expect(results.map(({ outcome, error }) => error?.code ?? outcome)).toEqual(['ok', 'SCRIPT_TIMEOUT', 'ok']);
});

test('limits - a call may lower them, never raise them', () => {
  expect(lowered(DEFAULT_LIMITS, { logLines: 5, resultBytes: 1e12, eventsOut: -1 })).toEqual({
    ...DEFAULT_LIMITS,
    logLines: 5,
    eventsOut: 0,
  });
});
