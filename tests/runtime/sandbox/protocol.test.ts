import { expect, jest, test } from '@jest/globals';
import { toJsonLines } from '../../../runtime/core/json-lines.ts';
import type { Attempt } from '../../../runtime/sandbox/host/attempt.ts';
import { createBudget } from '../../../runtime/sandbox/host/budget.ts';
import { createCall } from '../../../runtime/sandbox/host/call.ts';
import { createFrameReader, frameOf, type OnFrame } from '../../../runtime/sandbox/host/frames.ts';
import { createLane } from '../../../runtime/sandbox/host/lane.ts';
import { DEFAULT_LIMITS, lowered } from '../../../runtime/sandbox/host/limits.ts';
import { createLosses } from '../../../runtime/sandbox/host/losses.ts';
import { createQuarantine } from '../../../runtime/sandbox/host/quarantine.ts';
import type { EndReason, WorkerProcess } from '../../../runtime/sandbox/host/worker-process.ts';
import { createCommits } from '../../../runtime/sandbox/kv/commits.ts';
import { createKeyLocks } from '../../../runtime/sandbox/kv/locks.ts';
import { createKvMemory } from '../../../runtime/sandbox/kv/memory.ts';
import type { SandboxStats } from '../../../runtime/sandbox/types.ts';
import { memoryStore } from './support.ts';

const encodeFrame = (kind: string, text: string): Buffer =>
  Buffer.concat([
    frameOf(kind, text.slice(0, 1), Buffer.byteLength(text.slice(1))),
    Buffer.from(text.slice(1)),
  ]);

/** As a worker does it: events leave as their lengths, and their texts after the line. */
function encodeOutput(records: unknown[], reads: unknown[]): string {
  let texts = '';
  const heads = records.map(record => {
    const [id, status, events, ...rest] = record as [unknown, unknown, unknown, ...unknown[]];
    if (status !== 0 || !Array.isArray(events)) return record;
    const own = events.map(event => JSON.stringify(event));
    texts += own.join('');
    return [id, status, own.map(text => text.length), ...rest];
  });
  return `${JSON.stringify({ r: heads, k: reads })}\n${texts}`;
}

/** A worker that is a liar: it sends what the test says. */
function fakeWorker() {
  const sent: [kind: string, text: string][] = [];
  let onFrame: OnFrame = () => true;
  let onEnd: (reason: EndReason) => void = () => {};
  const worker: WorkerProcess = {
    pid: 1,
    send: (kind, head, texts = '') => void sent.push([kind, head + texts]),
    listen(frame, end) {
      onFrame = frame;
      onEnd = end;
    },
    end: reason => onEnd(reason),
    cpuMs: () => 0,
    resident: () => 0,
    stepBack: () => true,
    ended: Promise.resolve(),
  };
  const base = () => {
    const [head] = sent.findLast(([kind]) => kind === 'R')?.[1].split('\n') ?? [];
    return (JSON.parse(head ?? '{}') as { b: number }).b;
  };
  return {
    worker,
    sent,
    base,
    say: (records: unknown[], reads: unknown[] = []) => onFrame('O', encodeOutput(records, reads)),
    frame: (kind: string, text: string) => onFrame(kind, text),
    list: (head: unknown, text: string) => onFrame('L', '', Buffer.from(`${JSON.stringify(head)}\n${text}`)),
    end: (reason: EndReason) => onEnd(reason),
  };
}

const linesOf = (events: unknown[]): string => events.map(event => JSON.stringify(event)).join('\n');

function setup(events: unknown[] = [{}], asBlock = false) {
  const fakes: ReturnType<typeof fakeWorker>[] = [];
  const stats = {
    killed: { time: 0, memory: 0, protocol: 0, ended: 0 },
    ignoredFrames: 0,
    events: 0,
    quarantined: 0,
    recycled: 0,
  } as SandboxStats;
  const lane = createLane('t', {
    takeWorker: async () => {
      const fake = fakeWorker();
      fakes.push(fake);
      return fake.worker;
    },
    losses: createLosses(),
    quarantine: createQuarantine(1000),
    stats,
    maxResident: 1e9,
    onIdle: () => {},
    tenant: 't',
    onYield: () => {},
    resubmit: () => {},
  });
  const store = memoryStore(0);
  let seq = 0;
  const call = createCall(
    asBlock
      ? {
          script: 'return $',
          lines: toJsonLines(linesOf(events)),
          joined: true,
          namespace: 't',
          kv: store.kv,
        }
      : { script: '$kv.set', events, namespace: 't', kv: store.kv },
    {
      limits: DEFAULT_LIMITS,
      nextSeq: () => seq++,
      locksOf: () => ({ locks: createKeyLocks(), commits: createCommits(), done: () => {} }),
      memory: createKvMemory(),
      usage: { spendCpu: () => undefined, spendKv: () => undefined },
      budget: createBudget(),
      slot: work => work(),
      fetchSlot: work => work(),
      fetched: { taken: 0 },
      onConflict: () => {},
    },
  );
  lane.push(call.attempts as Attempt[]);
  return { fakes, stats, lane, call, store, ready: () => new Promise(resolve => setImmediate(resolve)) };
}

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
