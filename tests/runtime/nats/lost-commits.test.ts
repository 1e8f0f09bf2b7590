import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import type { Msg } from '@nats-io/transport-node';
import { headers } from '@nats-io/transport-node';
import type { PackError } from '../../../contract/errors.ts';
import type { KvOperation } from '../../../runtime/core/ports/transactions.ts';
import { createJsApi } from '../../../runtime/nats/js-api.ts';
import { createHandles } from '../../../runtime/nats/kv/bucket/handles.ts';
import { createReadTogether } from '../../../runtime/nats/kv/transact/together.ts';
import { createTransact } from '../../../runtime/nats/kv/transact/transact.ts';
import type { Writer } from '../../../runtime/nats/kv/write/writer.ts';
import { eventually } from '../../support/eventually.ts';
import { joinNats, startKvflow } from '../../support/kvflow.ts';
import { startLossyProxy } from '../../support/lossy-proxy.ts';
import { startNats } from '../../support/nats.ts';
import { connectOfficial } from '../../support/official.ts';
import { createRandom } from '../../support/random.ts';
import { seedOf } from '../../support/seed.ts';
import { soon } from '../../support/soon.ts';
import type { Told } from '../../support/transfers.ts';
import { accountsOf, startTransfers } from '../../support/transfers.ts';
import { startWithOfficial } from '../../support/with-official.ts';

const LONG = process.env.KVFLOW_TEST_LONG === '1';
const KILLS = LONG ? 500 : 4;
const bucket = 'b';
const put = (key: string, value: string, more: object = {}): KvOperation => ({
  op: 'put',
  key,
  value,
  ...more,
});

test('transact - a commit whose answer is lost is stored once, and its revisions are answered', async () => {
  await using server = await startNats();
  await using proxy = await startLossyProxy(server.port);
  await using k = joinNats({ servers: [proxy.url] });
  const { kv } = k.nats;
  await kv.createBucket(soon(), bucket, { history: 10 });
  for (let round = 1; round <= 3; round++) {
    proxy.loseAnswer('"count":3');
    const { results } = await kv.transact(soon(), {
      bucket,
      checks: [{ key: 'z', revision: 0 }],
      operations: [
        put('a', String(round)),
        put('b', String(round)),
        put(`c.${round}`, 'x', { expectedRevision: 0 }),
      ],
    });
    expect(proxy.lost()).toBe(round);
    const last = round * 3;
    expect(results.map(({ revision }) => revision)).toEqual([last - 2, last - 1, last]);
    expect(await kv.history(soon(), bucket, 'a')).toHaveLength(round);
  }
});

test('putMany - a chunk whose answer is lost is stored once, each item answered with its revision', async () => {
  await using server = await startNats();
  await using proxy = await startLossyProxy(server.port);
  await using k = joinNats({ servers: [proxy.url] });
  const { kv } = k.nats;
  await kv.createBucket(soon(), bucket, {});
  proxy.loseAnswer('"count":200');
  const puts = Array.from({ length: 200 }, (_, i) => ({ key: `k.${i}`, value: 'x', expectedRevision: 0 }));
  const answers = await kv.putMany(soon(), bucket, puts);
  expect(proxy.lost()).toBe(1);
  expect(answers).toMatchObject(puts.map((_, i) => ({ revision: i + 1 })));
  expect((await kv.bucketInfo(soon(), bucket)).last_seq).toBe(200);
});

test('transact - more commits at once than the server holds open wait for their turn', async () => {
  await using k = await startWithOfficial();
  const { kv } = k.nats;
  await kv.createBucket(soon(), bucket, {});
  // Somebody else leaves as many open as there may be but three; the server forgets them after ten seconds.
  for (let i = 0; i < 47; i++) {
    const open = headers();
    open.set('Nats-Batch-Id', `open.${i}`);
    open.set('Nats-Batch-Sequence', '1');
    await k.official.nc.request(`$KV.${bucket}.open`, 'x', { headers: open, timeout: 5_000 });
  }
  const commits = Array.from({ length: 60 }, (_, i) =>
    kv.transact(soon(), {
      bucket,
      operations: Array.from({ length: 20 }, (_, n) => put(`k.${i}.${n}`, 'x')),
    }),
  );
  const outcomes = await Promise.allSettled(commits);
  const refused = outcomes.flatMap(each =>
    each.status === 'rejected' ? [(each.reason as PackError).code] : [],
  );
  expect(refused).toEqual([]);
  expect((await kv.bucketInfo(soon(), bucket)).values).toBe(60 * 20);
});

