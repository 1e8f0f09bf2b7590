/** What is made of many keys leaves none out that is live all the time, whatever is written meanwhile. */
import { expect, test } from '@jest/globals';
import type {
  KvBucketCopyOutput,
  KvBucketUsageOutput,
  KvKeyFindOutput,
  KvKeyListOutput,
  KvKeyTreeOutput,
  KvKeyWatchOutput,
} from '../../contract/types.gen.ts';
import { exportLines } from '../../runtime/core/bulk-export.ts';
import { calls, listAll, listOnce, pairs } from '../support/calls.ts';
import type { TestKvflow } from '../support/kvflow.ts';
import { joinNats, startKvflow } from '../support/kvflow.ts';
import { connectOfficial } from '../support/official.ts';
import { startWithOfficial } from '../support/with-official.ts';
import { bucketOf } from './kv.ts';

const bucket = 'b';
const KEYS = Array.from({ length: 200 }, (_, index) => `k.${index}`);
/** Each lists, exports and counts some dozens of times; `npm run test:listings` does so thousands of times. */
const ROUNDS = 3;
interface Setting {
  history: number;
  writers: number;
  storage: 'file' | 'memory';
}
/** `npm run test:listings` has all of them, and more often. */
const SETTINGS: Setting[] = [
  { history: 1, writers: 8, storage: 'file' },
  { history: 5, writers: 1, storage: 'memory' },
  { history: 5, writers: 8, storage: 'file' },
  { history: 64, writers: 4, storage: 'memory' },
];

for (const { history, writers, storage } of SETTINGS) {
  test(
    `history ${history}, ${writers} writers, ${storage}: listings, exports, trees, searches, counts, copies and watches hold every key that is live all the time`,
    async () => {
      await using k = await startKvflow();
      await using other = joinNats(k.joined);
      await calls.create(k, { bucket, history, storage });
      await k.call('kv-key-put-many', { bucket, items: KEYS.map(key => ({ key, value: '0' })) });
      const watch = watching(k);
      await whileWriting(other, writers, async () => {
        for (let round = 0; round < ROUNDS; round++) {
          if (round % 2 === 0) {
            await watch.follow();
            isComplete(await found(k));
          }
          for (const limit of [1000, 33]) {
            isEachOnce(keysOf(await listOnce(k, { bucket, limit, filter: 'k.*' })));
            isComplete(
              keysOf(await listAll(k, { bucket, limit: Math.max(limit, 100), include_values: false })),
            );
          }
          isEachOnce(await exported(k));
          const tree = (await k.call('kv-key-tree', { bucket, prefix: 'k.' })) as unknown as KvKeyTreeOutput;
          isEachOnce(tree.children.map(({ key }) => key ?? ''));
        }
        expect(await counted(k)).toBe(KEYS.length);
        isComplete(await copied(k));
      });
      const there = await listOnce(k, { bucket, limit: 1000 });
      expect(await watch.follow()).toEqual(new Map(there.map(({ key, sequence }) => [key, sequence])));
    },
    60_000 + 2_000 * ROUNDS,
  );
}

test('an export in lines holds each key once while all are written again', async () => {
  await using k = await startKvflow();
  await calls.create(k, { bucket, history: 3 });
  await k.call('kv-key-put-many', { bucket, items: KEYS.map(key => ({ key, value: '0' })) });
  await whileWriting(k, 4, async () => {
    for (let round = 0; round < ROUNDS; round++) {
      let text = '';
      const call = (name: string, input: unknown) =>
        k.invoke(name, { ...(input as object), ...(name === 'kv-bucket-export' && { limit: 40 }) });
      for await (const chunk of exportLines(call, { bucket, filter: 'k.*' })) text += chunk.text;
      const lines = text
        .trimEnd()
        .split('\n')
        .map(line => JSON.parse(line) as { key?: string });
      isEachOnce(lines.flatMap(({ key }) => key ?? []));
    }
  });
});

test('a purge by filter purges each of the keys, though all are written again meanwhile', async () => {
  await using k = await startKvflow();
  await calls.create(k, { bucket, history: 5 });
  await k.call('kv-key-put-many', { bucket, items: KEYS.map(key => ({ key, value: '0' })) });
  await whileWriting(k, 1, async () => {
    const { matched } = (await k.call('kv-key-purge', { bucket, filter: 'k.*' })) as unknown as {
      matched: number;
    };
    expect(matched).toBe(KEYS.length);
  });
});

