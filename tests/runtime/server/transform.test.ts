import { expect, test } from '@jest/globals';
import { startKvflow } from '../../support/kvflow.ts';
import { postJson } from '../../support/post-json.ts';
import { serve } from '../../support/served.ts';

interface Answer {
  data: { results: object[] };
  error: { code: string; details: { retry_after_ms: number } };
}

test('http - transform says when to come again, and ends when its caller waits no longer', async () => {
  await using kvflow = await startKvflow({ sandbox: { usage: { kvPerMinute: 1 } } });
  await using server = await serve(kvflow);
  const call = async (input: object, headers: Record<string, string> = {}) => {
    const answer = await postJson(`${server.url}/functions/transform/invocations`, input, headers);
    return { status: answer.status, headers: answer.headers, json: (await answer.json()) as Answer };
  };
  const script = 'for (const key of [1, 2, 3]) await $kv.set(key, 1); return $';
  expect(await call({ script, event: {}, namespace: 'shop' })).toMatchObject({ status: 200 });
  const refused = await call({ script, event: {}, namespace: 'shop' });
  expect(refused).toMatchObject({ status: 429, json: { error: { code: 'RATE_LIMITED', retryable: true } } });
  const { retry_after_ms } = refused.json.error.details;
  expect(retry_after_ms).toBeGreaterThan(1_000);
  expect(Number(refused.headers.get('retry-after'))).toBe(Math.ceil(retry_after_ms / 1_000));
  expect(await call({ script, event: {}, namespace: 'another' })).toMatchObject({ status: 200 });

  const never = { script: 'await new Promise(() => {})', events: [{}, {}], timeout_ms: 30_000 };
  const late = await call({ ...never, on_error: 'skip' }, { 'x-timeout-ms': '300' });
  expect(late.json.data.results).toMatchObject([
    { outcome: 'error', error: { code: 'TIMEOUT' } },
    { outcome: 'error', error: { code: 'TIMEOUT' } },
  ]);
});
