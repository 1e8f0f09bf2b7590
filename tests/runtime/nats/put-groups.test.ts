import { expect, test } from '@jest/globals';
import { PackError } from '../../../contract/errors.ts';
import type { KvTransactPut } from '../../../runtime/core/ports/transactions.ts';
import type { BucketHandle } from '../../../runtime/nats/kv/bucket/handles.ts';
import { createGroupStore } from '../../../runtime/nats/kv/transact/group.ts';
import { eventually } from '../../support/eventually.ts';
import { joinNats, startKvflow } from '../../support/kvflow.ts';
import { startNats } from '../../support/nats.ts';
import { connectOfficial } from '../../support/official.ts';
import { soon } from '../../support/soon.ts';
import { startWithOfficial } from '../../support/with-official.ts';

const bucket = 'b';
test('puts that wait together are committed together, each with a revision of its own and in order', async () => {
  await using k = await startWithOfficial();
  const { kv } = k.nats;
  await kv.createBucket(soon(), bucket, { history: 64, max_value_size: 1_000 });
  const puts = Array.from({ length: 600 }, (_, i) => ({
    bucket,
    key: `k.${i % 20}`,
    value: i === 400 ? 'x'.repeat(2_000) : String(i),
  }));
  const answers = await Promise.all(puts.map(put => kv.put(soon(), put).catch(error => error as PackError)));
  expect(answers.filter(answer => answer instanceof PackError)).toMatchObject([{ code: 'VALUE_TOO_LARGE' }]);
  const revisions = answers.flatMap(answer => (answer instanceof PackError ? [] : [answer.revision]));
  expect(revisions).toEqual([...revisions].sort((a, b) => a - b));
  expect(new Set(revisions).size).toBe(599);
  for (const i of [0, 63, 64, 399, 401, 599]) {
    const answer = answers[i] as { revision: number };
    const found = await kv.get(soon(), { bucket, key: `k.${i % 20}`, revision: answer.revision });
    expect(found && 'value' in found && Buffer.from(found.value).toString()).toBe(String(i));
  }
  const batch = async (seq: number) =>
    (await k.official.jsm.streams.getMessage(`KV_${bucket}`, { seq }))?.header.get('Nats-Batch-Id');
  expect(await batch(revisions[0] ?? 0)).toBe('');
  expect(await batch(revisions[300] ?? 0)).not.toBe('');
});

test('callers that put again when their group is answered are in the next group, all of them', async () => {
  const groups: number[] = [];
  const alone: (() => void)[] = [];
  const store = createGroupStore({
    storeAlone: () => new Promise(resolve => alone.push(() => resolve(1))),
    sendBatch: async (_call, _handle, messages) => {
      groups.push(messages.length);
      return { first: 1 };
    },
    maxPayload: () => 0,
  });
  const config = { storage: 'file', allow_atomic: true, max_msgs_per_subject: 1, max_msg_size: -1 };
  const handle = { bucket, config, origin: { bucket, config } } as unknown as BucketHandle;
  const put = () => store(soon(), handle, { key: 'k', value: new Uint8Array(1) });
  const first = Array.from({ length: 64 }, put);
  const callers = Array.from({ length: 100 }, async () => {
    for (let turn = 0; turn < 3; turn++) await put();
  });
  alone.shift()?.();
  await Promise.all(callers);
  expect(groups).toEqual([100, 100, 100]);
  for (const end of alone) end();
  await Promise.all(first);
});

test('a group that the bucket has no room for answers each put by itself', async () => {
  await using k = await startKvflow();
  const { kv } = k.nats;
  await kv.createBucket(soon(), bucket, { max_bytes: 40_000 });
  const puts = Array.from({ length: 400 }, (_, i) => ({ bucket, key: `k.${i}`, value: 'x'.repeat(200) }));
  const answers = await Promise.all(puts.map(put => kv.put(soon(), put).catch(error => error as PackError)));
  const failed = answers.filter(answer => answer instanceof PackError);
  expect(new Set(failed.map(({ code }) => code))).toEqual(new Set(['BUCKET_FULL']));
  const { values, bytes } = await kv.bucketInfo(soon(), bucket);
  expect(values).toBe(400 - failed.length);
  expect(bytes).toBeGreaterThan(35_000);
});

for (const transactions of [true, false]) {
  test(`putMany - answers are each item's own, ${transactions ? 'in commits' : 'in a bucket without transactions'}`, async () => {
    await using k = await startKvflow();
    const { kv } = k.nats;
    await kv.createBucket(soon(), bucket, { transactions, key_ttl: true, max_value_size: 1_000 });
    await kv.put(soon(), { bucket, key: 'k.7', value: 'before' });
    await kv.put(soon(), { bucket, key: 'k.8', value: 'before' });
    await kv.remove(soon(), { bucket, key: 'k.8', operation: 'delete' });
    const puts: KvTransactPut[] = Array.from({ length: 1_500 }, (_, i) => ({
      key: `k.${i}`,
      value: String(i),
      expectedRevision: 0,
    }));
    puts[20] = { key: 'no key', value: 'x' };
    puts[21] = { key: 'k.21', value: 'x'.repeat(2_000) };
    puts[22] = { key: 'k.22', value: 'short', ttl: 60_000_000_000 };
    const answers = await kv.putMany(soon(), bucket, puts);
    const codes = answers.flatMap((answer, i) => (answer instanceof PackError ? [[i, answer.code]] : []));
    expect(codes).toEqual([
      [7, 'REVISION_CONFLICT'],
      [20, 'INVALID_INPUT'],
      [21, 'VALUE_TOO_LARGE'],
    ]);
    expect((answers[7] as PackError).details).toMatchObject({ current_revision: 1 });
    expect(answers[22]).toMatchObject({ expiresAt: expect.any(String) });
    const { revision } = answers[1_499] as { revision: number };
    expect(await kv.get(soon(), { bucket, key: 'k.1499' })).toMatchObject({ revision });
    expect((await kv.bucketInfo(soon(), bucket)).values).toBe(1_498);
  });
}

test('a group is stored before it is acknowledged, also with every write on disk (sync always): of puts under way when the server is killed, the acknowledged are there', async () => {
  await using server = await startNats({ sync: 'always' });
  await using k = joinNats({ servers: [server.url] });
  const { kv } = k.nats;
  await kv.createBucket(soon(), bucket, {});
  const acked: string[] = [];
  const revisions: number[] = [];
  let killed: Promise<void> | undefined;
  const put = async (key: string) => {
    const { revision } = await kv.put(soon(), { bucket, key, value: key });
    acked.push(key);
    revisions.push(revision);
    // Groups are under way behind those that go alone.
    if (acked.length === 150) killed = server.stop('SIGKILL');
  };
  await Promise.allSettled(Array.from({ length: 2_000 }, (_, i) => put(`k.${i}`)));
  expect(killed).toBeDefined();
  await killed;
  await server.start();
  await eventually(() => kv.bucketInfo(soon(), bucket));
  const found = await kv.getMany(soon(), bucket, acked);
  expect(acked.filter((_, at) => found[at] === undefined)).toEqual([]);
  expect(acked.length).toBeLessThan(2_000);
  await using official = await connectOfficial(server.url);
  const stored = await official.jsm.streams.getMessage(`KV_${bucket}`, { seq: Math.max(...revisions) });
  expect(stored?.header.get('Nats-Batch-Id')).not.toBe('');
}, 30_000);
