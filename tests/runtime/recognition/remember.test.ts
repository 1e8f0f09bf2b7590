/** Events that several calls bring at the same moment; only how often they are written is counted. */
import { expect, test } from '@jest/globals';
import type { KvStore } from '../../../runtime/core/ports/kv-store.ts';
import { startKvflow } from '../../support/kvflow.ts';
import { soon } from '../../support/soon.ts';

const CALLS = 32;
const EVENTS = 100;

test('remember - calls with the same events write each of them twice at most, however many there are', async () => {
  let writes = 0;
  const counting = (kv: KvStore): KvStore => ({
    ...kv,
    putMany: (call, bucket, puts) => {
      writes += puts.length;
      return kv.putMany(call, bucket, puts);
    },
  });
  await using k = await startKvflow({ recognition: kv => ({ kv: counting(kv) }) });
  const events = Array.from({ length: EVENTS }, (_, i) => ({
    event_id: `e${i}`,
    user: { anonymous_id: `v${i % 10}` },
  }));
  const identify = () => k.call('identify', { events, primary_key_fields: ['event_id'] });
  const answers = await Promise.all(Array.from({ length: CALLS }, identify));
  for (const { remembered } of answers) expect(remembered).toBe(EVENTS);
  expect(writes).toBeLessThanOrEqual(2 * CALLS * EVENTS);
  const keys = await k.nats.kv.keys(soon(), 'anonymous_events', '>');
  expect(keys).toHaveLength(EVENTS);
});
