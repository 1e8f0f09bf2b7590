/** A server that was away may be behind for long after it is back: nothing is read there. Who is behind is what the leader says. */
import { expect, test } from '@jest/globals';
import { createDoubt } from '../../../runtime/nats/doubt.ts';
import type { BucketHandle } from '../../../runtime/nats/kv/bucket/handles.ts';
import { isCaughtUp } from '../../../runtime/nats/kv/list/caught-up.ts';
import { createConsumer } from '../../../runtime/nats/kv/list/consumers.ts';
import type { Peer, StreamInfo } from '../../../runtime/nats/stream-types.ts';

const call = { deadline: Date.now() + 60_000 };

/** A bucket on three servers, whose leader says these things one after the other, the last of them again and again. */
function bucketOf(says: { last_seq: number; replicas: Partial<Peer>[] }[], servers: string[] = []) {
  const deleted: string[] = [];
  let asked = 0;
  const api = {
    doubt: createDoubt(),
    streamInfo: async () => {
      const { last_seq, replicas } = says[Math.min(asked++, says.length - 1)] ?? says[0] ?? { last_seq: 0 };
      return { state: { last_seq }, cluster: { leader: 'one', replicas } } as unknown as StreamInfo;
    },
    ask: async (_call: unknown, endpoint: string) => {
      if (endpoint.startsWith('CONSUMER.CREATE')) return { cluster: { leader: servers.shift() } };
      return { success: deleted.push(endpoint) > 0 };
    },
  };
  const handle = { clustered: true, config: { num_replicas: 3 }, api, stream: 'KV_b', bucket: 'b' };
  return { handle: handle as unknown as BucketHandle, deleted };
}

const at = (name: string, lag: number): Partial<Peer> => ({ name, current: lag === 0, active: 1, lag });

test('a server is caught up that leads, that lacks nothing, or that has what there was when it was looked first', async () => {
  const busy = [
    { last_seq: 10, replicas: [at('two', 3), at('three', 9)] },
    { last_seq: 14, replicas: [at('two', 4), at('three', 13)] },
  ];
  expect(await isCaughtUp(call, bucketOf(busy).handle, 'one')).toBe(true);
  expect(await isCaughtUp(call, bucketOf(busy).handle, undefined)).toBe(true);
  expect(await isCaughtUp(call, bucketOf(busy).handle, 'two')).toBe(true);
  expect(await isCaughtUp(call, bucketOf(busy).handle, 'three')).toBe(false);
  const unheard = { last_seq: 1, replicas: [{ name: 'two', current: false, active: 0 }] };
  expect(await isCaughtUp(call, bucketOf([unheard]).handle, 'two')).toBe(false);
});

test('a consumer on a server that is behind is ended, and another one is made', async () => {
  const says = { last_seq: 10, replicas: [at('two', 5), at('three', 0)] };
  const { handle, deleted } = bucketOf([says], ['two', 'two', 'three']);
  const { server } = await createConsumer(call, handle, { deliver_policy: 'last_per_subject' });
  expect(server).toBe('three');
  expect(deleted).toHaveLength(2);
});
