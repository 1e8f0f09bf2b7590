import { expect, test } from '@jest/globals';
import type { Attempt } from '../../../runtime/sandbox/host/attempt.ts';
import { createLiveness } from '../../../runtime/sandbox/host/liveness.ts';

const block = (key: string, size?: number) => ({ size, definition: { key } }) as Attempt;

function busyFor(ms: number): void {
  for (const start = performance.now(); performance.now() - start < ms; );
}

test('liveness - how slow a script is while it is compiled says nothing of its blocks, until it has run for a while', () => {
  const life = createLiveness();
  life.begin();
  busyFor(10);
  life.done(50, 'script');
  expect(life.timeFor(500, block('script', 60), true)).toBe(0);
  // Of single events, and of another script, it is all that is known.
  expect(life.timeFor(500, block('script'), true)).toBeGreaterThan(50);
  expect(life.timeFor(500, block('other', 60), true)).toBe(Number.POSITIVE_INFINITY);
  expect(life.timeFor(2_000, block('script', 60), true)).toBeGreaterThan(200);
  busyFor(50);
  life.done(50, 'script');
  expect(life.timeFor(500, block('script', 60), true)).toBeGreaterThan(200);
  // Another script begins anew.
  busyFor(10);
  life.done(50, 'other');
  expect(life.timeFor(500, block('other', 60), true)).toBe(0);
});
