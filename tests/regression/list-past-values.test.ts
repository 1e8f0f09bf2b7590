/**
 * A bucket whose keys were all rewritten in turn begins with past values alone: a page had to look at each of them before it
 * met the first latest one, and large buckets never got there in time.
 */
import { expect, test } from '@jest/globals';
import { calls, listAll } from '../support/calls.ts';
import { joinNats } from '../support/kvflow.ts';
import { startMonitored } from '../support/monitor.ts';
import { connectOfficial } from '../support/official.ts';

const KEYS = 8_000;
const ROUNDS = 5;

test('listing - past values are not read one by one to get to the latest ones', async () => {
  await using server = await startMonitored();
  await using k = joinNats({ servers: [server.url] });
  await using official = await connectOfficial(server.url);
  const bucket = 'rewritten';
  await calls.create(k, { bucket, history: ROUNDS, storage: 'memory' });
  await official.fill(bucket, KEYS * ROUNDS, i => [`key.${i % KEYS}`, `round ${Math.floor(i / KEYS)}`]);
  await k.call('kv-key-delete', { bucket, key: 'key.9' });
  const keys = Array.from({ length: KEYS }, (_, i) => `key.${i}`).filter(key => key !== 'key.9');
  for (const more of [{ include_values: true }, { include_values: false }]) {
    await server.workSince();
    const first = await calls.list(k, { bucket, limit: 10, ...more });
    expect(first.items.map(({ key }) => key)).toEqual(keys.slice(0, 10));
    // Of 32,000 past values only so many were read as it takes to see that there are very many.
    expect((await server.workSince()).sent).toBeLessThan(20_000);
    // Goes on, from there or in another process; what is written meanwhile comes last, and once.
    await using other = joinNats({ servers: [server.url] });
    const rest = await listAll(other, { bucket, limit: 1_000, start_seq: first.next_seq, ...more });
    expect(rest.map(({ key }) => key)).toEqual(keys.slice(10));
    const written = await calls.put(k, { bucket, key: 'key.20', value: 'again' });
    const again = await listAll(k, { bucket, limit: 1_000, start_seq: first.next_seq, ...more });
    expect(again.map(({ key }) => key)).toEqual([
      ...keys.slice(10).filter(key => key !== 'key.20'),
      'key.20',
    ]);
    expect(again.at(-1)?.sequence).toBe(written.revision);
    // As it was, for the next way of asking.
    keys.push(...keys.splice(keys.indexOf('key.20'), 1));
  }
  const deleted = await listAll(k, { bucket, deleted: true });
  expect(deleted.map(({ key, operation }) => [key, operation])).toEqual([['key.9', 'delete']]);
}, 60_000);
