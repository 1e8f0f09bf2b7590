import { expect, test } from '@jest/globals';
import type { ScriptFetch } from '../../runtime/core/scripts.ts';
import { startAccounts } from '../support/accounts.ts';
import { forAll } from '../support/for-all.ts';
import { soon } from '../support/soon.ts';

const accounts = forAll(() => startAccounts());
const put = (script: string, more: object = {}) => ({ script_id: 's', script, ...more });

test('transform scripts - a pinned version runs on: by revision, number and name, beyond the history of the bucket', async () => {
  await using k = accounts.join();
  // What an older build stored has no number yet.
  await k.nats.kv.createBucket(soon(), 'transform_scripts', { history: 64 });
  const older = await k.nats.kv.put(soon(), {
    bucket: 'transform_scripts',
    key: 's',
    value: JSON.stringify({ script: 'return { v: 0 }' }),
  });
  await k.call('transform-script-put', put('return { v: -1 }', { script_id: 'another' }));
  const first = await k.call('transform-script-put', put('return { v: 1 }', { version_name: 'stable' }));
  expect(first).toMatchObject({ number: 2 });
  const run = async (pin: object) =>
    ((await k.call('transform', { script_id: 's', event: {}, ...pin })) as unknown as { events: unknown[] })
      .events[0];
  for (let v = 2; v < 70; v++)
    await k.nats.kv.put(soon(), {
      bucket: 'transform_scripts',
      key: 's',
      value: JSON.stringify({ script: `return { v: ${v} }` }),
    });
  expect(await run({})).toEqual({ v: 69 });
  expect(await run({ script_version: older.revision })).toEqual({ v: 0 });
  expect(await run({ script_version: (first as unknown as { version: number }).version })).toEqual({ v: 1 });
  expect(await run({ script_release: '1' })).toEqual({ v: 0 });
  expect(await run({ script_release: 'stable' })).toEqual({ v: 1 });
  await k.call('transform-script-name', { script_id: 's', release: '1', version_name: 'stable' });
  expect(await run({ script_release: 'stable' })).toEqual({ v: 0 });
  expect(await k.fail('transform', { script_id: 's', event: {}, script_release: '999' })).toMatchObject({
    code: 'KEY_NOT_FOUND',
  });
  const { total, versions } = (await k.call('transform-script-versions', { script_id: 's' })) as unknown as {
    total: number;
    versions: { number: number; names: string[] }[];
  };
  expect(total).toBe(66);
  expect(versions.at(-1)).toMatchObject({ number: 1, names: ['stable'] });
  expect(await k.call('transform-script-rollback', { script_id: 's', release: '2' })).toMatchObject({
    from: 2,
  });
  expect(await run({})).toEqual({ v: 1 });
});

test('transform scripts - a record that is no script is named, and costs only itself', async () => {
  await using k = accounts.join();
  await k.call('transform-script-put', put('return { v: 1 }', { script_id: 'good' }));
  await k.call('transform-script-put', put('return { v: 1 }'));
  const odd = { s: 'no JSON', t: '{"script":1}', u: 'null' };
  for (const [key, value] of Object.entries(odd))
    await k.call('kv-key-put', { bucket: 'transform_scripts', key, value });
  expect(await k.call('transform-script-list', {})).toMatchObject({
    scripts: [{ script_id: 'good' }],
    total: 1,
    unreadable: ['s', 't', 'u'],
  });
  for (const script_id of Object.keys(odd))
    for (const [name, more] of Object.entries({
      'transform-script-get': {},
      transform: { event: {} },
      'transform-test': { events: [{}] },
    }))
      expect(await k.fail(name, { script_id, ...more })).toMatchObject({
        code: 'SCRIPT_ERROR',
        message: expect.stringContaining(`script "${script_id}" cannot be read`),
      });
  expect(await k.call('transform-script-versions', { script_id: 's' })).toMatchObject({
    versions: [{ number: 2, current: true }, { number: 1 }],
  });
  expect(await k.fail('transform-script-rollback', { script_id: 's', release: '2' })).toMatchObject({
    code: 'SCRIPT_ERROR',
  });
  await k.call('transform-script-rollback', { script_id: 's', release: '1' });
  await k.call('transform-script-put', put('return { v: 2 }', { script_id: 't' }));
  expect(await k.call('transform-script-list', {})).toMatchObject({ total: 3, unreadable: ['u'] });
});

