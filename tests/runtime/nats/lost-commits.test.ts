import { expect, test } from '@jest/globals';
import { headers } from '@nats-io/transport-node';
import type { PackError } from '../../../contract/errors.ts';
import type { KvOperation } from '../../../runtime/core/ports.ts';
import { joinNats, startKvflow } from '../../support/kvflow.ts';
import { startLossyProxy } from '../../support/lossy-proxy.ts';
import { startNats } from '../../support/nats.ts';
import { connectOfficial } from '../../support/official.ts';

const bucket = 'b';
const soon = () => ({ deadline: Date.now() + 15_000 });
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
  await using k = await startKvflow();
  await using official = await connectOfficial(k.server.url);
  const { kv } = k.nats;
  await kv.createBucket(soon(), bucket, {});
  // Somebody else leaves as many open as there may be but three; the server forgets them after ten seconds.
  for (let i = 0; i < 47; i++) {
    const open = headers();
    open.set('Nats-Batch-Id', `open.${i}`);
    open.set('Nats-Batch-Sequence', '1');
    await official.nc.request(`$KV.${bucket}.open`, 'x', { headers: open, timeout: 5_000 });
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
