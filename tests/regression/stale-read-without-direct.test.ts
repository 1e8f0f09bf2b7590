import { expect, test } from '@jest/globals';
import { jetstreamManager } from '@nats-io/jetstream';
import { startKvflow } from '../support/kvflow.ts';
import { asOfficial } from '../support/official.ts';
import { connectPatiently } from '../support/patient-nats.ts';

test('kv-key-get - consistency any works on a bucket of others that answers no direct gets', async () => {
  await using k = await startKvflow();
  const nc = await connectPatiently(asOfficial(k.joined));
  const manager = await jetstreamManager(nc);
  await manager.streams.add({ name: 'KV_b', subjects: ['$KV.b.>'], allow_direct: false });
  await nc.close();
  await k.call('kv-key-put', { bucket: 'b', key: 'a', value: '1' });
  for (const consistency of ['any', 'leader']) {
    expect(await k.call('kv-key-get', { bucket: 'b', key: 'a', consistency })).toMatchObject({ value: '1' });
  }
  expect(await k.call('kv-key-get', { bucket: 'b', key: 'a', revision: 1 })).toMatchObject({ value: '1' });
});
