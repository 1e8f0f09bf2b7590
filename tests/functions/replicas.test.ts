import { beforeAll, expect, test } from '@jest/globals';
import type { KvBucketExportOutput, KvKeyTreeOutput } from '../../contract/types.gen.ts';
import { isFailure } from '../../runtime/core/envelope.ts';
import { createHealth } from '../../runtime/main/stores/health.ts';
import { calls, listAll, listOnce, pairs } from '../support/calls.ts';
import { endpointsAsked } from '../support/endpoints-asked.ts';
import { eventually } from '../support/eventually.ts';
import { endedAtLast, forAll } from '../support/for-all.ts';
import type { TestKvflow } from '../support/kvflow.ts';
import { joinNats } from '../support/kvflow.ts';
import { startCluster } from '../support/topologies.ts';
import { bucketOf } from './kv.ts';

const HISTORIES = {
  reads: 1,
  'lists-1': 1,
  'lists-5': 5,
  'busy-1': 1,
  'busy-5': 5,
  cas: 1,
  behind: 2,
  lives: 1,
};

/** Listings of each kind while keys are rewritten; `npm run test:listings` makes more. */
const LISTINGS = 10;

const cluster = forAll(() => startCluster(3));
let all: TestKvflow[];

beforeAll(async () => {
  all = cluster.urls.map(url => endedAtLast(joinNats({ servers: [url] })));
  for (const [bucket, history] of Object.entries(HISTORIES)) {
    await calls.create(at(0), { bucket, history, num_replicas: 3 });
  }
  // Replicas begin to answer direct gets some seconds after a bucket was made; only then are these tests worth anything.
  const late = async (i: number) => {
    const { key } = await calls.put(at(i), { bucket: 'behind', key: crypto.randomUUID(), value: 'x' });
    const read = await at(i + 1).invoke('kv-key-get', { bucket: 'behind', key, consistency: 'any' });
    expect(read.status_code).toBe(404);
  };
  let tries = 0;
  await eventually(() => late(tries++), { within: 8_000, every: 2 }).catch(() => undefined);
});

test('replicas - a read right after a write sees it, whichever server is asked', async () => {
  const bucket = 'reads';
  const wrong: number[] = [];
  for (let i = 0; i < 600; i++) {
    const key = i % 2 ? 'same' : `new.${i}`;
    const { revision } = await calls.put(at(i), { bucket, key, value: String(i) });
    const read = await at(i + 1).invoke('kv-key-get', { bucket, key });
    if (isFailure(read) || (read.data as { revision: number }).revision !== revision) wrong.push(i);
  }
  expect(wrong).toEqual([]);
});

for (const history of [1, 5]) {
  test(`replicas - history ${history}: a list right after a write has it`, async () => {
    const bucket = `lists-${history}`;
    const missing: number[] = [];
    for (let i = 0; i < 400; i++) {
      const { revision } = await calls.put(at(i), { bucket, key: `key.${i % 50}`, value: String(i) });
      const page = await calls.list(at(i + 1), { bucket, start_seq: revision - 1 });
      if (page.items[0]?.value !== String(i)) missing.push(i);
    }
    expect(missing).toEqual([]);
    const latest = Array.from({ length: 50 }, (_, i) => [`key.${i}`, String(350 + i)]).sort();
    expect(pairs(await listAll(at(2), { bucket, limit: 7 }))).toEqual(latest);
  });

  test(
    `replicas - history ${history}: listings, exports and trees while keys are rewritten lose none`,
    async () => {
      const bucket = `busy-${history}`;
      const keys = Array.from({ length: 60 }, (_, i) => `key.${i}`).sort();
      for (const key of keys) await calls.put(at(0), { bucket, key, value: 'x' });
      let done = false;
      const writing = [0, 1].map(async first => {
        for (let i = first; !done; i += 2) {
          await calls.put(at(i), { bucket, key: `key.${(i * 7) % 60}`, value: String(i) });
        }
      });
      for (let i = 0; i < LISTINGS; i++) {
        // Whichever process reads the next page: a key that was written again may come again, and none is left out.
        const items = await listAll(at(i), { bucket, limit: 25 });
        expect([...new Set(items.map(({ key }) => key))].sort()).toEqual(keys);
        // By the cursor of one process each comes once.
        const once = await listOnce(at(i), { bucket, limit: 25 });
        expect(once.map(({ key }) => key).sort()).toEqual(keys);
        expect((await exported(at(i + 1), bucket)).sort()).toEqual(keys);
        const tree = (await at(i + 2).call('kv-key-tree', {
          bucket,
          prefix: 'key.',
        })) as unknown as KvKeyTreeOutput;
        expect(tree.children.map(({ key }) => key).sort()).toEqual(keys);
      }
      done = true;
      await Promise.all(writing);
    },
    30_000 + 300 * LISTINGS,
  );
}