test('a compaction drops each marker that was there, and no key, though all are written again meanwhile', async () => {
  await using k = await startKvflow();
  await calls.create(k, { bucket, history: 5 });
  const items = [...KEYS, ...KEYS.map(key => `dead.${key}`)].map(key => ({ key, value: '0' }));
  await k.call('kv-key-put-many', { bucket, items });
  await k.call('kv-key-purge', { bucket, filter: 'dead.>' });
  await whileWriting(k, 4, async () => {
    const done = (await k.call('kv-bucket-compact', { bucket })) as unknown as { dropped: number };
    expect(done.dropped).toBeGreaterThanOrEqual(KEYS.length);
    const { items: left } = await calls.list(k, { bucket, filter: 'dead.>', deleted: true, limit: 1000 });
    expect(left).toEqual([]);
    isEachOnce(keysOf(await listOnce(k, { bucket, limit: 1000, filter: 'k.*' })));
  });
});

for (const history of [1, 5]) {
  test(`history ${history}: two listings from one place in two processes do not take keys from each other`, async () => {
    await using k = await startKvflow();
    await using other = joinNats(k.joined);
    await using official = await connectOfficial(k.joined);
    await calls.create(k, { bucket, history });
    await official.fill(bucket, 100, index => [`k.${index}`, 'old']);
    const first = await calls.list(k, { bucket, limit: 50 });
    // What the first listing has answered is written again, and is new to a second that begins where the first stands.
    await official.fill(bucket, 10, index => [`k.${index}`, 'new']);
    const second = await calls.list(other, { bucket, limit: 1000, start_seq: first.next_seq });
    const third = await calls.list(k, { bucket, limit: 1000, start_seq: first.next_seq });
    for (const { items } of [second, third]) {
      expect(items.filter(({ value }) => value === 'new')).toHaveLength(10);
      expect(items).toHaveLength(60);
    }
    const rest = await calls.list(k, { bucket, limit: 1000, cursor: first.cursor ?? '' });
    expect(rest.items).toHaveLength(50);
  });
}

/** Removed: the server drops what it has of the key, which no message tells. */
const CHANGES = ['put', 'deleted', 'removed'] as const;

for (const history of [1, 5])
  for (const by of ['start_seq', 'cursor'] as const)
    test(`history ${history}, by ${by}: a page has each key as it is when the page is asked for, though it was read ahead`, async () => {
      await using k = await startWithOfficial();
      // Of small pages several are pulled at once, of large ones each by itself.
      for (const limit of [10, 100])
        for (const [at, first] of CHANGES.entries()) {
          const name = `b${at}-${limit}`;
          const keys = 40 * limit;
          await calls.create(k, { bucket: name, history });
          await k.official.fill(name, keys, index => [`k.${index}`, 'old']);
          const there = new Map(Array.from({ length: keys }, (_, index) => [`k.${index}`, 'old']));
          const kv = await k.official.kvm.open(name);
          const change = async (what: (typeof CHANGES)[number], key: string) => {
            if (what === 'put') await kv.put(key, 'new');
            else if (what === 'deleted') await kv.delete(key);
            else await k.official.jsm.streams.purge(`KV_${name}`, { filter: `$KV.${name}.${key}` });
            if (what === 'put') there.set(key, 'new');
            else there.delete(key);
          };
          let page = 0;
          const isAsThere = async ({ items }: KvKeyListOutput) => {
            for (const { key, value } of items) expect([key, value]).toEqual([key, there.get(key)]);
            // A key of the next page; later pages are read ahead once more.
            const what = page % 10 === 3 ? CHANGES[(at + (page - 3) / 10) % 3] : undefined;
            if (what) await change(what, `k.${(page + 1.5) * limit}`);
            page += 1;
            return undefined;
          };
          const list = by === 'cursor' ? listOnce : listAll;
          const items = await list(k, { bucket: name, limit }, isAsThere);
          expect(page).toBeGreaterThan(35);
          expect([first, new Map(pairs(items))]).toEqual([first, there]);
        }
    });

test('what was read ahead for large pages is doubted until it is answered, however small the pages become', async () => {
  await using k = await startWithOfficial();
  await calls.create(k, { bucket });
  await k.official.fill(bucket, 2_000, index => [`k.${index}`, 'old']);
  const kv = await k.official.kvm.open(bucket);
  let page = await calls.list(k, { bucket, limit: 100 });
  const next = async (limit: number) => {
    page = await calls.list(k, { bucket, limit, cursor: page.cursor ?? '' });
    return page.items;
  };
  for (let pages = 1; pages < 4; pages++) await next(100);
  const changed = new Set([402, 420, 440, 460, 480, 500, 520, 540].map(index => `k.${index}`));
  for (const key of changed) await kv.put(key, 'new');
  for (let pages = 0; pages < 40; pages++)
    for (const { key, value } of await next(5))
      expect([key, value]).toEqual([key, changed.has(key) ? 'new' : 'old']);
});

