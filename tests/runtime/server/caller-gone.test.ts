import { expect, test } from '@jest/globals';
import { makePlace } from '../transports/cli/kvflow-process.ts';

test('transform - a client that goes away ends its call, and its worker serves the next at once', async () => {
  await using place = await makePlace();
  const { url } = await place.start();
  const call = (script: string, signal: AbortSignal) =>
    fetch(`${url}/functions/transform/invocations`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ script, events: Array(20).fill({}), timeout_ms: 30_000 }),
      signal,
    });
  const busy = 'const t = Date.now(); while (Date.now() - t < 29000); return {}';
  for (let i = 0; i < 6; i++)
    await expect(call(busy, AbortSignal.timeout(i === 0 ? 1_500 : 300))).rejects.toThrow(/abort|timeout/i);
  const answer = await call('return { done: true }', AbortSignal.timeout(15_000));
  expect(answer.status).toBe(200);
});
