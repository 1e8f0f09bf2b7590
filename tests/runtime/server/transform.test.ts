import { expect, test } from '@jest/globals';
import { startKvflow } from '../../support/kvflow.ts';
import { postJson } from '../../support/post-json.ts';
import { createRandom, type Random } from '../../support/random.ts';
import { seedOf } from '../../support/seed.ts';
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

/** Some of them in one block each, some event by event. */
const SCRIPTS = [
  'return $',
  'return { ...$, seen: true }',
  'return $.n % 3 ? [{ a: $.text }, { b: [$] }] : null',
  'if ($.n % 97 === 5) throw new Error("no"); return { ...$, text: $.text + "\\u2028\\"" }',
  'console.log($.n); return { $ }',
  'await $kv.set("n", $.n); return $',
  '$.long = "\\\\\\n".repeat($.n * 50); return $',
];
const PIECES = ['"', '\\', '\n', 'é', '日本', '😀', '\u2028', '\ud800', 'x'.repeat(300), '', '{}'];

test('http - lines are answered over HTTP as everywhere, whatever scripts make of them', async () => {
  const seed = seedOf('KVFLOW_FUZZ_SEED');
  const random = createRandom(seed);
  await using kvflow = await startKvflow();
  await using server = await serve(kvflow);
  for (const script of SCRIPTS) {
    for (const on_error of ['skip', 'pass', 'fail', 'stop']) {
      const input = { script, on_error, ndjson: anyLines(random), namespace: 'lines', timeout_ms: 10_000 };
      const here = await kvflow.invoke('transform', input);
      const answer = await postJson(`${server.url}/functions/transform/invocations`, input);
      expect([seed, await answer.json()]).toEqual([seed, JSON.parse(JSON.stringify(here))]);
    }
  }
});

function anyLines(random: Random): string {
  const count = random.pick([1, 7, 150, 320]);
  const textOf = () => Array.from({ length: random.below(6) }, () => random.pick(PIECES)).join('');
  return Array.from({ length: count }, (_, n) => `${JSON.stringify({ n, text: textOf() })}\n`).join('');
}
