/** Buckets of a build before there were transactions: what they answer, and which of ours get them. */
import { expect, test } from '@jest/globals';
import { joinNats, startKvflow } from '../support/kvflow.ts';
import { startLossyProxy } from '../support/lossy-proxy.ts';
import { startNats } from '../support/nats.ts';
import { madeBucket, startBucket } from './kv.ts';

test.each(['file', 'memory'])(
  'import into a bucket without transactions answers the same as into one with them - %s',
  async storage => {
    await using k = await startKvflow();
    const records = [
      ...Array.from({ length: 150 }, (_, n) => ({ key: `k.${n}`, value: `v${n}` })),
      { key: 'k.1', value: 'twice' },
      { key: 'k..', value: 'no key' },
      { key: 'there', value: 'other' },
      { key: 'past', value: 'x', expires_at: '2001-01-01T00:00:00Z' },
    ];
    const answers = [true, false].map(async transactions => {
      const items = await madeBucket(k, `with-${transactions}`, { transactions, storage });
      await items.put('there', 'before');
      const told = [];
      for (const on_conflict of ['skip', 'overwrite', 'fail']) {
        const { status_code } = await k.invoke('kv-bucket-import', {
          bucket: `with-${transactions}`,
          records,
          on_conflict,
        });
        const { items: listed } = await items.list({ limit: 1_000 });
        told.push({ status_code, listed: listed.map(({ key, value }) => [key, value]).toSorted() });
      }
      return told;
    });
    const [withThem, without] = await Promise.all(answers);
    expect(without).toEqual(withThem);
  },
);

test('$kv turns them on in a bucket of ours that was made without, and commits several keys at once', async () => {
  await using state = await startBucket('state', {
    transactions: false,
    key_ttl: true,
    key_encoding: 'base64',
  });
  const script =
    'const n = ((await $kv.get("a")) ?? 0) + 1; await $kv.set("a", n); await $kv.set("b", n); return { n };';
  const run = () => state.kvflow.call('transform', { events: [{}, {}], script, kv_bucket: 'state' });
  const all = await Promise.all([run(), run(), run()]);
  expect(
    all
      .flatMap(({ events }) => events as unknown as { n: number }[])
      .map(({ n }) => n)
      .toSorted(),
  ).toEqual([1, 2, 3, 4, 5, 6]);
  expect((await state.info()).transactions).toBe(true);
  expect((await state.list()).items.map(({ value }) => value)).toEqual(['6', '6']);
});

test('a nats-server 2.11 (stand-in: one that says so): what needs a later one is UNSUPPORTED, the rest works', async () => {
  await using server = await startNats();
  await using proxy = await startLossyProxy(server.port, { asVersion: '2.11.9' });
  await using k = joinNats({ servers: [proxy.url] });
  const refused = await k.fail('kv-bucket-create', { bucket: 'b', transactions: true });
  expect(refused).toMatchObject({
    code: 'UNSUPPORTED',
    message: expect.stringContaining('nats-server 2.12'),
  });
  const items = await madeBucket(k, 'b', { transactions: false, key_ttl: true });
  await items.put('a', '1');
  expect(await k.call('kv-key-increment', { bucket: 'b', key: 'n' })).toMatchObject({ value: 1 });
  const operations = ['a', 'c'].map(key => ({ op: 'put', key, value: '2' }));
  expect(await k.fail('kv-transact', { bucket: 'b', operations })).toMatchObject({ code: 'UNSUPPORTED' });
  expect(await k.call('kv-key-get', { bucket: 'b', key: 'a' })).toMatchObject({ value: '1' });
  // As a 2.11 makes it, which does not know the option.
  const ofScripts = await madeBucket(k, 'transform_kv', {
    transactions: false,
    key_ttl: true,
    key_encoding: 'base64',
  });
  const script = 'await $kv.set("n", 1); await $kv.set("m", 1); return $;';
  const error = await k.fail('transform', { event: {}, script });
  expect(error).toMatchObject({
    code: 'UNSUPPORTED',
    message: expect.stringMatching(/Bucket "transform_kv".*nats-server 2\.12/),
  });
  expect((await ofScripts.list()).items).toEqual([]);
  const plain = await k.call('transform', { event: { n: 1 }, script: 'return $' });
  expect(plain).toMatchObject({ events: [{ n: 1 }] });
  // An event that is nobody's yet is remembered; one that says who it was makes rows of before known.
  const event = (id: string, user: object) => ({ event_id: id, user: { anonymous_id: 'v', ...user } });
  expect(await k.call('identify', { event: event('1', {}) })).toMatchObject({ remembered: 1, failed: [] });
  const known = await k.call('identify', { event: event('2', { id: 'u' }) });
  expect(known).toMatchObject({ failed: [] });
});