test('a cursor of a bucket that was made again begins anew; one that is none is refused', async () => {
  await using k = await startKvflow();
  await calls.create(k, { bucket });
  await k.call('kv-key-put-many', { bucket, items: KEYS.map(key => ({ key, value: '0' })) });
  const { cursor = '' } = await calls.list(k, { bucket, limit: 150 });
  await k.call('kv-bucket-delete', { bucket, confirm: bucket });
  await calls.create(k, { bucket });
  await calls.put(k, { bucket, key: 'a', value: 'v' });
  expect(keysOf((await calls.list(k, { bucket, cursor })).items)).toEqual(['a']);
  expect(await k.fail('kv-key-list', { bucket, cursor: '17' })).toMatchObject({
    code: 'INVALID_INPUT',
    errors: [{ pointer: '/cursor' }],
  });
});

/** Writes at random, on top of each other, while something is done. */
async function whileWriting(k: TestKvflow, writers: number, work: () => Promise<void>): Promise<void> {
  let writing = true;
  const writer = async (_one: unknown, id: number) => {
    for (let at = id * 7; writing; at = (at * 31 + 17) % 6007) {
      await calls.put(k, { bucket, key: KEYS[at % KEYS.length] ?? '', value: `${at}` });
      if (at % 5 > 0) continue;
      await calls.put(k, { bucket, key: `gone.${at % 20}`, value: 'x' });
      await k.invoke(at % 2 ? 'kv-key-purge' : 'kv-key-delete', { bucket, key: `gone.${at % 20}` });
      // The same keys are made again at once, others some time later.
      if (at % 3 > 0) await calls.put(k, { bucket, key: `gone.${at % 20}`, value: 'again' });
    }
  };
  const busy = Array.from({ length: writers }, writer);
  try {
    await work();
  } finally {
    writing = false;
    await Promise.all(busy);
  }
}

async function exported(k: TestKvflow): Promise<string[]> {
  const keys: string[] = [];
  for (let from: object = {}; ; ) {
    const page = await bucketOf(k, bucket).export({ limit: 70, ...from });
    keys.push(...page.records.map(({ key }) => key));
    if (page.cursor === undefined) return keys;
    from = { cursor: page.cursor };
  }
}

/** Live keys that a search finds; by number a key that is written again may come again. */
async function found(k: TestKvflow): Promise<string[]> {
  const keys: string[] = [];
  for (let start_seq = 0; ; ) {
    const input = { bucket, query: 'k.', limit: 1000, start_seq };
    const page = (await k.call('kv-key-find', input)) as unknown as KvKeyFindOutput;
    keys.push(...keysOf(page.items));
    if (!page.has_more) return keys;
    start_seq = page.next_seq;
  }
}

async function counted(k: TestKvflow): Promise<number | undefined> {
  const input = { bucket, filter: 'k.*' };
  const { groups } = (await k.call('kv-bucket-usage', input)) as unknown as KvBucketUsageOutput;
  return groups[0]?.keys;
}

async function copied(k: TestKvflow): Promise<string[]> {
  const [to_bucket, found] = ['copy', [] as string[]];
  await calls.create(k, { bucket: to_bucket });
  for (let from: object = {}; ; ) {
    const input = { bucket, to_bucket, filter: 'k.*', ...from };
    const { cursor, failed } = (await k.call('kv-bucket-copy', input)) as unknown as KvBucketCopyOutput;
    expect(failed).toEqual([]);
    if (cursor === undefined) break;
    from = { cursor };
  }
  found.push(...keysOf(await listOnce(k, { bucket: to_bucket, limit: 1000 })));
  return found;
}

/** Follows the changes from call to call, by the id of the last; what is there by then. */
function watching(k: TestKvflow) {
  const there = new Map<string, number>();
  let place: object = { start: 'current' };
  return { follow };

  async function follow(): Promise<Map<string, number>> {
    for (;;) {
      const input = { limit: 1000, wait_ms: 100, ...place };
      const { events, has_more, next_id, reset }: KvKeyWatchOutput = await bucketOf(k, bucket).watch(input);
      expect(reset).toBeUndefined();
      for (const { key, operation, revision } of events) {
        if (operation === 'put') there.set(key, revision);
        else there.delete(key);
      }
      place = { after_id: next_id };
      if (!has_more) return there;
    }
  }
}

const keysOf = (items: { key: string }[]) => items.map(({ key }) => key);

function isComplete(found: string[]): void {
  const there = new Set(found);
  expect(KEYS.filter(key => !there.has(key))).toEqual([]);
}

function isEachOnce(found: string[]): void {
  isComplete(found);
  expect(found).toHaveLength(new Set(found).size);
}
