import { expect, jest, test } from '@jest/globals';
import { createAlarm } from '../../runtime/sandbox/host/alarm.ts';
import { openSandbox, runner } from '../runtime/sandbox/support.ts';

test('transform - a script without end is stopped in time, however often others call meanwhile', async () => {
  await using sandbox = openSandbox();
  const run = runner(sandbox);
  await run('return $', [{}], { namespace: 'calm' });
  const others: ReturnType<typeof run>[] = [];
  const calling = setInterval(() => others.push(run('return $', [{}], { namespace: 'calm' })), 5);
  try {
    const { results } = await run('await null; for (;;);', [{}], { timeoutMs: 200 });
    expect(results[0]?.error).toMatchObject({ code: 'SCRIPT_TIMEOUT' });
  } finally {
    clearInterval(calling);
  }
  const outcomes = (await Promise.all(others)).map(({ results: [result] }) => result?.outcome);
  expect(new Set(outcomes)).toEqual(new Set(['ok']));
});

test('transform - what looks for scripts without end is not put off by calls', () => {
  jest.useFakeTimers();
  try {
    const ring = jest.fn();
    const alarm = createAlarm(ring);
    alarm.within(1000);
    for (let i = 0; i < 6; i++) {
      alarm.within(25);
      jest.advanceTimersByTime(5);
    }
    expect(ring).toHaveBeenCalledTimes(1);
    jest.advanceTimersByTime(2000);
    expect(ring).toHaveBeenCalledTimes(2);
    alarm.within(25);
    alarm.stop();
    jest.advanceTimersByTime(2000);
    expect(ring).toHaveBeenCalledTimes(2);
  } finally {
    jest.useRealTimers();
  }
});