test(
  'transact - the server is killed around the answer of a commit: what is told is what is stored',
  async () => {
    await using server = await startNats();
    await using proxy = await startLossyProxy(server.port);
    await using k = joinNats({ servers: [proxy.url] });
    const { kv } = k.nats;
    await kv.createBucket(soon(), bucket, {});
    const outcomes = { stored: 0, refused: 0, unknown: 0 };
    const random = createRandom(seedOf('KVFLOW_MODEL_SEED'));
    for (let round = 0; round < KILLS; round++) {
      // Of every second commit the answer is on its way when the server dies, of the others it may not have begun.
      const isAnswered = round % 2 === 0;
      const lost = proxy.lost();
      if (isAnswered) proxy.loseAnswer('"count":3');
      const keys = ['a', 'b', 'c'].map(key => `${round}.${key}`);
      const told = kv
        .transact(soon(), { bucket, operations: keys.map(key => put(key, 'x', { expectedRevision: 0 })) })
        .then(({ results }) => results.map(({ revision }) => revision))
        .catch((error: PackError) => error.code);
      if (isAnswered) await eventually(() => expect(proxy.lost()).toBe(lost + 1), { every: 1 });
      else await sleep(random.next() * 4);
      await server.stop('SIGKILL');
      await server.start();
      const outcome = await told;
      // A server that starts anew may be away for longer than a call waits for it.
      const found = await eventually(() => kv.getMany(soon(), bucket, keys));
      const revisions = found.map(item => item?.revision);
      if (Array.isArray(outcome)) {
        expect([round, revisions]).toEqual([round, outcome]);
        outcomes.stored += 1;
      } else if (outcome === 'TIMEOUT') {
        expect(new Set(revisions.map(revision => revision === undefined)).size).toBe(1);
        outcomes.unknown += 1;
      } else {
        expect([round, outcome, revisions]).toEqual([round, outcome, [undefined, undefined, undefined]]);
        outcomes.refused += 1;
      }
    }
    console.info(JSON.stringify(outcomes));
    expect(outcomes.stored).toBeGreaterThanOrEqual(KILLS / 2);
  },
  LONG ? 3_600_000 : 60_000,
);

test('transact - refused commits leave none open at the server', async () => {
  await using k = await startWithOfficial();
  const { kv } = k.nats;
  await kv.createBucket(soon(), bucket, {});
  await kv.put(soon(), { bucket, key: 'a', value: '1' });
  const operations = [put('a', '2', { expectedRevision: 0 }), put('b', '2')];
  for (let i = 0; i < 60; i++) {
    await expect(kv.transact(soon(), { bucket, operations })).rejects.toMatchObject({
      code: 'REVISION_CONFLICT',
    });
  }
  // As many as there may be.
  for (let i = 0; i < 50; i++) expect((await openBatch(k.official, i)).data).toHaveLength(0);
  expect((await openBatch(k.official, 50)).json()).toMatchObject({ error: { err_code: 10210 } });
});

