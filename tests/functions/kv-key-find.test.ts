import { Readable } from 'node:stream';
import { beforeAll, expect, test } from '@jest/globals';
import type { KvKeyFindOutput } from '../../contract/types.gen.ts';
import { exportLines } from '../../runtime/core/bulk-export.ts';
import { importLines } from '../../runtime/core/bulk-import.ts';
import { EVERYTHING } from '../../runtime/core/principal.ts';
import { forAll } from '../support/for-all.ts';
import { joinNats, startKvflow } from '../support/kvflow.ts';
import { startNats } from '../support/nats.ts';

const kvflow = forAll(startKvflow);

beforeAll(async () => {
  await kvflow.call('kv-bucket-create', { bucket: 'b', key_ttl: true, key_encoding: 'base64' });
  const put = (key: string, value: string, more = {}) =>
    kvflow.call('kv-key-put', { bucket: 'b', key, value, ...more });
  await put('tenant8_user_8', 'needle in here');
  await put('tenant8_order_58', 'x'.repeat(2_000));
  await put('Other.json', '{"needle":1}', { ttl: 3_600_000_000_000 });
  await put('a b', 'short');
  await put('gone', 'needle');
  await kvflow.call('kv-key-delete', { bucket: 'b', key: 'gone' });
});

async function look(input: object): Promise<KvKeyFindOutput> {
  return (await kvflow.call('kv-key-find', { bucket: 'b', ...input })) as unknown as KvKeyFindOutput;
}

async function find(query: string, more: object = {}): Promise<string[]> {
  return (await look({ query, ...more })).items.map(({ key }) => key);
}

test.each<[query: string, found: string[]]>([
  ['tenant8_', ['tenant8_user_8', 'tenant8_order_58']],
  ['ORDER', ['tenant8_order_58']],
  ['_58', ['tenant8_order_58']],
  ['*.json', ['Other.json']],
  ['tenant?_user_*', ['tenant8_user_8']],
  ['/^tenant\\d_.*8$/', ['tenant8_user_8', 'tenant8_order_58']],
  ['/other/i', ['Other.json']],
  ['/other/', []],
  ['"a b"', ['a b']],
  ['value:needle', ['tenant8_user_8', 'Other.json']],
  ['value:"needle in"', ['tenant8_user_8']],
  ['size>1k', ['tenant8_order_58']],
  ['size<10', ['a b']],
  ['ttl<2h', ['Other.json']],
  ['age<1h value:needle tenant', ['tenant8_user_8']],
  ['age>1h', []],
  ['', ['tenant8_user_8', 'tenant8_order_58', 'Other.json', 'a b']],
])('kv-key-find - %s finds live keys alone', async (query, found) => {
  expect(await find(query)).toEqual(found);
});

test('kv-key-find - goes on where it was, without missing or repeating a key', async () => {
  const found: string[] = [];
  for (let start_seq = 0, more = true; more; ) {
    const page = await look({ query: '', limit: 1, start_seq });
    found.push(...page.items.map(({ key }) => key));
    [start_seq, more] = [page.next_seq, page.has_more];
  }
  expect(found).toEqual(['tenant8_user_8', 'tenant8_order_58', 'Other.json', 'a b']);
});

test('kv-key-find - an expression that would take for ever elsewhere is answered', async () => {
  await kvflow.call('kv-key-put', { bucket: 'b', key: `${'a'.repeat(200)}!`, value: 'x' });
  expect(await find('/^(a+)+$/')).toEqual([]);
});

test.each([
  ['size>ten', /size>10k/],
  ['age<soon', /age<1d/],
  ['/(/', /no regular expression/],
  ['/(?=x)/', /no regular expression/],
])('kv-key-find - %s is refused by name', async (query, message) => {
  await expect(find(query)).rejects.toThrow(message);
});

test.each<[query: string, found: string[]]>([
  ['js:$.value.needle === 1', ['Other.json']],
  ["js:$.key.endsWith('8') && $.size < 100", ['tenant8_user_8']],
  ['tenant8_ js:$.size > 100', ['tenant8_order_58']],
  ["js:typeof $.value === 'string' && $.value.includes('needle')", ['tenant8_user_8']],
  ['js:$.expires_at', ['Other.json']],
  ['js:$.value.nothing.at.all', []],
  ['js:(() => { globalThis.process?.exit(); return false })()', []],
])('kv-key-find - %s is judged in the sandbox', async (query, found) => {
  expect(await find(query)).toEqual(found);
});

