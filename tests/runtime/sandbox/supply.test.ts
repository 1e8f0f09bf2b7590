import { expect, test } from '@jest/globals';
import { createLosses } from '../../../runtime/sandbox/host/losses.ts';
import { createRestarts, type RestartClock } from '../../../runtime/sandbox/host/restarts.ts';
import { createSupply } from '../../../runtime/sandbox/host/supply.ts';
import type { WorkerProcess } from '../../../runtime/sandbox/host/worker-process.ts';

test('losses - a killed worker is held against its tenant for a minute, one that was used up is not counted', () => {
  let now = 0;
  const losses = createLosses(() => now);
  losses.killed('wild');
  losses.usedUp('large');
  expect([losses.count('wild'), losses.count('large'), losses.count('calm')]).toEqual([1, 0, 0]);
  expect([losses.any('wild'), losses.any('large'), losses.any('calm')]).toEqual([true, true, false]);
  now = 40_000;
  losses.killed('wild');
  expect(losses.count('wild')).toBe(2);
  now = 60_000;
  expect([losses.count('wild'), losses.any('wild'), losses.any('large')]).toEqual([1, true, false]);
  now = 100_000;
  expect([losses.count('wild'), losses.any('wild')]).toEqual([0, false]);
});

test('losses - of many tenants the latest are known', () => {
  const losses = createLosses(() => 0);
  for (let n = 0; n < 1_001; n++) losses.killed(`tenant ${n}`);
  expect([0, 1, 1_000].map(n => losses.any(`tenant ${n}`))).toEqual([false, true, true]);
});

test('supply - warm workers are for who lost none, all others get one that is started for them', async () => {
  const losses = createLosses(() => 0);
  const [warm, fresh] = ['warm', 'fresh'].map(name => ({ name }) as unknown as WorkerProcess);
  if (!warm || !fresh) throw new Error('never');
  const supply = createSupply({ take: async () => warm, start: async () => fresh }, losses);
  const take = (tenant: string) => supply.take(tenant, { isWanted: () => true, onStart: () => {} });
  losses.killed('wild');
  losses.usedUp('large');
  expect(await Promise.all(['wild', 'large', 'calm'].map(take))).toEqual([fresh, fresh, warm]);
  expect(await Promise.all(['wild', 'calm'].map(supply.takeNow))).toEqual([fresh, warm]);
  supply.close();
});

test('restarts - one at a time, who lost fewest first, and as long a rest as each start took', async () => {
  const { clock, starts, restarts } = restartsByHand();
  const order: string[] = [];
  const ask = (name: string, losses: number) =>
    restarts.ask({ losses: () => losses, isWanted: () => true }).then(() => order.push(name));
  const all = [ask('first', 9), ask('many', 5), ask('few', 1), ask('as few', 1)];
  for (const name of ['first', 'few', 'as few', 'many']) {
    expect(starts).toHaveLength(1);
    clock.pass(100);
    starts.shift()?.();
    await settled();
    expect(order.at(-1)).toBe(name);
    expect(starts).toHaveLength(0);
    clock.pass(99);
    expect(starts).toHaveLength(0);
    clock.pass(1);
  }
  await Promise.all(all);
});

test('restarts - the rest after a slow start is a quarter of a second at most, and nobody who comes later waits', async () => {
  const { clock, starts, restarts } = restartsByHand();
  const ask = () => restarts.ask({ losses: () => 1, isWanted: () => true });
  const [first, second] = [ask(), ask()];
  clock.pass(5_000);
  starts.shift()?.();
  await first;
  await settled();
  clock.pass(249);
  expect(starts).toHaveLength(0);
  clock.pass(1);
  expect(starts).toHaveLength(1);
  starts.shift()?.();
  await second;
  await settled();
  clock.pass(1);
  ask();
  expect(starts).toHaveLength(1);
});

test('restarts - who wants none any more, or is there when all ends, gets none', async () => {
  const { starts, restarts } = restartsByHand();
  let isWanted = true;
  const first = restarts.ask({ losses: () => 1, isWanted: () => true });
  const left = restarts.ask({ losses: () => 1, isWanted: () => isWanted });
  isWanted = false;
  starts.shift()?.();
  expect(await Promise.all([first, left])).toEqual(['worker', undefined]);
  restarts.ask({ losses: () => 1, isWanted: () => true });
  const last = restarts.ask({ losses: () => 1, isWanted: () => true });
  restarts.close();
  expect(await last).toBeUndefined();
  expect(starts).toHaveLength(1);
});

/** Starts that end when they are told to, by a clock that goes when it is told to. */
function restartsByHand() {
  const starts: (() => void)[] = [];
  const clock = clockByHand();
  const start = () => new Promise<string>(resolve => void starts.push(() => resolve('worker')));
  return { clock, starts, restarts: createRestarts(start, clock) };
}

function clockByHand(): RestartClock & { pass(ms: number): void } {
  let now = 0;
  let timers: { at: number; then: () => void }[] = [];
  return {
    now: () => now,
    after(ms, then) {
      const timer = { at: now + ms, then };
      timers.push(timer);
      return () => {
        timers = timers.filter(other => other !== timer);
      };
    },
    pass(ms) {
      now += ms;
      const due = timers.filter(({ at }) => at <= now);
      timers = timers.filter(({ at }) => at > now);
      for (const { then } of due) then();
    },
  };
}

function settled(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve));
}