test('transform scripts - two stores at once are two versions with numbers of their own', async () => {
  await using k = accounts.join();
  await k.call('transform-script-put', put('return { v: 0 }'));
  const stored = await Promise.all(
    [1, 2, 3, 4].map(v => k.call('transform-script-put', put(`return { v: ${v} }`))),
  );
  const numbers = (stored as unknown as { number: number }[]).map(({ number }) => number);
  expect(numbers.sort()).toEqual([2, 3, 4, 5]);
});

test('transform scripts - tests that fail show the difference, and nothing is stored', async () => {
  await using k = accounts.join();
  const tests = [
    { name: 'fine', events: [{ n: 1 }], expect: [{ n: 2 }] },
    { name: 'kv', events: [{ n: 1 }], kv: { sum: 1 }, expect: [{ n: 3 }], expect_kv: { sum: 5, none: null } },
    { events: [{}], expect: [] },
  ];
  const script =
    'if ($.n === undefined) throw new Error("no n"); await $kv.incr("sum"); return { n: $.n + 1 }';
  const { code, message } = await k.fail('transform-script-put', put(script, { tests }));
  expect(code).toBe('SCRIPT_ERROR');
  expect(message).toContain('kv: events/0/n: expected 3, came 2');
  expect(message).toContain('kv: $kv/sum: expected 5, came 2');
  expect(message).toContain('test 3: event 0: SCRIPT_ERROR: Error: no n');
  expect(message).not.toContain('fine:');
  expect(await k.fail('transform-script-get', { script_id: 's' })).toMatchObject({ code: 'KEY_NOT_FOUND' });
  expect(await k.call('kv-bucket-list', {})).not.toMatchObject({ buckets: [{ bucket: 'transform_kv' }] });
});

test('transform scripts - where the setting warns, one whose tests fail is stored, told, and pinned as any other', async () => {
  await using k = accounts.join({ scripting: { failingTests: 'warn' } });
  const tests = [{ name: 'sum', events: [{ n: 1 }], expect: [{ n: 2 }] }];
  const script = 'return { n: $.n + 2 }';
  expect(await k.call('transform-script-put', put(script, { tests }))).toMatchObject({
    number: 1,
    warnings: [expect.stringContaining('sum: events/0/n: expected 2, came 3')],
  });
  expect(await k.call('transform-script-put', put('return $', { tests: [] }))).not.toHaveProperty('warnings');
  const pinned = { script_id: 's', script_version: 1, event: { n: 1 } };
  expect(await k.call('transform', pinned)).toMatchObject({ events: [{ n: 3 }] });
});

test('transform fetch - an answer is kept in a bucket for as long as the script says, for its namespace alone', async () => {
  const asked: string[] = [];
  const fetch: ScriptFetch = async ({ url, method }) => {
    asked.push(`${method} ${url}`);
    const status = url.endsWith('/gone') ? 404 : 200;
    return { status, statusText: '', headers: [], url, redirected: false, body: `${asked.length}` };
  };
  await using k = accounts.join({ scripting: { fetch } });
  const ask = async (path: string, options: object, namespace = 'a') => {
    const script = `const r = await fetch('https://api.example${path}', ${JSON.stringify(options)}); return { body: await r.text() }`;
    const { events } = await k.call('transform', { script, event: {}, namespace });
    return (events as unknown as { body: string }[])[0]?.body;
  };
  expect([await ask('/x', { ttl: '10m' }), await ask('/x', { ttl: '10m' })]).toEqual(['1', '1']);
  expect(asked).toEqual(['GET https://api.example/x']);
  const kept = await k.nats.kv.keys(soon(), 'transform_fetch', '>');
  expect(kept).toHaveLength(1);
  // Another namespace, one that wants it fresh, another method, and what failed.
  expect(await ask('/x', { ttl: '10m' }, 'b')).toBe('2');
  expect([await ask('/x', {}), await ask('/x', { method: 'POST', ttl: '10m' })]).toEqual(['3', '4']);
  expect([await ask('/gone', { ttl: '10m' }), await ask('/gone', { ttl: '10m' })]).toEqual(['5', '6']);
});

