import { afterEach, expect, jest, test } from '@jest/globals';
import type { Attempt } from '../../../runtime/sandbox/host/attempt.ts';
import { createLiveness } from '../../../runtime/sandbox/host/liveness.ts';

const block = (key: string, size?: number) => ({ size, definition: { key } }) as Attempt;

afterEach(() => {
  jest.restoreAllMocks();
});

/** The process's own clock stands still, but for what is said here; the answer moves it on by so many milliseconds. */
function ownClock(): (ms: number) => void {
  let now = 1_000;
  jest.spyOn(performance, 'now').mockImplementation(() => now);
  return ms => {
    now += ms;
  };
}

test('liveness - a block that is late under way is not taken for a slow one, and blocks that stay slow are', () => {
  const pass = ownClock();
  const life = createLiveness();
  const run = (ms: number) => {
    pass(ms);
    life.done(100, 'script');
  };
  const wait = () => life.timeFor(200, block('script', 100), true);
  life.begin();
  run(60);
  for (let n = 0; n < 50; n++) run(1);
  expect(wait()).toBeCloseTo(2);
  // Under way still, where the system had something else to do; single events that take so long are waited for.
  pass(150);
  expect(wait()).toBeCloseTo(2);
  expect(life.timeFor(200, block('script'), true)).toBe(150);
  run(0);
  // Frames of one moment: the first has the time of all.
  for (let n = 0; n < 40; n++) {
    run(4);
    for (let more = 0; more < 3; more++) run(0);
  }
  expect(wait()).toBeGreaterThan(1);
  for (let n = 0; n < 10; n++) run(50);
  expect(wait()).toBeGreaterThan(50);
  pass(201);
  expect(wait()).toBe(201);
});

test('liveness - how slow a script is while it is compiled says nothing of its blocks, until it has run for a while', () => {
  const pass = ownClock();
  const life = createLiveness();
  life.begin();
  pass(10);
  life.done(50, 'script');
  expect(life.timeFor(500, block('script', 60), true)).toBe(0);
  expect(life.timeFor(1_900, block('script', 120), true)).toBe(0);
  // Of single events, and of another script, it is all that is known.
  expect(life.timeFor(500, block('script'), true)).toBe(100);
  expect(life.timeFor(500, block('other', 60), true)).toBe(Number.POSITIVE_INFINITY);
  expect(life.timeFor(2_000, block('script', 60), true)).toBe(400);
  pass(100);
  life.done(50, 'script');
  // A fifth of the pace is that of the last block: 0.2 ms, then 2.
  expect(life.timeFor(500, block('script', 60), true)).toBeCloseTo(280);
  // Another script begins anew.
  pass(10);
  life.done(50, 'other');
  expect(life.timeFor(500, block('other', 60), true)).toBe(0);
});
