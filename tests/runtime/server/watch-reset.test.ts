/** Ids of events say which bucket of a name gave them: one that was made again is told, never passed over in silence. */
import { expect, test } from '@jest/globals';
import type { KvKeyWatchOutput } from '../../../contract/types.gen.ts';
import type { TestKvflow } from '../../support/kvflow.ts';
import { joinNats, startKvflow } from '../../support/kvflow.ts';
import { listen, startServed } from '../../support/served.ts';

const bucket = 'b';
const put = (k: TestKvflow, key: string, value: string) => k.call('kv-key-put', { bucket, key, value });

async function makeAgain(k: TestKvflow): Promise<void> {
  await k.call('kv-bucket-delete', { bucket, confirm: bucket });
  await k.call('kv-bucket-create', { bucket });
}

for (const [name, idOf] of [
  ['of today', (id: string) => id],
  ['of old, a plain number', (id: string) => `${Number.parseInt(id, 10)}`],
] as const) {
  test(`watch - an id ${name}: a bucket made again is a reset, then what is there`, async () => {
    await using k = await startServed();
    await k.call('kv-bucket-create', { bucket });
    await using before = await listen(`${k.url}/buckets/b/watch?start=history`);
    for (let index = 1; index <= 5; index++) await put(k, 'a', `${index}`);
    let id = '';
    while (!id.startsWith('5-')) id = (await before.next()).lastEventId ?? id;
    await makeAgain(k);
    await put(k, 'x', 'new');
    await using after = await listen(`${k.url}/buckets/b/watch?after=${idOf(id)}`);
    expect(await after.next()).toMatchObject({ event: 'reset', data: { reason: 'bucket_made_again' } });
    expect(await after.next()).toMatchObject({ event: 'put', id: 1, data: { key: 'x', value: 'new' } });
  });
}

test('watch - a new bucket that has come as far as the old one is told by the id, in another process too', async () => {
  await using k = await startKvflow();
  await using other = joinNats(k.joined);
  await k.call('kv-bucket-create', { bucket });
  await put(k, 'a', '1');
  const watch = async (one: TestKvflow, input: object) =>
    (await one.call('kv-key-watch', { bucket, wait_ms: 0, ...input })) as unknown as KvKeyWatchOutput;
  const first = await watch(k, { start: 'history' });
  await makeAgain(k);
  for (const key of ['b', 'c', 'd']) await put(k, key, 'v');
  const second = await watch(other, { after_id: first.next_id });
  expect(second).toMatchObject({ reset: 'bucket_made_again', next: 3 });
  expect(second.events.map(({ key }) => key)).toEqual(['b', 'c', 'd']);
  await put(k, 'e', 'v');
  const third = await watch(k, { after_id: second.next_id });
  expect(third.events.map(({ key }) => key)).toEqual(['e']);
  expect(third.reset).toBeUndefined();
  expect(await k.fail('kv-key-watch', { bucket, after_id: 'x' })).toMatchObject({
    code: 'INVALID_INPUT',
    errors: [{ pointer: '/after_id' }],
  });
});

test('watch - a bucket made again while it is watched is a reset, then what is there', async () => {
  await using k = await startServed();
  await k.call('kv-bucket-create', { bucket });
  for (const key of ['a', 'b', 'c']) await put(k, key, 'old');
  await using events = await listen(`${k.url}/buckets/b/watch`);
  await events.next(({ event }) => event === 'synced');
  await makeAgain(k);
  await put(k, 'x', 'new');
  expect(await events.next()).toMatchObject({ event: 'reset' });
  expect(await events.next()).toMatchObject({ event: 'put', data: { key: 'x' } });
  // Of the bucket that there is now: the old one's revision would be void.
  expect(await events.next()).toMatchObject({ event: 'synced', data: { revision: 1 } });
});