test("transact - what a process that was killed in the middle of its commits left open counts no longer than the server's time-out", async () => {
  await using server = await startNats({ jetstream: 'limits { batch { timeout: 1s } }' });
  await using proxy = await startLossyProxy(server.port, { dropsCommits: true });
  await using official = await connectOfficial(server.url);
  await using k = joinNats({ servers: [server.url] });
  const { kv } = k.nats;
  await kv.createBucket(soon(), bucket, {});
  const accounts = accountsOf(kv, bucket, { accounts: 10 });
  await accounts.open();
  const forgotten: string[] = [];
  official.nc.subscribe(`$JS.EVENT.ADVISORY.STREAM.BATCH_ABANDONED.KV_${bucket}`, {
    callback: (_error, msg) => {
      forgotten.push(msg.json<{ reason: string }>().reason);
    },
  });
  await official.nc.flush();
  const told: Told = { stored: new Set(), refused: new Set(), unknown: new Set() };
  const work = { bucket, accounts: 10, callers: 60, name: 'killed', seed: 1, by: 'transact' as const };
  proxy.swallowAnswer('"err_code":10210');
  await using killed = startTransfers({ ...work, servers: [proxy.url] }, told);
  // As many are open as there may be.
  await eventually(() => expect(proxy.lost()).toBe(1));
  await killed.kill();
  await Promise.all(
    Array.from({ length: 10 }, (_, i) =>
      kv.transact(soon(), { bucket, operations: [put(`new.${i}`, 'x'), put(`newer.${i}`, 'x')] }),
    ),
  );
  await eventually(() => expect(forgotten.length).toBeGreaterThanOrEqual(50));
  expect(new Set(forgotten)).toEqual(new Set(['timeout']));
  // Once all of them are forgotten, which may be more than 50, there is room for as many as there may be. A try forgets its own too.
  let opened = 0;
  const forgetsAll = { every: 1_500 };
  await eventually(async () => {
    const again = await Promise.all(Array.from({ length: 50 }, () => openBatch(official, opened++)));
    expect(again.filter(({ data }) => data.length > 0)).toEqual([]);
  }, forgetsAll);
  expect((await kv.bucketInfo(soon(), bucket)).values).toBe(10 + 20);
  await accounts.check();
}, 30_000);

test('getTogether - a replica that is far behind finds nothing: it is asked again, though the keys are written all the time', async () => {
  await using k = await startKvflow();
  const { kv, requests, connection } = k.nats;
  await kv.createBucket(soon(), bucket, {});
  const keys = ['a', 'b'];
  for (const key of keys) await kv.put(soon(), { bucket, key, value: '1' });
  const handles = createHandles({ requests, api: createJsApi(requests), connecting: connection });
  const known = await handles.open(soon(), bucket);
  // Whoever asks for the leader's revision finds that all was written since it was read.
  const streamInfo: typeof known.api.streamInfo = async (call, stream) => {
    for (const key of keys) await kv.put(call, { bucket, key, value: '2' });
    return await known.api.streamInfo(call, stream);
  };
  let asked = 0;
  const collect: typeof requests.collect = async (call, subject, payload, begin) => {
    asked += 1;
    if (asked === 1) begin()({ data: new Uint8Array(0), headers: headers(404, 'No Results') } as Msg);
    else await requests.collect(call, subject, payload, begin);
  };
  const read = createReadTogether({ ...requests, collect });
  const { bySubject } = await read(soon(), { ...known, api: { ...known.api, streamInfo } }, keys);
  expect([asked, bySubject.size]).toEqual([2, 2]);
});

test('transact - refused though every key is as it was expected, it is tried again', async () => {
  await using k = await startKvflow();
  const { kv } = k.nats;
  await kv.createBucket(soon(), bucket, {});
  const { revision } = await kv.put(soon(), { bucket, key: 'a', value: '1' });
  const { requests, connection } = k.nats;
  const handles = createHandles({ requests, api: createJsApi(requests), connecting: connection });
  let asked = 0;
  const transact = createTransact({
    handles,
    writer: {} as Writer,
    readTogether: createReadTogether(requests),
    maxPayload: () => 0,
    sendBatch: async () => (++asked < 3 ? 'refused' : { first: 7 }),
  });
  const checks = [
    { key: 'a', revision },
    { key: 'missing', revision: 0 },
  ];
  const { results } = await transact(soon(), { bucket, checks, operations: [put('b', '1'), put('c', '1')] });
  expect([asked, results.map(each => each.revision)]).toEqual([3, [7, 8]]);
  await kv.put(soon(), { bucket, key: 'a', value: '2' });
  asked = 0;
  await expect(transact(soon(), { bucket, checks, operations: [put('b', '1')] })).rejects.toMatchObject({
    code: 'REVISION_CONFLICT',
    details: { conflicts: [{ key: 'a', expected_revision: revision }] },
  });
});

function openBatch(official: Awaited<ReturnType<typeof connectOfficial>>, i: number) {
  const open = headers();
  open.set('Nats-Batch-Id', `left.${i}`);
  open.set('Nats-Batch-Sequence', '1');
  return official.nc.request(`$KV.${bucket}.open`, 'x', { headers: open, timeout: 5_000 });
}
