import { afterEach, expect, jest, test } from '@jest/globals';
import { newAttempt, SETTLED } from '../../../runtime/sandbox/host/attempt.ts';
import type { Definition } from '../../../runtime/sandbox/host/definition.ts';
import type { OnFrame } from '../../../runtime/sandbox/host/frames.ts';
import { DEFAULT_LIMITS } from '../../../runtime/sandbox/host/limits.ts';
import { createLosses } from '../../../runtime/sandbox/host/losses.ts';
import { createPool } from '../../../runtime/sandbox/host/pool.ts';
import { createQuarantine } from '../../../runtime/sandbox/host/quarantine.ts';
import type { WorkerProcess } from '../../../runtime/sandbox/host/worker-process.ts';
import type { SandboxStats } from '../../../runtime/sandbox/types.ts';

afterEach(() => {
  jest.useRealTimers();
});

test('pool - who waited for a worker has one lane when another becomes idle', async () => {
  const { pool, submit, taken, turn } = setup();
  const first = submit('first');
  await turn();
  submit('second');
  submit('third');
  first.attempt.settled = true;
  first.attempt.lane?.drop();
  taken[0]?.say('a', '');
  await turn();
  expect(taken.map(({ tenant }) => tenant)).toEqual(['first', 'second']);
  expect(taken[1]?.frames()).toEqual(['D', 'R']);
  expect(pool.size()).toBe(1);
  pool.close();
});

test('pool - who waits when it closes is told so, and no other worker is taken', async () => {
  const { pool, submit, taken, turn } = setup();
  const calls = [submit('first')];
  await turn();
  calls.push(submit('second'), submit('third'));
  pool.close();
  await turn();
  expect(calls.map(({ faults }) => faults)).toEqual([['UNAVAILABLE'], ['UNAVAILABLE'], ['UNAVAILABLE']]);
  expect([taken.length, pool.size(), pool.load()]).toEqual([1, 0, 0]);
});

test('pool - a lane keeps its place while its worker starts, and has its time from then on', async () => {
  jest.useFakeTimers({ doNotFake: ['setImmediate'] });
  let start = () => {};
  const { pool, submit, taken, turn } = setup(() => new Promise<void>(resolve => (start = resolve)));
  submit('first');
  submit('second');
  await jest.advanceTimersByTimeAsync(3_000);
  expect(pool.load()).toBe(2);
  start();
  await turn();
  await jest.advanceTimersByTimeAsync(400);
  expect(taken.map(({ tenant, frames }) => [tenant, frames()])).toEqual([['first', ['D', 'R']]]);
  await jest.advanceTimersByTimeAsync(200);
  taken[0]?.say('O', '[]');
  start();
  await turn();
  pool.close();
});

test('pool - what will soon be done has one worker, and what takes long has a second one', async () => {
  jest.useFakeTimers({ doNotFake: ['setImmediate'] });
  const { pool, submit, taken, turn } = setup(undefined, 2);
  const runOne = async (ms: number, id: number) => {
    submit('one');
    await turn();
    await jest.advanceTimersByTimeAsync(ms);
    taken[0]?.say('O', `{"r":[[${id},0,[2]]],"k":[]}\n{}`);
    await turn();
  };
  await runOne(1, 1);
  submit('one');
  submit('one');
  await turn();
  expect(taken.map(({ frames }) => frames())).toEqual([['D', 'R', 'R']]);
  // The first of the two turns out to be none of the short ones.
  await jest.advanceTimersByTimeAsync(11);
  submit('one');
  await turn();
  expect(taken.map(({ frames }) => frames())).toEqual([
    ['D', 'R', 'R'],
    ['D', 'R'],
  ]);
  pool.close();
});

test('pool - where this process has no time to spare, what takes a little longer has no second worker', async () => {
  jest.useFakeTimers({ doNotFake: ['setImmediate'] });
  const { pool, submit, taken, turn } = setup(undefined, 2, false);
  submit('one');
  await turn();
  taken[0]?.say('O', '{"r":[[1,0,[2]]],"k":[]}\n{}');
  submit('one');
  await turn();
  await jest.advanceTimersByTimeAsync(90);
  submit('one');
  await turn();
  expect(taken).toHaveLength(1);
  await jest.advanceTimersByTimeAsync(20);
  submit('one');
  await turn();
  expect(taken).toHaveLength(2);
  pool.close();
});

test('pool - nothing waits for a second worker that starts where the first one is done sooner', async () => {
  jest.useFakeTimers({ doNotFake: ['setImmediate'] });
  const starts: (() => void)[] = [];
  const { pool, submit, taken, turn } = setup(() => new Promise<void>(resolve => starts.push(resolve)), 2);
  submit('one');
  await turn();
  starts[0]?.();
  await turn();
  taken[0]?.say('O', '{"r":[[1,0,[2]]],"k":[]}\n{}');
  const running = submit('one').attempt;
  await turn();
  await jest.advanceTimersByTimeAsync(11);
  const [late, ...later] = Array.from({ length: 5 }, () => submit('one').attempt);
  await turn();
  expect(starts).toHaveLength(2);
  expect([late, ...later].map(({ lane } = running) => lane === running.lane)).toEqual([
    false,
    true,
    true,
    true,
    true,
  ]);
  // Where all that the first one has takes as long as a start, they wait for either.
  await jest.advanceTimersByTimeAsync(150);
  expect(submit('one').attempt.lane).toBe(late?.lane);
  pool.close();
});

