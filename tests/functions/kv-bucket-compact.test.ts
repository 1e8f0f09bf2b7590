import { expect, test } from '@jest/globals';
import type { KvBucketCompactOutput } from '../../contract/types.gen.ts';
import { createJsApi } from '../../runtime/nats/js-api.ts';
import { markOf, moveAside, notAside } from '../../runtime/nats/kv/bucket/aside.ts';
import type { TestKvflow } from '../support/kvflow.ts';
import { soon } from '../support/soon.ts';
import { startBucket } from './kv.ts';

const compact = async (k: TestKvflow, input: object = {}) =>
  (await k.call('kv-bucket-compact', { bucket: 'b', ...input })) as unknown as KvBucketCompactOutput;

for (const history of [1, 10]) {
  test(`kv-bucket-compact - history ${history}: drops markers with what is under them, and nothing that is live`, async () => {
    await using b = await startBucket('b', { history });
    const k = b.kvflow;
    for (let index = 0; index < 60; index++) await b.put(`k.${index}`, 'v');
    for (let index = 0; index < 40; index++) await b.remove(`k.${index}`);
    for (let index = 40; index < 50; index++) await b.purge({ key: `k.${index}` });
    await b.put('k.0', 'back');
    expect(await compact(k, { dry_run: true })).toMatchObject({ markers: 49, dropped: 0, dry_run: true });
    expect(await compact(k, { older_than: 3_600_000_000_000 })).toMatchObject({ markers: 0, dropped: 0 });
    expect(await compact(k, { filter: 'k.1' })).toMatchObject({ markers: 1, dropped: 1 });
    expect(await compact(k)).toMatchObject({ markers: 48, dropped: 48 });
    expect(await compact(k)).toMatchObject({ markers: 0, dropped: 0 });
    expect((await b.list({ deleted: true })).items).toEqual([]);
    const live = (await b.list({ limit: 1000 })).items.map(({ key }) => key);
    expect(live.toSorted()).toEqual(['k.0', ...Array.from({ length: 10 }, (_, index) => `k.${50 + index}`)]);
    expect(await b.get('k.0')).toMatchObject({ value: 'back' });
  });
}

test('kv-bucket-compact - older_than drops what is older by the clock of the server, whatever ours says', async () => {
  await using b = await startBucket('b');
  const k = b.kvflow;
  for (const key of ['old', 'young']) {
    await b.put(key, 'v');
    await b.remove(key);
  }
  const ended = (await b.list({ deleted: true })).items.map(({ created_at }) => Date.parse(created_at));
  const [old = 0, young = 0] = ended;
  const left = ended.filter(time => time > old);
  const older_than = 3_600_000_000_000;
  const at = async (time: number) => {
    Object.assign(k.nats.kv, { now: async () => time + 3_600_000 });
    return (await compact(k, { older_than, dry_run: true })).markers;
  };
  expect(await at(old - 1)).toBe(0);
  expect(await at(young)).toBe(2);
  expect(await at(old)).toBe(2 - left.length);
  expect(await compact(k, { older_than })).toMatchObject({ dropped: 2 - left.length });
  expect((await b.list({ deleted: true })).items).toHaveLength(left.length);
});

for (const options of [
  {},
  { history: 5 },
  { key_ttl: true },
  { key_ttl: true, history: 5 },
  { ttl: 3_600_000_000_000 },
]) {
  test(`kv-bucket-compact - ${JSON.stringify(options)}: a watch that was away is told, once`, async () => {
    await using b = await startBucket('b', options);
    await b.put('a', 'v');
    await b.put('b', 'v');
    const { next_id, events } = await b.watch({ start: 'current' });
    expect(events).toHaveLength(2);
    await b.remove('a');
    expect(await compact(b.kvflow)).toMatchObject({ dropped: 1 });
    await b.put('c', 'v');
    const away = await b.watch({ start: 'current', after_id: next_id });
    expect(away).toMatchObject({ reset: 'ends_missed', events: [{ key: 'b' }, { key: 'c' }] });
    const again = await b.watch({ start: 'current', after_id: away.next_id, wait_ms: 0 });
    expect([again.reset, again.events]).toEqual([undefined, []]);
    // A first reading by pages goes on, though its place is before what was dropped.
    const first = await b.watch({ start: 'current', limit: 1 });
    const second = await b.watch({ start: 'current', limit: 1, after_id: first.next_id });
    expect([second.reset, second.events]).toMatchObject([undefined, [{ key: 'c' }]]);
    expect((await b.info()).metadata).toEqual({});
    expect(await b.create(options)).toMatchObject({ created: false });
  });
}

test('kv-bucket-compact - a bucket of markers alone is empty afterwards', async () => {
  await using b = await startBucket('b', { history: 10 });
  for (let index = 0; index < 30; index++) {
    await b.put(`k.${index}`, 'v');
    await b.remove(`k.${index}`);
  }
  expect(await compact(b.kvflow)).toMatchObject({ dropped: 30 });
  expect(await b.kvflow.call('kv-bucket-info', { bucket: 'b' })).toMatchObject({ values: 0, bytes: 0 });
});

test('kv-bucket-compact - a bucket whose backup died while it held it still takes writes again', async () => {
  await using b = await startBucket('b');
  await b.put('gone', 'v');
  await b.remove('gone');
  const call = soon();
  const api = createJsApi(b.kvflow.nats.requests);
  const info = await api.streamInfo(call, 'KV_b');
  const longAgo = new Date(Date.now() - 3_600_000).toISOString();
  const aside = await moveAside(call, api, { ...info, ts: longAgo }, 'died');
  // Whoever has no time to wait for it sends a configuration with its subjects all the same.
  const young = { ...aside, ts: longAgo };
  const { config } = await notAside({ deadline: Date.now() }, api, async () => young);
  expect([config.subjects, markOf(config)]).toEqual([info.config.subjects, undefined]);
  expect(markOf((await api.streamInfo(call, 'KV_b')).config)).toBeDefined();
  expect(await compact(b.kvflow)).toMatchObject({ dropped: 1 });
  const after = (await api.streamInfo(call, 'KV_b')).config;
  expect([after.subjects, markOf(after)]).toEqual([info.config.subjects, undefined]);
  expect(await b.put('k', 'v')).toBeDefined();
});
