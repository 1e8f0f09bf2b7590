import { describe, expect, test } from '@jest/globals';
import { eventually } from '../support/eventually.ts';
import { joinNats, startKvflow } from '../support/kvflow.ts';
import { startWithOfficial } from '../support/with-official.ts';
import { bucketOf, madeBucket, SECOND, startBucket } from './kv.ts';

describe('kv-bucket-update', () => {
  test('changes what is named and leaves the rest as it is', async () => {
    await using k = await startKvflow();
    const prefs = bucketOf(k, 'prefs');
    const { created: _c, ...before } = await prefs.create({
      history: 3,
      ttl: 3600 * SECOND,
      metadata: { team: 'a' },
    });
    await prefs.update({ description: 'Settings', max_bytes: 1_000_000, compression: true });
    const expected = { ...before, description: 'Settings', max_bytes: 1_000_000, compression: true };
    expect(await prefs.info()).toMatchObject(expected);
  });

  test('keeps what other tools configured', async () => {
    await using k = await startWithOfficial();
    const prefs = await madeBucket(k, 'prefs');
    const config = { ...(await k.official.config('prefs')), max_consumers: 7 };
    await k.official.jsm.streams.delete('KV_prefs');
    await k.official.addStream(config as unknown as Record<string, unknown>);
    await prefs.update({ history: 9 });
    expect(await k.official.config('prefs')).toMatchObject({ max_consumers: 7, max_msgs_per_subject: 9 });
  });

  test('lowering history drops older values, raising it keeps more from now on', async () => {
    await using prefs = await startBucket('prefs', { history: 5 });
    for (const value of ['1', '2', '3']) await prefs.put('a', value);
    await prefs.update({ history: 1 });
    expect((await prefs.history('a')).items.map(item => item.value)).toEqual(['3']);
    await prefs.update({ history: 2 });
    for (const value of ['4', '5']) await prefs.put('a', value);
    expect((await prefs.history('a')).items.map(item => item.value)).toEqual(['4', '5']);
  });

  test('sets a ttl below two minutes and takes it away again', async () => {
    await using prefs = await startBucket('prefs');
    expect(await prefs.update({ ttl: 2 * SECOND })).toMatchObject({ ttl: 2 * SECOND });
    await prefs.put('a', 'x');
    expect((await prefs.get('a')).expires_at).toBeDefined();
    expect(await prefs.update({ ttl: 0 })).toMatchObject({ ttl: 0 });
    await prefs.put('a', 'x');
    expect((await prefs.get('a')).expires_at).toBeUndefined();
  });

  test('allows a ttl per key from then on, for every process', async () => {
    await using k = await startKvflow();
    await using other = joinNats(k.joined);
    const [here, there] = [bucketOf(k, 'sessions'), bucketOf(other, 'sessions')];
    await here.create();
    const refused = await there.fail('kv-key-put', { key: 'a', value: 'x', ttl: SECOND });
    expect(refused).toMatchObject({ code: 'INVALID_INPUT', errors: [{ pointer: '/ttl' }] });
    expect(refused.message).toMatch(/key_ttl/);
    await here.update({ key_ttl: true });
    await eventually(() => there.put('a', 'x', { ttl: 60 * SECOND }));
    const off = await here.fail('kv-bucket-update', { key_ttl: false });
    expect(off).toMatchObject({ code: 'IMMUTABLE', status_code: 409, details: { immutable: ['key_ttl'] } });
  });

  test('names every option that cannot change and takes those that are the same', async () => {
    await using prefs = await startBucket('prefs');
    await prefs.update({ storage: 'file', key_encoding: 'none' });
    const error = await prefs.fail('kv-bucket-update', {
      storage: 'memory',
      key_encoding: 'base64',
      history: 5,
    });
    expect(error).toMatchObject({ code: 'IMMUTABLE', details: { immutable: ['storage', 'key_encoding'] } });
    expect((await prefs.info()).history).toBe(1);
  });

  test('metadata takes the place of what was there, but for the reserved names', async () => {
    await using prefs = await startBucket('prefs', {
      key_encoding: 'base64',
      metadata: { team: 'a', tier: '1' },
    });
    await prefs.put('Straße 1', 'x');
    expect((await prefs.update({ metadata: { team: 'b' } })).metadata).toEqual({ team: 'b' });
    expect((await prefs.update({ metadata: {} })).metadata).toEqual({});
    expect(await prefs.get('Straße 1')).toMatchObject({ value: 'x' });
  });

  test('republish begins and ends', async () => {
    await using k = await startWithOfficial();
    const prefs = await madeBucket(k, 'prefs');
    const heard: string[] = [];
    k.official.nc.subscribe('changes.>', { callback: (_error, msg) => void heard.push(msg.subject) });
    await k.official.nc.flush();
    await prefs.update({ republish: { source: '$KV.prefs.>', dest: 'changes.>' } });
    await prefs.put('a', 'x');
    await eventually(() => expect(heard).toHaveLength(1));
    expect((await prefs.update({ republish: null })).republish).toBeUndefined();
    await prefs.put('b', 'x');
    await k.official.nc.flush();
    expect(heard).toHaveLength(1);
  });

  test('sources are added and taken away', async () => {
    await using k = await startKvflow();
    const [eu, us, all] = [bucketOf(k, 'eu'), bucketOf(k, 'us'), bucketOf(k, 'all')];
    for (const bucket of [eu, us, all]) await bucket.create();
    await eu.put('order.1', 'eu');
    await us.put('order.2', 'us');
    await all.update({ sources: [{ name: 'eu' }, { name: 'us', filter_subject: 'order.*' }] });
    await eventually(async () => expect((await all.getMany(['order.1', 'order.2'])).items).toHaveLength(2));
    await eu.remove('order.1');
    await eventually(async () => expect((await all.getMany(['order.1'])).items).toHaveLength(0));
    expect((await all.update({ sources: [] })).sources).toBeUndefined();
  });

  test('placement is set and null takes it away', async () => {
    await using prefs = await startBucket('prefs');
    const placement = { cluster: 'east', tags: ['ssd'] };
    expect(await prefs.update({ placement })).toMatchObject({ placement });
    expect((await prefs.update({ placement: null })).placement).toBeUndefined();
  });

  test('says why when replicas cannot be had', async () => {
    await using prefs = await startBucket('prefs');
    const error = await prefs.fail('kv-bucket-update', { num_replicas: 3 });
    expect(error).toMatchObject({ code: 'INVALID_INPUT', errors: [{ pointer: '/num_replicas' }] });
  });

  test('promotes a mirror whose origin is gone to a bucket of its own', async () => {
    await using k = await startKvflow();
    await using other = joinNats(k.joined);
    const [origin, mirror] = [bucketOf(k, 'origin'), bucketOf(k, 'copy')];
    await origin.create({ history: 3 });
    await origin.put('a', '1');
    await mirror.create({ history: 3, mirror: { name: 'origin' } });
    await eventually(async () => expect(await mirror.get('a')).toMatchObject({ value: '1' }));
    await mirror.put('a', '2');
    expect(await origin.get('a')).toMatchObject({ value: '2' });
    await eventually(async () => expect(await mirror.get('a')).toMatchObject({ value: '2' }));
    await origin.drop();

    const promoted = await mirror.update({ mirror: null });
    expect(promoted).toMatchObject({ bucket: 'copy', read_only: false });
    expect(promoted.mirror).toBeUndefined();
    for (const bucket of [mirror, bucketOf(other, 'copy')]) {
      const { revision } = await bucket.put('a', 'own');
      expect(await bucket.get('a')).toMatchObject({ value: 'own', revision });
    }
    expect((await mirror.history('a')).items.map(item => item.value)).toEqual(['2', 'own', 'own']);
    expect((await mirror.list()).items.map(item => item.key)).toEqual(['a']);
    expect(await mirror.increment('count')).toMatchObject({ value: 1 });
  });

  test('does not promote a mirror while its origin is there', async () => {
    await using k = await startKvflow();
    const [origin, mirror] = [bucketOf(k, 'origin'), bucketOf(k, 'copy')];
    await origin.create();
    await mirror.create({ mirror: { name: 'origin' } });
    const error = await mirror.fail('kv-bucket-update', { mirror: null });
    expect(error).toMatchObject({ status_code: 409, code: 'BUCKET_EXISTS' });
    expect((await mirror.info()).mirror).toMatchObject({ name: 'origin' });
  });

  test('answers a bucket that is not there', async () => {
    await using k = await startKvflow();
    expect((await bucketOf(k, 'nowhere').fail('kv-bucket-update', { history: 2 })).code).toBe(
      'BUCKET_NOT_FOUND',
    );
  });
});