test('transform test - a dry run reads what is stored, and stores nothing', async () => {
  await using k = accounts.join();
  const script = 'export default async (event, { kv }) => ({ n: await kv.incr("n", event.by) })';
  await k.call('transform', { script, event: { by: 5 }, namespace: 'a' });
  const dry = await k.call('transform-test', {
    script,
    events: [{ by: 1 }, { by: 1 }],
    namespace: 'a',
    stored_kv: true,
  });
  expect(dry).toMatchObject({ tests: [{ events: [{ n: 6 }, { n: 7 }], writes: [{ key: 'n', value: 7 }] }] });
  expect(await k.call('transform', { script, event: { by: 1 }, namespace: 'a' })).toMatchObject({
    events: [{ n: 6 }],
  });
});

test('transform - events that fail are kept as dead letters, once each, and a library comes from the store', async () => {
  await using k = accounts.join();
  await k.call('transform-script-put', {
    script_id: 'math',
    script: 'export const half = n => { if (n % 2) throw new RangeError("odd"); return n / 2 }',
  });
  const call = {
    script: "import { half } from 'lib:math@1'\nexport default event => ({ n: half(event.n) })",
    namespace: 'shop',
    on_error: 'dead',
  };
  const ndjson = '{"n":4}\n{"n":3}\n{"n":3}\nno json\n';
  expect(await k.call('transform', { ...call, ndjson })).toMatchObject({ ndjson: '{"n":2}\n' });
  const { items } = (await k.call('kv-key-list', { bucket: 'recognition_dead' })) as unknown as {
    items: { key: string; value: string }[];
  };
  const place = expect.stringMatching(/^transform\.[^.]*shop[^.]*\.inline\./);
  expect(items).toMatchObject([{ key: place }, { key: place }]);
  const letters = await Promise.all(
    items.map(({ key }) => k.call('kv-key-get', { bucket: 'recognition_dead', key })),
  );
  const told = letters.map(letter => JSON.stringify(letter)).sort();
  expect(told.filter(letter => letter.includes('RangeError: odd'))).toHaveLength(1);
  expect(told.filter(letter => letter.includes('no json'))).toHaveLength(1);
});

test.each([
  ['an early return alone', 'if (!$.user) return;\n$.a = 1;', true],
  ['a comment', '// return $', true],
  ['a return at its end', "await $kv.incr('calls'); return;", false],
  ['a return of null', 'if ($.user) return null; $.a = 1;', false],
])(
  'transform scripts - one of %s is told that it skips every event only where it does',
  async (_what, script, isIdle) => {
    await using k = accounts.join();
    const { warnings } = await k.call('transform', { script, event: {} });
    expect(warnings).toEqual(isIdle ? [expect.stringContaining('every event is skipped')] : undefined);
  },
);

test('transform scripts - one that never returns is stored only where that is meant, and its calls are warned', async () => {
  await using k = accounts.join();
  const counts = put("$.seen = true\n  await $kv.incr('calls')");
  expect(await k.fail('transform-script-put', counts)).toMatchObject({
    code: 'SCRIPT_ERROR',
    message: expect.stringMatching(/^Line 2, column 3: .*return/),
  });
  await k.call('transform-script-put', { ...counts, allow_no_return: true });
  const warned = { events: [], warnings: [expect.stringContaining('has no return')] };
  expect(await k.call('transform', { script_id: 's', event: {} })).toMatchObject(warned);
  // One of a build that refused nothing.
  const within = soon();
  const older = {
    bucket: 'transform_scripts',
    key: 'old',
    value: JSON.stringify({ script: '$.a = 1; $.b = 2' }),
  };
  await k.nats.kv.put(within, older);
  expect(await k.call('transform', { script_id: 'old', ndjson: '{}\n' })).toMatchObject(warned);
  expect(
    await k.call('transform', { script: "return { n: await $kv.get('calls') }", event: {} }),
  ).toMatchObject({ events: [{ n: 1 }] });
  expect(await k.fail('transform-script-put', put('const a = ;', { allow_no_return: true }))).toMatchObject({
    code: 'SCRIPT_ERROR',
  });
});

