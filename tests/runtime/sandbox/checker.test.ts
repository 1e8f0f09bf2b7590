import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { createChecker } from '../../../runtime/sandbox/host/checker.ts';
import type { EndReason, WorkerProcess } from '../../../runtime/sandbox/host/worker-process.ts';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

/** Stands in for a process: it tells what it was sent, and what it has used of the processor is what the test says. */
function standIn() {
  let answer: (kind: string, text: string) => unknown = () => true;
  let gone: (reason: EndReason) => void = () => {};
  const sent: { id: number; script: string }[] = [];
  const state = { cpuMs: 0 };
  const worker: WorkerProcess = {
    pid: 0,
    send: (_kind, head) => void sent.push(JSON.parse(head)),
    listen(onFrame, onEnd) {
      answer = (kind, text) => onFrame(kind, text, Buffer.from(text));
      gone = onEnd;
    },
    end: reason => gone(reason),
    cpuMs: () => state.cpuMs,
    resident: () => 0,
    stepBack: () => true,
    ended: Promise.resolve(),
  };
  return { worker, sent, state, accept: () => answer('C', JSON.stringify([sent.at(-1)?.id, null])) };
}

function checkerWith(...workers: ReturnType<typeof standIn>[]) {
  const killed = jest.fn();
  const left = workers.map(({ worker }) => worker);
  const takeWorker = async () => {
    const next = left.shift();
    if (!next) throw new Error('one more worker was asked for');
    return next;
  };
  return { killed, ...createChecker({ takeWorker, onKilled: killed }) };
}

test('check - a script is not too complex because the machine is busy', async () => {
  const one = standIn();
  const { check, killed } = checkerWith(one);
  const checked = check('return $', []);
  await jest.advanceTimersByTimeAsync(15_000);
  one.accept();
  expect(await checked).toEqual({});
  expect(killed).not.toHaveBeenCalled();
});

test('check - a script that is hard to parse costs its own check alone', async () => {
  const [first, second] = [standIn(), standIn()];
  const { check, killed } = checkerWith(first, second);
  const hard = check('hard', []);
  const easy = check('easy', []);
  await jest.advanceTimersByTimeAsync(100);
  first.state.cpuMs = 2_000;
  await jest.advanceTimersByTimeAsync(2_000);
  expect(await hard).toMatchObject({ fault: { message: 'The script is too complex to be parsed.' } });
  expect(killed).toHaveBeenCalledTimes(1);
  second.accept();
  expect(await easy).toEqual({});
  expect([first.sent, second.sent].map(sent => sent.map(({ script }) => script))).toEqual([
    ['hard'],
    ['easy'],
  ]);
});

test('check - a worker that answers nothing is ended, however little it does', async () => {
  const { check } = checkerWith(standIn());
  const checked = check('return $', []);
  await jest.advanceTimersByTimeAsync(20_000);
  expect(await checked).toHaveProperty('fault');
});

test('check - a worker that was idle for long ends, and whoever comes meanwhile has another', async () => {
  const [first, second] = [standIn(), standIn()];
  const { check, killed } = checkerWith(first, second);
  const before = check('return $', []);
  await jest.advanceTimersByTimeAsync(1);
  first.accept();
  await before;
  // A process is gone a moment after it was told to end.
  const end = jest.spyOn(first.worker, 'end').mockImplementation(() => {});
  await jest.advanceTimersByTimeAsync(60_000);
  expect(end).toHaveBeenCalledWith('retired');
  const checked = check('return 1', []);
  await jest.advanceTimersByTimeAsync(1);
  end.mockRestore();
  first.worker.end('retired');
  second.accept();
  expect(await checked).toEqual({});
  expect(killed).not.toHaveBeenCalled();
});

test('check - who is checked when the sandbox closes, and who waits for that, is told so', async () => {
  const { check, close } = checkerWith(standIn());
  const checks = ['return $', 'return 1'].map(script =>
    expect(check(script, [])).rejects.toMatchObject({ code: 'UNAVAILABLE' }),
  );
  await jest.advanceTimersByTimeAsync(1);
  close();
  await Promise.all(checks);
});
