import { expect, test } from '@jest/globals';
import transform from '../../functions/transform.ts';
import { EVERYTHING } from '../../runtime/core/principal.ts';
import type { ScriptEventResult } from '../../runtime/core/scripts.ts';
import { startAccounts } from '../support/accounts.ts';
import { forAll } from '../support/for-all.ts';

const accounts = forAll(() => startAccounts());

test('transform - lines of JSON come back as lines of JSON, in order, blank ones left out', async () => {
  await using k = accounts.join();
  const ndjson = '{"n":1}\n\n  {"n":2}\r\n \t\n{"n":3,"text":"a\\nb 日本"}';
  const script =
    'if ($.n === 2) return [{ half: 1 }, { half: 2 }]; console.log($.n); return { ...$, seen: true }';
  const answer = await k.call('transform', { script, ndjson });
  expect(answer.ndjson).toBe(
    '{"n":1,"seen":true}\n{"half":1}\n{"half":2}\n{"n":3,"text":"a\\nb 日本","seen":true}\n',
  );
  expect(answer.events).toEqual([]);
  expect(answer.results).toEqual([
    { index: 0, outcome: 'ok', count: 1 },
    { index: 1, outcome: 'ok', count: 2 },
    { index: 2, outcome: 'ok', count: 1 },
  ]);
  expect(answer.logs).toMatchObject([{ index: 0 }, { index: 2 }]);
});

test('transform - a line that is no JSON object costs itself alone and is never passed on', async () => {
  await using k = accounts.join();
  const script = 'if ($.bad) throw new Error("no"); return { ok: $.n }';
  const ndjson = '{"n":1}\n[1]\n {"bad":true} \n{"n":\n{"n":2}\n';
  const skipped = await k.call('transform', { script, ndjson, on_error: 'skip' });
  expect(skipped.ndjson).toBe('{"ok":1}\n{"ok":2}\n');
  expect(skipped.results).toMatchObject([
    { outcome: 'ok' },
    { outcome: 'error', error: { code: 'INVALID_INPUT' } },
    { outcome: 'error', error: { code: 'SCRIPT_ERROR' } },
    { outcome: 'error', error: { code: 'INVALID_INPUT' } },
    { outcome: 'ok' },
  ]);
  const passed = await k.call('transform', { script, ndjson, on_error: 'pass' });
  expect(passed.ndjson).toBe('{"ok":1}\n{"bad":true}\n{"ok":2}\n');
  const failed = await k.fail('transform', { script, ndjson });
  expect(failed).toMatchObject({
    code: 'INVALID_INPUT',
    details: { index: 1, ndjson: '{"ok":1}\n{"ok":2}\n' },
  });
});

test('transform - ndjson has 1 to 1000 events, and is given alone', async () => {
  await using k = accounts.join();
  const lines = (count: number) => '{"n":1}\n'.repeat(count);
  const script = 'null';
  expect((await k.call('transform', { script, ndjson: lines(1000) })).ndjson).toBe('');
  for (const ndjson of ['', '\n \n', lines(1001)])
    expect(await k.fail('transform', { script, ndjson })).toMatchObject({
      code: 'INVALID_INPUT',
      errors: [{ pointer: '/ndjson' }],
    });
  expect((await k.fail('transform', { script, ndjson: lines(1), event: {} })).code).toBe('INVALID_INPUT');
});

test('transform - counts of $kv are as exact for lines as for events', async () => {
  await using k = accounts.join();
  const script = 'return { n: await $kv.incr("n") }';
  const ndjson = '{}\n'.repeat(64);
  const answer = (await k.call('transform', { script, ndjson, timeout_ms: 5_000 })) as unknown as {
    ndjson: string;
  };
  const seen = answer.ndjson
    .trim()
    .split('\n')
    .map(line => (JSON.parse(line) as { n: number }).n);
  expect(seen).toEqual(Array.from({ length: 64 }, (_, i) => i + 1));
});

test('transform - what the lines came to is held by the answer alone, not by what became of each event', async () => {
  const results: ScriptEventResult[] = [
    { index: 0, outcome: 'ok', events: [], count: 1, joined: '{"n":1}\n{"n":2}\n' },
    { index: 1, outcome: 'ok', events: [], count: 1 },
  ];
  const runner = { run: async () => ({ results, logs: [], warnings: [] }) };
  const ctx = { principal: EVERYTHING, scripting: async () => ({ runner, bucket: 'scripts' }) };
  const answer = await transform.run({ script: 'return $', ndjson: '{}\n{}' }, ctx as never);
  expect(answer.ndjson).toBe('{"n":1}\n{"n":2}\n');
  expect(results.flatMap(({ joined }) => joined || [])).toEqual([]);
});
