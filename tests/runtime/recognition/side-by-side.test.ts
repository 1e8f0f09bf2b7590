import { expect, test } from '@jest/globals';
import { EVENTS_BUCKET } from '../../../contract/own-buckets.ts';
import { RECOGNITION_DEFAULTS } from '../../../runtime/recognition/settings.ts';
import { event } from '../../support/identify.ts';
import { startKvflow } from '../../support/kvflow.ts';
import { memoryDestination, memoryDestinations } from '../../support/warehouses/memory.ts';

test('identify - the warehouse has its statement without waiting for who the visitors are', async () => {
  const memory = memoryDestination();
  const { load } = memory;
  await using k = await startKvflow({
    recognition: { defaults: RECOGNITION_DEFAULTS, destinations: memoryDestinations(memory) },
  });
  const { getMany } = k.nats.kv;
  const begun = Promise.withResolvers<void>();
  let waited = 0;
  k.nats.kv.getMany = async (call, bucket, keys, ...more) => {
    if (bucket === EVENTS_BUCKET) {
      waited += 1;
      await begun.promise;
    }
    return await getMany(call, bucket, keys, ...more);
  };
  memory.load = async (...asked) => {
    begun.resolve();
    return await load(...asked);
  };
  const events = [event('a', 'v'), event('b', 'w', { id: 'u', email: 'u@x' })];
  await k.call('identify', { destination: 'memory', events });
  expect(waited).toBeGreaterThan(0);
  expect(memory.row('events', 'b')).toMatchObject({ user_id: 'u' });
});