test('pool - nor do blocks, of which nothing is known of a worker that starts, and one that starts is enough', async () => {
  jest.useFakeTimers({ doNotFake: ['setImmediate'] });
  const starts: (() => void)[] = [];
  const { pool, submit, taken, turn } = setup(() => new Promise<void>(resolve => starts.push(resolve)), 4);
  const block = () => submit('one', 'return $', 20).attempt;
  block();
  await turn();
  starts[0]?.();
  await turn();
  await jest.advanceTimersByTimeAsync(60);
  taken[0]?.say('O', `{"r":[[1,4,[60],[]]],"k":[]}\n${'{}\n'.repeat(20)}`);
  const running = block();
  await turn();
  const [late, next] = [block(), block()];
  await turn();
  expect(starts).toHaveLength(2);
  expect([late.lane === running.lane, next.lane === running.lane]).toEqual([false, true]);
  pool.close();
});

test('pool - of a script that was not seen to be short a second call has a second worker', async () => {
  jest.useFakeTimers({ doNotFake: ['setImmediate'] });
  const { pool, submit, taken, turn } = setup(undefined, 2);
  submit('one');
  await turn();
  taken[0]?.say('O', '{"r":[[1,0,[2]]],"k":[]}\n{}');
  submit('one', 'return slow($)');
  submit('one', 'return slow($)');
  await turn();
  expect(taken.map(({ frames }) => frames())).toEqual([
    ['D', 'R', 'D', 'R'],
    ['D', 'R'],
  ]);
  pool.close();
});

test('pool - the first blocks of a script wait for one worker, and single events do not', async () => {
  const blocks = setup(undefined, 2);
  for (let n = 0; n < 3; n++) blocks.submit('one', 'return $', 2);
  await blocks.turn();
  expect(blocks.taken).toHaveLength(1);
  blocks.pool.close();
  const events = setup(undefined, 2);
  for (let n = 0; n < 3; n++) events.submit('one');
  await events.turn();
  expect(events.taken).toHaveLength(2);
  events.pool.close();
});

test('pool - what would wait behind another script than the one that is known to be short has a second worker', async () => {
  jest.useFakeTimers({ doNotFake: ['setImmediate'] });
  const { pool, submit, taken, turn } = setup(undefined, 2);
  submit('one');
  await turn();
  taken[0]?.say('O', '{"r":[[1,0,[2]]],"k":[]}\n{}');
  submit('one');
  submit('one', 'return slow($)');
  submit('one');
  await turn();
  expect(taken.map(({ frames }) => frames())).toEqual([
    ['D', 'R', 'R', 'D', 'R'],
    ['D', 'R'],
  ]);
  pool.close();
});

test('pool - behind a first block that does not end others wait no longer', async () => {
  jest.useFakeTimers({ doNotFake: ['setImmediate'] });
  const { pool, submit, taken, turn } = setup(undefined, 2);
  submit('one', 'return $', 2);
  await turn();
  await jest.advanceTimersByTimeAsync(201);
  submit('one', 'return $', 2);
  await turn();
  expect(taken).toHaveLength(2);
  pool.close();
});

/** A pool of one worker or some, and events of one tenant each. */
function setup(started: () => Promise<void> = async () => {}, workers = 1, hasTime = true) {
  const taken: ReturnType<typeof fakeWorker>[] = [];
  const pool = createPool({
    maxWorkers: workers,
    maxExtra: 0,
    maxPerNamespace: workers,
    idleMs: 60_000,
    spareTime: { look: () => {}, isThere: () => hasTime },
    lane: {
      takeWorker: async (tenant, { onStart }) => {
        onStart();
        await started();
        const fake = fakeWorker(tenant);
        taken.push(fake);
        return fake.worker;
      },
      losses: createLosses(),
      quarantine: createQuarantine(1000),
      stats: { events: 0, killed: {} } as SandboxStats,
      maxResident: 1e9,
    },
  });
  const submit = (tenant: string, script = 'return $', size?: number) => {
    const faults: string[] = [];
    const fail: typeof SETTLED.fail = (_, { code }) => void faults.push(code);
    const definition = {
      key: script,
      scriptKey: script,
      timeoutMs: 60_000,
      limits: DEFAULT_LIMITS,
    } as Definition;
    const attempt = newAttempt({ ...SETTLED, fail }, definition, { json: '{}', index: 0, seq: 1, size });
    pool.submit(tenant, tenant, [attempt]);
    return { attempt, faults };
  };
  // Frames are sent a turn after they were asked for, to a worker that is taken meanwhile.
  const turn = async () => {
    for (let n = 0; n < 3; n++) await new Promise(resolve => setImmediate(resolve));
  };
  return { pool, submit, taken, turn };
}

function fakeWorker(tenant: string) {
  const sent: string[] = [];
  let onFrame: OnFrame = () => true;
  const worker = {
    pid: 1,
    send: (kind: string) => void sent.push(kind),
    listen: (listener: OnFrame) => {
      onFrame = listener;
    },
    end: () => {},
    cpuMs: () => 0,
    resident: () => 0,
    stepBack: () => true,
  } as unknown as WorkerProcess;
  return {
    tenant,
    worker,
    frames: () => sent,
    say: (kind: string, text: string) => onFrame(kind, text),
  };
}