test('transform scripts - versions are compared over a captured watch: a stored one with a text, too', async () => {
  await using k = accounts.join();
  await k.call('kv-bucket-create', { bucket: 'orders' });
  await k.call('transform-script-put', put('return { total: $.price }'));
  await k.call('transform-script-put', put('return $.price > 1 ? { total: $.price } : null'));
  for (const value of ['{"price":1}', '{"price":2}', 'no JSON', '[1]'])
    await k.call('kv-key-put', { bucket: 'orders', key: 'o', value });
  await k.call('kv-key-delete', { bucket: 'orders', key: 'o' });
  await k.call('kv-key-put', { bucket: 'orders', key: 'p', value: '{"price":3}' });
  const start = { bucket: 'orders', start: 'history' };
  const { events } = await k.call('kv-key-watch', start);
  const values = { script_id: 's', before: '1', captured: true };
  // Of a bucket without history what there is: the last value of each key.
  const compared = await k.call('transform-script-compare', { ...values, after: '2', events });
  expect(compared).toMatchObject({ same: 1, different: [] });
  // As lines of a file: the value as it is stored, or read as Live's capture has it.
  const change = (value: unknown) => JSON.stringify({ key: 'o', operation: 'put', revision: 1, value });
  const ndjson = [change('{"price":1}'), change({ price: 2 }), change('x'), '{"key":"o"}'].join('\n');
  expect(await k.call('transform-script-compare', { ...values, after: '2', ndjson })).toMatchObject({
    same: 1,
    different: [{ index: 0, before: { events: [{ total: 1 }] }, after: { events: [] } }],
  });
  const script = 'return { total: $.price, seen: true }';
  expect(await k.call('transform-script-compare', { ...values, script, ndjson })).toMatchObject({
    same: 0,
    different: [{ index: 0 }, { index: 1, differences: ['/events/0/seen: expected nothing, came true'] }],
  });
  const nothing = { ...values, after: '2', ndjson: change('x') };
  expect(await k.fail('transform-script-compare', nothing)).toMatchObject({ code: 'INVALID_INPUT' });
  const both = { ...values, after: '2', script, ndjson };
  expect(await k.fail('transform-script-compare', both)).toMatchObject({ code: 'INVALID_INPUT' });
});

test('transform scripts - two versions are compared by what they make of the lines of a file, fail with, and write to $kv', async () => {
  await using k = accounts.join();
  for (const script of [
    'await $kv.incr("all"); return { n: $.n }',
    'await $kv.incr("all"); if ($.n < 0) throw new Error("negative"); return $.n === 0 ? null : { n: $.n }',
    '/* the same */ await $kv.incr("all"); return { n: $.n }',
    'await $kv.incr("all", 2); return { n: $.n }',
  ])
    await k.call('transform-script-put', put(script));
  const ndjson = '{"n":1}\r\n{"n":-1}\n\n{"n":0}\n';
  const compare = (before: string, after: string) =>
    k.call('transform-script-compare', { script_id: 's', before, after, ndjson });
  expect(await compare('1', '3')).toEqual({ script_id: 's', same: 3, different: [], kv_differences: [] });
  const failed = { events: [], error: expect.stringContaining('negative') };
  expect(await compare('1', '2')).toMatchObject({
    same: 1,
    different: [
      { index: 1, before: { events: [{ n: -1 }] }, after: failed },
      { index: 2, before: { events: [{ n: 0 }] }, after: { events: [] } },
    ],
  });
  expect(await compare('1', '4')).toMatchObject({
    same: 3,
    different: [],
    kv_differences: ['/all/value: expected 3, came 6'],
  });
  expect((await k.call('kv-bucket-list', {})).buckets).not.toContainEqual(
    expect.objectContaining({ bucket: 'transform_kv' }),
  );
});
