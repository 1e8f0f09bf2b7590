/** A commit is sent again under its id where its answer does not come: soon, and later where it is much. */
import { afterEach, expect, jest, test } from '@jest/globals';
import type { Msg } from '@nats-io/transport-node';
import type { BucketHandle } from '../../../runtime/nats/kv/bucket/handles.ts';
import type { BatchDependencies } from '../../../runtime/nats/kv/transact/batch.ts';
import { createSendBatch } from '../../../runtime/nats/kv/transact/batch.ts';

afterEach(() => void jest.useRealTimers());

const handle = {
  clustered: true,
  bucket: 'b',
  writeSubject: (key: string) => `$KV.b.${key}`,
  origin: { readPrefix: '$KV.b.', config: { num_replicas: 3, storage: 'file' } },
} as unknown as BucketHandle;

test.each([
  [2, [0, 400, 1_200]],
  [150, [0, 900, 2_700]],
])('a commit of %i messages is sent at %j milliseconds', async (count, times) => {
  jest.useFakeTimers();
  const began = Date.now();
  const sentAt: number[] = [];
  const askInRow = async (): Promise<Msg> => {
    sentAt.push(Date.now() - began);
    if (sentAt.length < times.length) return await new Promise<never>(() => undefined);
    return { data: Buffer.from('x'), json: () => ({ seq: 1_000 }) } as unknown as Msg;
  };
  const send = createSendBatch({ requests: { askInRow } } as unknown as BatchDependencies);
  const messages = Array.from({ length: count }, (_, at) => ({ key: `k.${at}`, value: new Uint8Array(1) }));
  const stored = send({ deadline: Date.now() + 20_000 }, handle, messages);
  await jest.advanceTimersByTimeAsync(5_000);
  expect(await stored).toEqual({ first: 1_001 - count });
  expect(sentAt).toEqual(times);
});