test.each([
  ['js:', 'has nothing behind js:'],
  ['js:$.value.', 'cannot be run'],
  ['js:value.total > 3', 'ReferenceError: value is not defined'],
  ['js:item', 'ReferenceError: item is not defined'],
  ['js:(() => { for (;;); })()', 'cannot be run'],
])('kv-key-find - %s is refused with what is wrong', async (query, message) => {
  const error = await kvflow.fail('kv-key-find', { bucket: 'b', query });
  expect(error).toMatchObject({ code: 'INVALID_INPUT', errors: [{ pointer: '/query' }] });
  expect(error.errors?.[0]?.message).toContain(message);
});

test('kv-key-find - an expression writes nothing, and is not run for who may run no scripts', async () => {
  expect(await find("js:($kv.set('written', 1), false)")).toEqual([]);
  expect(await kvflow.call('transform-session-list', { namespace: 'search' })).toMatchObject({ total: 0 });
  const principal = { ...EVERYTHING, name: 'finder', functions: ['kv-*'] };
  expect(await kvflow.fail('kv-key-find', { bucket: 'b', query: 'js:true' }, { principal })).toMatchObject({
    code: 'FORBIDDEN',
    message: 'API key "finder" may not call transform-test.',
  });
});

test('kv-key-find - the loops of one caller keep nobody else from the same search, and their own from being run for a while', async () => {
  for (const bucket of ['loud', 'calm']) {
    await kvflow.call('kv-bucket-create', { bucket });
    await kvflow.call('kv-key-put', { bucket, key: 'a', value: JSON.stringify({ loop: bucket === 'loud' }) });
  }
  const principalOf = (name: string) => ({ principal: { ...EVERYTHING, name } });
  const query = 'js:(() => { for (; $.value.loop; ); return true })()';
  for (let time = 0; time < 3; time++)
    expect(await kvflow.fail('kv-key-find', { bucket: 'loud', query }, principalOf('loud'))).toMatchObject({
      code: 'INVALID_INPUT',
    });
  expect(await kvflow.fail('kv-key-find', { bucket: 'loud', query }, principalOf('loud'))).toMatchObject({
    code: 'RATE_LIMITED',
    retryable: true,
    details: { retry_after_ms: expect.any(Number) },
  });
  expect(await kvflow.call('kv-key-find', { bucket: 'calm', query }, principalOf('calm'))).toMatchObject({
    items: [{ key: 'a' }],
  });
  const shop = { principal: { ...EVERYTHING, name: 'shop', namespaces: ['shop'] } };
  expect(await kvflow.fail('kv-key-find', { bucket: 'calm', query }, shop)).toMatchObject({
    code: 'FORBIDDEN',
    message: 'API key "shop" may not use namespace "search".',
  });
});

test('kv-key-find - an expression gets no value that is nested too deeply, and a text of brackets as text', async () => {
  await kvflow.call('kv-bucket-create', { bucket: 'deep' });
  const put = (key: string, value: string) => kvflow.call('kv-key-put', { bucket: 'deep', key, value });
  await put('nested', '['.repeat(8_000) + ']'.repeat(8_000));
  await put('text', '['.repeat(8_000));
  await put('flat', '{"a":1}');
  const found = async (query: string) => await find(query, { bucket: 'deep' });
  expect(await found('js:$.value.a === 1')).toEqual(['flat']);
  expect(await found("js:typeof $.value === 'string'")).toEqual(['text']);
  expect(await found('js:$.size > 10_000')).toEqual(['nested']);
  const asked = { bucket: 'deep', query: 'js:!$.value' };
  expect(await kvflow.call('kv-key-find', asked)).toMatchObject({ items: [], unjudged: ['nested'] });
});

