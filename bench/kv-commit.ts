import { importLines } from '../runtime/core/bulk-import.ts';
import type { Figure } from './measure.ts';
import { compare, pipelined } from './measure.ts';
import { redisDurableSets } from './redis.ts';
import type { StageOptions } from './stage.ts';
import { stage } from './stage.ts';

const IN_FLIGHT = 256;
const VALUE = JSON.stringify({ name: 'Ada', plan: 'pro', visits: 17 });
const DURABLE: StageOptions = { sync: 'always' };

/** kv-key-put-many of so many items a call against as many puts of the client, pipelined. */
function putMany(size: number, times: number, storage: 'memory' | 'file') {
  return async (): Promise<Figure> => {
    await using s = await stage(storage === 'file' ? DURABLE : {});
    const kv = await s.ownBucket('bench', storage);
    const items = Array.from({ length: size }, (_, i) => ({ key: `user.${i}`, value: VALUE }));
    return await compare(
      'puts/s',
      size * times,
      () => pipelined(times, 2, () => s.call('kv-key-put-many', { bucket: 'bench', items })),
      () => pipelined(size * times, IN_FLIGHT, i => kv.put(`user.${i % size}`, VALUE)),
    );
  };
}

/** 1,000 items a call, two calls at once, in memory. */
export const kvPutMany = putMany(1_000, 20, 'memory');
/** 100 items a call, two calls at once, in memory. */
export const kvPutMany100 = putMany(100, 200, 'memory');
/** 1,000 items a call, two calls at once, each on disk before it is acknowledged. */
export const kvPutManyDurable = putMany(1_000, 10, 'file');

/** kv-key-put with 256 calls in flight, each on disk before it is acknowledged, against the client's own put; the note tells of Redis. */
export async function kvPutDurable(): Promise<Figure> {
  await using s = await stage(DURABLE);
  const kv = await s.ownBucket('bench', 'file');
  const count = 10_000;
  const figure = await compare(
    'puts/s',
    count,
    () =>
      pipelined(count, IN_FLIGHT, i =>
        s.call('kv-key-put', { bucket: 'bench', key: `user.${i}`, value: VALUE }),
      ),
    () => pipelined(count, IN_FLIGHT, i => kv.put(`user.${i}`, VALUE)),
  );
  const redis = await redisDurableSets(count, IN_FLIGHT, VALUE);
  const note = redis
    ? `Redis, appendfsync always, through ioredis: ${Math.round(redis)} sets/s, of which this is ${(figure.value / redis).toFixed(2)} (goal 0.3)`
    : 'Redis skipped: there is no redis-server (apt install redis-server)';
  return { ...figure, note };
}

/** kv-key-put with one call in flight against the client's own put. */
export async function kvPutAlone(): Promise<Figure> {
  await using s = await stage(DURABLE);
  const kv = await s.ownBucket('bench', 'file');
  const count = 2_000;
  return await compare(
    'puts/s',
    count,
    () => pipelined(count, 1, i => s.call('kv-key-put', { bucket: 'bench', key: `user.${i}`, value: VALUE })),
    () => pipelined(count, 1, i => kv.put(`user.${i}`, VALUE)),
  );
}

const IMPORTED = 200_000;

/** Import of a file of 200,000 records, in memory; the note tells of file with every commit on disk. */
export async function kvImport(): Promise<Figure> {
  const memory = await imported({}, 'memory');
  const file = await imported(DURABLE, 'file');
  return {
    ...memory,
    note: `on file, on disk before it is acknowledged: ${file.ratio.toFixed(2)} (${Math.round(file.value)} keys/s)`,
  };
}

async function imported(options: StageOptions, storage: 'memory' | 'file'): Promise<Figure> {
  await using s = await stage(options);
  const kv = await s.ownBucket('bench', storage);
  await s.ownBucket('imported', storage);
  const count = storage === 'file' ? IMPORTED / 4 : IMPORTED;
  async function* lines() {
    for (let i = 0; i < count; i++) yield `{"key":"user.${i}","value":${JSON.stringify(VALUE)}}`;
  }
  const call = (name: string, input: unknown) => s.kvflow.invoke(name, input);
  return await compare(
    'keys/s',
    count,
    async () => {
      const done = await importLines(call, lines(), { bucket: 'imported', on_conflict: 'overwrite' });
      if (done.imported !== count) throw new Error(`imported ${done.imported} of ${count}`);
    },
    () => pipelined(count, IN_FLIGHT, i => kv.put(`user.${i}`, VALUE)),
    3,
  );
}

/** kv-transact of 10 keys, 8 callers, in memory, against ten updates of the client sent at once; the note tells of file. */
export async function kvTransact(): Promise<Figure> {
  const memory = await transacted({}, 'memory', 10);
  const file = await transacted(DURABLE, 'file', 10);
  const large = await transacted(DURABLE, 'file', 100);
  return {
    ...memory,
    note: `on file ${file.ratio.toFixed(2)}, of 100 keys on file ${large.ratio.toFixed(2)}`,
  };
}

async function transacted(options: StageOptions, storage: 'memory' | 'file', keys: number): Promise<Figure> {
  await using s = await stage(options);
  const kv = await s.ownBucket('bench', storage);
  const callers = 8;
  const times = (storage === 'file' ? 20_000 : 80_000) / (callers * keys * 2);
  const name = (caller: number, i: number) => `c${caller}.${i}`;
  const revisions = new Map<string, number>();
  const each = (work: (caller: number) => Promise<void>) =>
    Promise.all(Array.from({ length: callers }, (_, caller) => work(caller)));
  const numbers = Array.from({ length: keys }, (_, i) => i);
  return await compare(
    'keys/s',
    callers * keys * times,
    () =>
      each(async caller => {
        for (let turn = 0; turn < times; turn++) {
          const operations = numbers.map(i => ({
            op: 'put',
            key: name(caller, i),
            value: VALUE,
            expected_revision: revisions.get(name(caller, i)) ?? 0,
          }));
          const { results } = (await s.call('kv-transact', { bucket: 'bench', operations })) as {
            results: { key: string; revision: number }[];
          };
          for (const { key, revision } of results) revisions.set(key, revision);
        }
      }),
    () =>
      each(async caller => {
        for (let turn = 0; turn < times; turn++) {
          const update = async (key: string) => {
            const before = revisions.get(key);
            revisions.set(key, await (before ? kv.update(key, VALUE, before) : kv.put(key, VALUE)));
          };
          await Promise.all(numbers.map(i => update(name(caller, i))));
        }
      }),
  );
}
