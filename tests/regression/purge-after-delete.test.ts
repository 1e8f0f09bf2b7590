import { expect, test } from '@jest/globals';
import { startKvflow } from '../support/kvflow.ts';

test('kv-key-purge - removes the values that a delete left in the history', async () => {
  await using k = await startKvflow();
  await k.call('kv-bucket-create', { bucket: 'b', history: 5 });
  for (const value of ['secret 1', 'secret 2']) await k.call('kv-key-put', { bucket: 'b', key: 'a', value });
  await k.call('kv-key-delete', { bucket: 'b', key: 'a' });
  expect(await k.call('kv-key-purge', { bucket: 'b', key: 'a', dry_run: true })).toMatchObject({
    matched: 1,
  });
  expect(await k.call('kv-key-purge', { bucket: 'b', key: 'a' })).toMatchObject({ matched: 1, purged: 1 });
  const { items } = (await k.call('kv-key-history', { bucket: 'b', key: 'a' })) as unknown as {
    items: object[];
  };
  expect(items).toEqual([expect.objectContaining({ operation: 'purge' })]);
  expect(await k.call('kv-key-purge', { bucket: 'b', key: 'a' })).toMatchObject({ matched: 0, purged: 0 });
});