/** Keys of an export by pages. */
async function exported(k: TestKvflow, bucket: string): Promise<string[]> {
  const keys: string[] = [];
  for (let from: object | undefined = {}; from; ) {
    const { records, cursor }: KvBucketExportOutput = await bucketOf(k, bucket).export({
      limit: 25,
      ...from,
    });
    keys.push(...records.map(({ key }) => key));
    from = cursor === undefined ? undefined : { cursor };
  }
  return keys;
}

test('replicas - of writers with the same expectation one wins and the others learn the new revision', async () => {
  const bucket = 'cas';
  let revision = 0;
  for (let round = 0; round < 25; round++) {
    const writes = Array.from({ length: 9 }, (_, i) =>
      at(i).invoke('kv-key-put', { bucket, key: 'a', value: `${round}.${i}`, expected_revision: revision }),
    );
    const envelopes = await Promise.all(writes);
    const won = envelopes.flatMap(envelope => (isFailure(envelope) ? [] : [envelope.data]));
    expect(won).toHaveLength(1);
    const next = (won[0] as { revision: number }).revision;
    for (const envelope of envelopes.filter(isFailure)) {
      expect(envelope.error).toMatchObject({
        code: 'REVISION_CONFLICT',
        details: { current_revision: next },
      });
    }
    revision = next;
  }
});

test('replicas - a read through a replica that is behind sees what was acknowledged', async () => {
  const bucket = 'behind';
  const leader = await leaderOf(bucket);
  const [writer, reader] = [at(leader), at(leader + 1)];
  await calls.get(reader, { bucket, key: 'a' }).catch(() => undefined);
  await calls.list(reader, { bucket });
  for (let round = 0; round < 5; round++) {
    // It misses the writes, which two of three acknowledge, and must answer as soon as it is back.
    cluster.servers[(leader + 1) % 3]?.pause();
    const keys = Array.from({ length: 40 }, (_, i) => `key.${round}.${i}`);
    for (const key of keys) await calls.put(writer, { bucket, key, value: 'x' });
    const reads = keys.map(key => reader.invoke('kv-key-get', { bucket, key }));
    const list = calls.list(reader, { bucket, filter: `key.${round}.*` });
    cluster.servers[(leader + 1) % 3]?.resume();
    expect((await Promise.all(reads)).map(({ status_code }) => status_code)).toEqual(keys.map(() => 200));
    expect((await list).items.map(({ key }) => key)).toEqual(keys);
  }
});

test('replicas - a consistent read of a thousand keys sees all that was acknowledged, through whichever server', async () => {
  const bucket = 'together';
  await calls.create(at(0), { bucket, num_replicas: 3 });
  const keys = Array.from({ length: 1_000 }, (_, i) => `key.${i}`);
  for (let round = 0; round < 4; round++) {
    const items = keys.map(key => ({ key, value: String(round) }));
    await at(round).call('kv-key-put-many', { bucket, items });
    const read = await at(round + 1).call('kv-key-get-many', { bucket, keys, consistent: true });
    const found = (read.items ?? []) as { value: string }[];
    expect([found.length, new Set(found.map(({ value }) => value))]).toEqual([
      1_000,
      new Set([String(round)]),
    ]);
  }
  const tooMany = { bucket, keys: [...keys, 'one-more'], consistent: true };
  expect(await at(0).fail('kv-key-get-many', tooMany)).toMatchObject({ code: 'INVALID_INPUT' });
});

test('kv-bucket-create - a cluster has no room for what cannot be, and says so at once and for good', async () => {
  const asked = endpointsAsked(at(0), 'STREAM.CREATE');
  for (const [name, value] of [
    ['num_replicas', 5],
    ['num_replicas', 4],
    ['placement', { cluster: 'nowhere' }],
    ['placement', { tags: ['none'] }],
  ] as const) {
    expect(await at(0).fail('kv-bucket-create', { bucket: 'nowhere', [name]: value })).toMatchObject({
      code: 'INVALID_INPUT',
      retryable: false,
      errors: [{ pointer: `/${name}` }],
    });
    // At once: nothing is tried again.
    expect(asked.splice(0)).toHaveLength(1);
  }
  await calls.create(at(0), { bucket: 'two-copies', num_replicas: 2 });
});

