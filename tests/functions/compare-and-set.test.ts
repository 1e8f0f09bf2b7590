import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { isFailure } from '../../runtime/core/envelope.ts';
import { eventually } from '../support/eventually.ts';
import type { TestKvflow } from '../support/kvflow.ts';
import { joinNats, startKvflow, startWithServer } from '../support/kvflow.ts';
import type { TestCluster } from '../support/topologies.ts';
import { startCluster } from '../support/topologies.ts';
import { bucketOf, ENDS, MS, madeBucket, startBucket } from './kv.ts';

describe('expected_revision', () => {
  test.each(ENDS)('0 writes over a key that was $name', async ({ end }) => {
    await using bucket = await startBucket('prefs', { key_ttl: true });
    await end(bucket, 'a');
    const { revision } = await bucket.put('a', 'new', { expected_revision: 0 });
    expect(await bucket.get('a')).toMatchObject({ value: 'new', revision });
    const again = await bucket.fail('kv-key-put', { key: 'a', value: 'x', expected_revision: 0 });
    expect(again).toMatchObject({ code: 'REVISION_CONFLICT', details: { current_revision: revision } });
  });

  test('0 writes over what the ttl of the bucket ended', async () => {
    await using bucket = await startBucket('prefs', { ttl: 200 * MS });
    await bucket.put('a', 'old');
    await eventually(() => bucket.fail('kv-key-get', { key: 'a' }));
    await bucket.put('a', 'new', { expected_revision: 0 });
    await sleep(1_200);
    await bucket.put('a', 'newer', { expected_revision: 0 });
  });

  // The server compares with what it stores: in its last second it does not know yet that an item has expired.
  test.each(ENDS.filter(({ name }) => name !== 'expired, still stored'))(
    'of a key that was $name is no revision to write on',
    async ({ end }) => {
      await using bucket = await startBucket('prefs', { key_ttl: true });
      await end(bucket, 'a');
      const error = await bucket.fail('kv-key-put', { key: 'a', value: 'x', expected_revision: 1 });
      expect(error).toMatchObject({ code: 'REVISION_CONFLICT', details: { current_revision: 0 } });
    },
  );

  test('lets one of many create a key, over a marker too', async () => {
    await using k = await startKvflow();
    await using other = joinNats(k.joined);
    const bucket = await madeBucket(k, 'locks');
    for (let round = 0; round < 10; round++) {
      const input = { bucket: 'locks', key: 'a', value: 'mine', expected_revision: 0 };
      const answers = await Promise.all(
        Array.from({ length: 16 }, (_, index) => (index % 2 ? k : other).invoke('kv-key-put', input)),
      );
      expect(answers.map(answer => answer.status_code).sort()).toEqual([200, ...new Array(15).fill(409)]);
      await bucket.remove('a');
    }
  });
});

describe('a conditional write whose answer is lost', () => {
  test('is not taken for a conflict with itself when NATS is killed', async () => {
    await using k = await startWithServer();
    await madeBucket(k, 'prefs');
    let ended = false;
    const tally = { written: 0, unknown: 0 };
    const writers = Array.from({ length: 64 }, async (_, index) => {
      // Nobody else writes this key, so every conflict would be with a write of its own.
      for (let revision = 0; !ended; ) revision = await next(k, `k${index}`, revision, tally);
    });
    for (let kill = 0; kill < 3; kill++) {
      await sleep(250);
      await k.server.stop('SIGKILL');
      await k.server.start();
    }
    // Each writes again behind the last kill, however long it takes this machine to get there.
    const before = tally.written;
    await eventually(() => expect(tally.written).toBeGreaterThan(before + 64));
    ended = true;
    await Promise.all(writers);
  });
});

/** Writes on the revision last known; reads it again where the outcome is not known. */
async function next(
  k: TestKvflow,
  key: string,
  revision: number,
  tally: { written: number; unknown: number },
): Promise<number> {
  const input = { bucket: 'prefs', key, value: 'x', expected_revision: revision };
  const answer = await k.invoke('kv-key-put', input);
  if (!isFailure(answer)) {
    tally.written += 1;
    return (answer.data as { revision: number }).revision;
  }
  const { code } = answer.error;
  if (code === 'UNAVAILABLE') await sleep(20);
  else if (code === 'TIMEOUT') {
    tally.unknown += 1;
    return await eventually(() => revisionOf(k, key));
  } else throw new Error(JSON.stringify(answer));
  return revision;
}

/** 0 where it does not exist. */
async function revisionOf(k: TestKvflow, key: string): Promise<number> {
  const [item] = (await bucketOf(k, 'prefs').getMany([key])).items;
  return item?.revision ?? 0;
}

describe('on three replicas', () => {
  let cluster: TestCluster;
  let here: TestKvflow;
  let there: TestKvflow;

  beforeAll(async () => {
    cluster = await startCluster(3);
    [here, there] = [
      joinNats({ servers: cluster.urls.slice(0, 1) }),
      joinNats({ servers: cluster.urls.slice(1, 2) }),
    ];
    await eventually(() => bucketOf(here, 'prefs').create({ num_replicas: 3, key_ttl: true }), {
      within: 20_000,
    });
  });

  afterAll(async () => {
    await here[Symbol.asyncDispose]();
    await there[Symbol.asyncDispose]();
    await cluster[Symbol.asyncDispose]();
  });

  test('a conflict tells the current revision, as on one server', async () => {
    const bucket = bucketOf(here, 'prefs');
    const { revision } = await bucket.put('conflict', '1');
    const { revision: current } = await bucket.put('conflict', '2');
    for (const name of ['kv-key-put', 'kv-key-delete', 'kv-key-touch']) {
      const value = name === 'kv-key-put' && { value: 'x' };
      const error = await bucket.fail(name, { key: 'conflict', expected_revision: revision, ...value });
      expect(error).toMatchObject({ code: 'REVISION_CONFLICT', details: { current_revision: current } });
    }
  });

  test.each(ENDS)('0 writes over a key that was $name', async ({ end }) => {
    const bucket = bucketOf(here, 'prefs');
    const key = `end.${crypto.randomUUID()}`;
    await end(bucket, key);
    await bucket.put(key, 'new', { expected_revision: 0 });
    expect(await bucketOf(there, 'prefs').get(key)).toMatchObject({ value: 'new' });
  });

  test('reads see what was written a moment ago, through any server', async () => {
    const [writer, reader] = [bucketOf(here, 'prefs'), bucketOf(there, 'prefs')];
    for (let round = 0; round < 100; round++) {
      const key = `fresh.${round}`;
      const { revision } = await writer.put(key, 'x');
      expect(await reader.get(key)).toMatchObject({ revision });
      expect((await reader.getMany([key])).items).toMatchObject([{ revision }]);
      expect((await reader.history(key)).items).toMatchObject([{ revision }]);
      await writer.remove(key);
      expect((await reader.getMany([key])).missing).toEqual([key]);
    }
  });

  test('counters of several processes lose nothing', async () => {
    const steps = Array.from({ length: 400 }, (_, index) => bucketOf(index % 2 ? here : there, 'prefs'));
    const answers = await Promise.all(steps.map(bucket => bucket.increment('count')));
    expect(new Set(answers.map(answer => answer.value)).size).toBe(400);
    expect(await bucketOf(here, 'prefs').get('count')).toMatchObject({ value: '400' });
  });
});
