/** kvflow's functions by invoke against what people would pick instead: Redis through ioredis, both in memory. */
import type { Redis } from 'ioredis';
import type { Figure } from './measure.ts';
import { compare, pipelined } from './measure.ts';
import { startRedis } from './redis.ts';
import { stage } from './stage.ts';

const COUNT = 20_000;
const IN_FLIGHT = 256;
const VALUE = JSON.stringify({ name: 'Ada', plan: 'pro', visits: 17 });
const MANY = 100;

type Call = (name: string, input: unknown) => Promise<unknown>;

/** kv-key-put against SET. */
export const redisPut = against(
  'puts/s',
  COUNT,
  call => pipelined(COUNT, IN_FLIGHT, i => call('kv-key-put', keyed(i))),
  redis => pipelined(COUNT, IN_FLIGHT, i => redis.set(`user.${i}`, VALUE)),
);

/** kv-key-get against GET. */
export const redisGet = against(
  'gets/s',
  COUNT,
  call => pipelined(COUNT, IN_FLIGHT, i => call('kv-key-get', { bucket: 'bench', key: `user.${i}` })),
  redis => pipelined(COUNT, IN_FLIGHT, i => redis.get(`user.${i}`)),
);

/** kv-key-put-many of 100 keys a call against MSET of as many. */
export const redisPutMany = against(
  'puts/s',
  COUNT,
  call =>
    pipelined(COUNT / MANY, 2, batch =>
      call('kv-key-put-many', { bucket: 'bench', items: batchOf(batch).map(i => itemOf(i)) }),
    ),
  redis =>
    pipelined(COUNT / MANY, 2, batch =>
      redis.mset(Object.fromEntries(batchOf(batch).map(i => [`user.${i}`, VALUE]))),
    ),
);

/** kv-key-increment of distinct keys against INCR. */
export const redisIncr = against(
  'steps/s',
  COUNT,
  call => pipelined(COUNT, IN_FLIGHT, i => call('kv-key-increment', { bucket: 'bench', key: `n.${i}` })),
  redis => pipelined(COUNT, IN_FLIGHT, i => redis.incr(`n.${i}`)),
);

function against(
  unit: string,
  count: number,
  ours: (call: Call) => Promise<unknown>,
  theirs: (redis: Redis) => Promise<unknown>,
): () => Promise<Figure> {
  return async () => {
    await using redis = await startRedis(false);
    if (!redis) throw new Error('there is no redis-server; apt install redis-server brings one');
    await using s = await stage();
    await s.bucket('bench');
    // What is read is there.
    for (const put of [
      () => pipelined(COUNT, IN_FLIGHT, i => s.call('kv-key-put', keyed(i))),
      () => pipelined(COUNT, IN_FLIGHT, i => redis.redis.set(`user.${i}`, VALUE)),
    ])
      await put();
    return await compare(
      unit,
      count,
      () => ours(s.call),
      () => theirs(redis.redis),
    );
  };
}

function keyed(i: number) {
  return { bucket: 'bench', ...itemOf(i) };
}

function itemOf(i: number) {
  return { key: `user.${i}`, value: VALUE };
}

function batchOf(batch: number): number[] {
  return Array.from({ length: MANY }, (_, i) => batch * MANY + i);
}