// The last one: it ends a server.
test('replicas - a bucket that is written to is copied at one moment, by any server', async () => {
  const bucket = 'moment';
  await calls.create(at(0), { bucket, history: 2, num_replicas: 3 });
  let running = true;
  const pairsOf = async (kvflow: TestKvflow, i: number) => {
    for (let n = 0; running; n++) {
      const operations = ['a', 'b'].map(key => ({ op: 'put', key: `${key}.${i}`, value: String(n) }));
      await kvflow.call('kv-transact', { bucket, operations });
    }
  };
  const writing = [pairsOf(at(1), 1), pairsOf(at(2), 2)];
  const copied = [0, 1, 2].map(i => ({ bucket, to: `moment-${i}`, by: at(i) }));
  for (const { by, ...copy } of copied) await by.call('kv-bucket-clone', copy, { timeoutMs: 60_000 });
  running = false;
  await Promise.all(writing);
  for (const { to } of copied) {
    const found = new Map(pairs(await listAll(at(0), { bucket: to })) as [string, string][]);
    for (const i of [1, 2]) expect(found.get(`a.${i}`)).toBe(found.get(`b.${i}`));
    expect(await at(1).call('kv-bucket-info', { bucket: to })).toMatchObject({ num_replicas: 3, history: 2 });
  }
}, 60_000);

test('replicas - when the leader dies nothing acknowledged is lost and writes go on', async () => {
  const bucket = 'lives';
  const leader = await leaderOf(bucket);
  const k = at(leader + 1);
  const stored: string[] = [];
  let done = false;
  const writing = (async () => {
    for (let i = 0; !done; i++) {
      const envelope = await k.invoke(
        'kv-key-put',
        { bucket, key: `key.${i}`, value: 'x' },
        { timeoutMs: 500 },
      );
      if (!isFailure(envelope)) stored.push(`key.${i}`);
      else expect(['UNAVAILABLE', 'TIMEOUT']).toContain(envelope.error.code);
    }
  })();
  await eventually(() => expect(stored.length).toBeGreaterThan(50));
  const { revision } = await calls.put(k, { bucket, key: 'cas', value: '0' });
  const dying = [0, 1, 2, 3].map(asker => askThrough(patient(k), { bucket, asker, revision }, () => done));
  await eventually(async () =>
    expect((await calls.get(k, { bucket, key: 'n.3' })).revision).toBeGreaterThan(1),
  );
  await cluster.servers[leader]?.stop('SIGKILL');
  const before = stored.length;
  // Nothing is tried again here: what can be asked twice takes as long as the stream has no leader.
  const keys = new Set((await listAll(patient(k), { bucket, limit: 1000 })).map(({ key }) => key));
  expect(stored.slice(0, before).filter(key => !keys.has(key))).toEqual([]);
  await eventually(() => expect(stored.length).toBeGreaterThan(before + 50), { within: 25_000 });
  done = true;
  const counts = await Promise.all(dying);
  for (const [asker, count] of counts.entries()) {
    expect(await calls.get(k, { bucket, key: `n.${asker}` })).toMatchObject({ value: String(count) });
  }
  await writing;
  const after = new Set((await listAll(k, { bucket, limit: 1000 })).map(({ key }) => key));
  expect(stored.filter(key => !after.has(key))).toEqual([]);
}, 60_000);

test('replicas - where two of three servers are away, kvflow is not ready and says why', async () => {
  const [k] = all as [TestKvflow];
  await cluster.servers[0]?.start().catch(() => undefined);
  const health = createHealth({ nats: k.nats, warnings: () => [] });
  await eventually(async () => expect(await health()).toEqual({ ready: true, warnings: [] }), {
    within: 20_000,
  });
  await Promise.all([1, 2].map(i => cluster.servers[i]?.stop('SIGKILL')));
  await eventually(
    async () =>
      expect(await health()).toEqual({ ready: false, reason: expect.stringContaining('no leader') }),
    { within: 20_000 },
  );
}, 60_000);

/** With time for an election of a stream's leader, which takes 4 to 8 seconds. */
function patient(kvflow: TestKvflow): TestKvflow {
  return { ...kvflow, call: (name, input) => kvflow.call(name, input, { timeoutMs: 30_000 }) };
}

/** Reads, counts and writes on condition, one call after the other, all of which must work; how often it counted. */
async function askThrough(
  k: TestKvflow,
  { bucket, asker, revision }: { bucket: string; asker: number; revision: number },
  isDone: () => boolean,
): Promise<number> {
  let [count, last] = [0, asker === 0 ? revision : 0];
  while (!isDone()) {
    expect(await k.call('kv-key-increment', { bucket, key: `n.${asker}` })).toMatchObject({ value: ++count });
    const key = asker === 0 ? 'cas' : `cas.${asker}`;
    const write = { bucket, key, value: String(count), expected_revision: last };
    last = (await calls.put(k, write)).revision;
    expect(await k.call('kv-key-get', { bucket, key })).toMatchObject({ revision: last });
  }
  return count;
}

/** Index of the server that leads a bucket. */
async function leaderOf(bucket: string): Promise<number> {
  const { buckets } = await calls.buckets(at(0), {});
  const name = buckets.find(info => info.bucket === bucket)?.cluster?.leader;
  return Number(name?.split('-')[1]) - 1;
}

function at(server: number): TestKvflow {
  const kvflow = all[server % all.length];
  if (!kvflow) throw new Error('no such server');
  return kvflow;
}
