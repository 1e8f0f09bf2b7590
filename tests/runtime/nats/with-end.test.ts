import { expect, test } from '@jest/globals';
import type { BucketHandle } from '../../../runtime/nats/kv/bucket/handles.ts';
import { steadyNow } from '../../../runtime/nats/kv/bucket/server-clock.ts';
import { withEnd } from '../../../runtime/nats/kv/write/ttl.ts';

const MINUTE_MS = 60_000;

test.each([
  [2, 'is told as it was asked for', true],
  [MINUTE_MS, 'is another clock’s, and what is left counts', false],
])('ttl - an end that is %p ms from what is left %s', (ahead, _what, isKept) => {
  const handle = { clockOffset: 0 } as BucketHandle;
  const left = { ttl: MINUTE_MS * 1e6, ttlAt: performance.now() };
  const endsAt = Math.round(steadyNow()) + MINUTE_MS + ahead;
  const told = withEnd(handle, { ...left, endsAt }).endsAt;
  expect(told === endsAt).toBe(isKept);
});
