/** Who wrote: kept with every write, and shown by history, watches, gets and lists. */
import { expect, test } from '@jest/globals';
import type { WrittenBy } from '../../contract/written-by.ts';
import { commonWrittenBy, formatWrittenBy, parseClaim, parseWrittenBy } from '../../contract/written-by.ts';
import { EVERYTHING } from '../../runtime/core/principal.ts';
import { startKvflow } from '../support/kvflow.ts';
import { postJson } from '../support/post-json.ts';
import { startServed } from '../support/served.ts';
import { bucketOf, madeBucket, SECOND, startBucket } from './kv.ts';

const bucket = 'b';
const claim = { host: 'node-red', flow: 'Bestellungen; key=x', node: 'put ö' };
const principal = { ...EVERYTHING, name: 'shop' };
const all = { ...claim, key: 'shop' };

test('every kind of write keeps the name of the key and what the caller says', async () => {
  await using items = await startBucket(bucket, { history: 2, key_ttl: true });
  const call = (name: string, input: object) =>
    items.kvflow.call(name, { bucket, ...input }, { principal, by: claim });
  const writes: [key: string, work: (key: string) => Promise<unknown>][] = [
    ['put', key => call('kv-key-put', { key, value: '1' })],
    ['put-on', key => call('kv-key-put', { key, value: '1', expected_revision: 0 })],
    ['put-ttl', key => call('kv-key-put', { key, value: '1', ttl: 600 * SECOND })],
    ['put-many', key => call('kv-key-put-many', { items: [{ key, value: '1' }] })],
    ['import', key => call('kv-bucket-import', { records: [{ key, value: '1' }] })],
    ['transact', key => call('kv-transact', { operations: [{ op: 'put', key, value: '1' }] })],
    [
      'two',
      key => call('kv-transact', { operations: ['x', 'two'].map(k => ({ op: 'put', key: k, value: key })) }),
    ],
    ['count', key => call('kv-key-increment', { key })],
    ['patch', key => call('kv-key-patch', { key, merge: { a: 1 }, initial: {} })],
    ['append', key => call('kv-key-append', { key, value: 'x' })],
    ['get-or-put', key => call('kv-key-get-or-put', { key, value: '1' })],
    ['lock', key => call('kv-lock-acquire', { key })],
  ];
  for (const [key, write] of writes) {
    await write(key);
    expect([key, (await items.history(key)).items.at(-1)?.by]).toEqual([key, all]);
  }
  await call('kv-key-touch', { key: 'put-ttl', ttl: 60 * SECOND });
  await call('kv-key-revert', { key: 'put-ttl', revision: (await items.get('put')).revision }).catch(
    () => undefined,
  );
  await call('kv-key-delete', { key: 'put' });
  await call('kv-key-purge', { key: 'count' });
  await call('kv-transact', {
    operations: [
      { op: 'delete', key: 'patch' },
      { op: 'delete', key: 'append' },
    ],
  });
  expect((await items.get('put-ttl')).by).toEqual(all);
  const { items: deleted } = await items.list({ deleted: true });
  expect(deleted).toMatchObject(['put', 'count', 'patch', 'append'].map(key => ({ key, by: all })));
  const { events } = await items.watch({ start: 'current' });
  expect(events.filter(({ by }) => by === undefined).map(({ key }) => key)).toEqual([]);
  await items.put('put', 'by nobody that is known');
  expect((await items.get('put')).by).toBeUndefined();
});

test('a script of transform is named, and a change by several is by what they have in common', async () => {
  await using k = await startKvflow();
  const script = 'await $kv.set("seen", 1); return event;';
  await k.call('transform', { event: {}, script, kv_bucket: 'state' }, { principal, by: claim });
  const { items } = await bucketOf(k, 'state').list();
  expect(items[0]?.by).toEqual({ ...all, script: 'inline' });
  const counters = await madeBucket(k, 'counters');
  const nodes = Array.from({ length: 20 }, (_, i) => ({ ...claim, node: `n${i}` }));
  const step = (by: WrittenBy) =>
    k.call('kv-key-increment', { bucket: 'counters', key: 'c' }, { principal, by });
  await Promise.all(nodes.map(step));
  const { node: _node, ...shared } = all;
  expect((await counters.get('c')).by).toMatchObject(shared);
});

test('over HTTP the header says it, for a batch each call', async () => {
  await using k = await startServed();
  await bucketOf(k, bucket).create();
  const post = (path: string, body: object, by?: string) =>
    postJson(k.url + path, body, { ...(by && { 'x-kvflow-by': by }) });
  const put = (key: string) => ({ bucket, key, value: 'x' });
  await post(
    '/functions/kv-key-put/invocations',
    put('one'),
    'host=cron; flow=a%3Bb; key=root; script=s; %%; x=1',
  );
  const batch = [
    { function: 'kv-key-put', input: put('two'), by: 'host=own' },
    { function: 'kv-key-put', input: put('three') },
  ];
  expect((await post('/invocations', { items: batch }, 'host=batch')).status).toBe(200);
  await post('/functions/kv-key-put/invocations', put('four'));
  const { items } = await bucketOf(k, bucket).list();
  expect(items.map(({ by }) => by)).toEqual([
    { host: 'cron', flow: 'a;b' },
    { host: 'own' },
    { host: 'batch' },
    undefined,
  ]);
});

test('a claim is bounded, names neither key nor script, and no API key is kept', () => {
  const by = { host: 'a'.repeat(500), flow: `${'x'.repeat(99)}😀`, node: 'kvf_secretsecretsecret' };
  const text = formatWrittenBy(by);
  expect(text).toMatch(/^[\x20-\x7e]{1,400}$/);
  expect(parseClaim(text)).toEqual({ host: 'a'.repeat(100), flow: 'x'.repeat(99) });
  expect(parseClaim('key=admin; script=s; host=%E0%A4%A; node=kvf_secretsecretsecret')).toBeUndefined();
  expect(parseWrittenBy(formatWrittenBy({ ...all, script: 's' }))).toEqual({ ...all, script: 's' });
  expect(
    commonWrittenBy([
      { key: 'a', host: 'x' },
      { key: 'a', host: 'y' },
    ]),
  ).toEqual({ key: 'a' });
  expect(commonWrittenBy([{ key: 'a' }, undefined])).toBeUndefined();
});