test('kv-key-find - values up to 1 MiB are judged, and larger ones are named, never purged and never left out in silence', async () => {
  await using server = await startNats({ extra: 'max_payload: 4MB' });
  await using k = joinNats({ servers: [server.url] });
  for (const bucket of ['b', 'to']) await k.call('kv-bucket-create', { bucket });
  const MIB = 1_048_576;
  const json = (size: number) => `{"a":1,"pad":"${'x'.repeat(size - 16)}"}`;
  const values: Record<string, string> = {
    small: '{"a":1}',
    'quarter-and-one': json(MIB / 4 + 1),
    'one-mib': json(MIB),
    objects: `[${'{},'.repeat(MIB / 4)}{}]`,
    larger: json(MIB + 1),
    other: '0',
  };
  for (const [key, value] of Object.entries(values)) await k.call('kv-key-put', { bucket: 'b', key, value });
  const judged = ['small', 'quarter-and-one', 'one-mib'];
  const query = 'js:$.value.a === 1';
  const ones = { bucket: 'b', query };
  expect(await k.call('kv-key-find', ones)).toMatchObject({
    items: judged.map(key => ({ key })),
    unjudged: ['larger'],
  });
  expect(await k.call('kv-bucket-export', ones)).toMatchObject({
    records: judged.map(key => ({ key })),
    unjudged: ['larger'],
  });
  const failed = [{ key: 'larger', error: { code: 'VALUE_TOO_LARGE' } }];
  expect(await k.call('kv-bucket-copy', { ...ones, to_bucket: 'to' })).toMatchObject({ copied: 3, failed });
  const sized = { bucket: 'b', query: 'size<1m js:$.value.a === 1' };
  expect((await k.call('kv-key-find', sized)).unjudged).toBeUndefined();
  expect(await k.call('kv-key-find', { bucket: 'b', query: 'js:$.size > 1_048_576' })).toMatchObject({
    items: [{ key: 'larger' }],
  });
  expect(await k.call('kv-key-find', { bucket: 'b', query: 'js:Array.isArray($.value)' })).toMatchObject({
    items: [{ key: 'objects' }],
  });
  const lines: string[] = [];
  for await (const { text } of exportLines(k.invoke, ones)) lines.push(text);
  expect(JSON.parse(lines.join('').trimEnd().split('\n').at(-1) ?? '')).toMatchObject({
    end: true,
    records: 3,
    unjudged: ['larger'],
  });
  await expect(
    importLines(k.invoke, Readable.from(lines.join('').split('\n')), { bucket: 'to' }),
  ).rejects.toMatchObject({
    message: expect.stringMatching(/lacks "larger": their values are too large/),
    details: { skipped: 3 },
  });
  const none = { bucket: 'b', filter: '>', query: 'js:!$.value' };
  const purged = { matched: 1, unjudged: ['larger'] };
  expect(await k.call('kv-key-purge', { ...none, dry_run: true })).toMatchObject({ ...purged, purged: 0 });
  expect(await k.call('kv-key-purge', none)).toMatchObject({ ...purged, purged: 1 });
  expect(await k.call('kv-key-list', { bucket: 'b' })).toMatchObject({
    items: Object.keys(values)
      .slice(0, -1)
      .map(key => ({ key })),
  });
});

test('kv-key-find - an expression has numbers as JSON.parse reads them', async () => {
  await kvflow.call('kv-bucket-create', { bucket: 'numbers' });
  const values = { huge: '1e400', least: '-1e400', null: 'null', minus: '-0', whole: '9007199254740993' };
  for (const [key, value] of Object.entries(values))
    await kvflow.call('kv-key-put', { bucket: 'numbers', key, value });
  const found = async (query: string) => await find(query, { bucket: 'numbers' });
  expect(await found('js:$.value === null')).toEqual(['null']);
  expect(await found('js:$.value === Infinity')).toEqual(['huge']);
  expect(await found('js:$.value < 0')).toEqual(['least']);
  expect(await found('js:Object.is($.value, -0)')).toEqual(['minus']);
  expect(await found('js:$.value === 9007199254740992')).toEqual(['whole']);
});

test('kv-key-find - purge, export and copy take an expression too', async () => {
  const of = { bucket: 'b', query: 'js:$.value.needle === 1' };
  expect(await kvflow.call('kv-key-purge', { ...of, filter: '>', dry_run: true })).toMatchObject({
    matched: 1,
  });
  expect(await kvflow.call('kv-bucket-export', of)).toMatchObject({ records: [{ key: 'Other.json' }] });
  expect(await kvflow.call('kv-bucket-copy', { ...of, to_prefix: 'copy.', dry_run: true })).toMatchObject({
    copied: 1,
  });
});
