/** The adapters of @kvflow/client: for Keyv and cache-manager, and for unstorage, over HTTP and in process. */
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { createCache } from 'cache-manager';
import { Keyv } from 'keyv';
import { Keyv as Keyv6 } from 'keyv-6';
import { createStorage, type Driver, type Storage } from 'unstorage';
import fsDriver from 'unstorage/drivers/fs';
import { fromKey, toKey } from '../../hosts/client/src/adapters/keys.ts';
import { createClient } from '../../hosts/client/src/index.ts';
import { keyvStore } from '../../hosts/client/src/keyv.ts';
import { unstorageDriver } from '../../hosts/client/src/unstorage.ts';
import type { Kvflow } from '../../runtime/main/create-kvflow.ts';
import { createKvflow } from '../../runtime/main/create-kvflow.ts';
import { eventually } from '../support/eventually.ts';
import { atLast, forAll } from '../support/for-all.ts';
import { startWithServer } from '../support/kvflow.ts';
import { serve } from '../support/served.ts';
import { tempDir } from '../support/temp-dir.ts';
import { keyv6Suite, keyvSuite } from './support/keyv-suite.ts';

let here: Kvflow;

const kvflow = forAll(startWithServer);
const served = forAll(() => serve(kvflow));
const folder = forAll(tempDir);

beforeAll(async () => {
  here = await createKvflow({ natsUrl: kvflow.server.url, dataDir: folder.path });
  atLast(() => here.close());
});

const overHttp = () => createClient({ url: served.url });

test('in process - every function is a typed method, and what fails throws its code', async () => {
  const created = await here.kvBucketCreate({ bucket: 'in-process' });
  expect(created.created).toBe(true);
  const { revision } = await here.kvKeyPut({ bucket: 'in-process', key: 'a', value: { n: 1 } });
  const item = await here.call('kv-key-get', { bucket: 'in-process', key: 'a', json: true });
  expect(item).toMatchObject({ revision, value: { n: 1 } });
  await expect(here.kvKeyGet({ bucket: 'in-process', key: 'b' })).rejects.toMatchObject({
    code: 'KEY_NOT_FOUND',
    status: 404,
  });
  // @ts-expect-error A name that is none is refused by the types, and by kvflow.
  await expect(here.kvKeyPutt({})).rejects.toMatchObject({ code: 'FUNCTION_NOT_FOUND' });
});

test.each(['a', 'a:b', 'a.b:c d', '', 'ü:漢', '=', '%41', ':', 'a/b', '..', '*:>'])(
  'adapters - %j is a key',
  text => {
    expect(toKey(text)).toMatch(/^[\w=-]+(\.[\w=-]+)*$/);
    expect(fromKey(toKey(text))).toBe(text);
  },
);

const STORES: [
  name: string,
  make: (bucket: string) => ReturnType<typeof keyvStore> | Map<string, unknown>,
][] = [
  ["Keyv's own memory", () => new Map()],
  ['kvflow over HTTP', bucket => keyvStore({ client: overHttp(), bucket })],
  ['kvflow in process', bucket => keyvStore({ client: here, bucket: `${bucket}-here` })],
];

test.each(STORES)('Keyv - does what a store of Keyv has to, on %s', async (_name, make) => {
  const keyv = new Keyv({ store: make('keyv'), namespace: 'one' });
  expect(await keyv.get('none')).toBeUndefined();
  expect(await keyv.set('a', { deep: [1, null, 'ü'] })).toBe(true);
  expect(await keyv.get('a')).toEqual({ deep: [1, null, 'ü'] });
  for (const value of ['', 0, false, null, 'text', [1]]) {
    await keyv.set('value', value);
    expect(await keyv.get('value')).toEqual(value);
  }
  await keyv.set('bytes', Buffer.from([0, 255]));
  expect(await keyv.get('bytes')).toEqual(Buffer.from([0, 255]));
  expect([await keyv.has('a'), await keyv.has('none')]).toEqual([true, false]);
  expect([await keyv.delete('a'), await keyv.delete('a')]).toEqual([true, false]);
  await keyv.set('with: odd * key.', 1);
  expect(await keyv.get('with: odd * key.')).toBe(1);
  await keyv.setMany([
    { key: 'm1', value: 1 },
    { key: 'm2', value: 2 },
  ]);
  expect(await keyv.get(['m1', 'none', 'm2'])).toEqual([1, undefined, 2]);
  expect(await keyv.delete(['m1', 'm2'])).toBe(true);
  expect(await keyv.getMany(['m1', 'm2'])).toEqual([undefined, undefined]);
});

test.each(STORES)('Keyv - values end by their ttl, on %s', async (_name, make) => {
  const keyv = new Keyv({ store: make('keyv-ttl'), namespace: 'one' });
  await keyv.set('short', 1, 1_000);
  await keyv.set('long', 2, 60_000);
  expect(await keyv.get('short')).toBe(1);
  await eventually(async () => expect(await keyv.get('short')).toBeUndefined());
  expect(await keyv.get('long')).toBe(2);
});

describe.each(STORES.slice(1))('Keyv - the suite that it has for stores, on %s', (_name, make) => {
  keyvSuite(Keyv, () => make('suite'));
});

describe.each(STORES.slice(1))('Keyv 6 - the suite that Keyv has for stores, on %s', (_name, make) => {
  keyv6Suite(Keyv6, () => make('suite-6'));
});

test('Keyv - a namespace is cleared and walked by itself', async () => {
  const of = (namespace: string) =>
    new Keyv({ store: keyvStore({ client: overHttp(), bucket: 'spaces' }), namespace });
  const [one, other] = [of('one'), of('one-more')];
  await Promise.all([one.set('a', 1), one.set('b:c', 2), other.set('a', 3)]);
  const walked: unknown[] = [];
  const store = one.store as ReturnType<typeof keyvStore>;
  for await (const [key] of store.iterator()) walked.push(key);
  expect(walked.sort()).toEqual(['one:a', 'one:b:c']);
  await one.clear();
  expect([await one.get('a'), await one.get('b:c'), await other.get('a')]).toEqual([undefined, undefined, 3]);
});

test('cache-manager - takes the store: what is wrapped is computed once', async () => {
  const cache = createCache({
    stores: [new Keyv({ store: keyvStore({ client: overHttp(), bucket: 'cache' }) })],
  });
  let computed = 0;
  const compute = async () => ({ computed: ++computed });
  expect(await cache.wrap('k', compute, 60_000)).toEqual({ computed: 1 });
  expect(await cache.wrap('k', compute, 60_000)).toEqual({ computed: 1 });
  await cache.mset([{ key: 'x', value: 1 }]);
  expect(await cache.mget(['x', 'y'])).toEqual([1, undefined]);
  await cache.del('k');
  expect(await cache.get('k')).toBeUndefined();
  await cache.clear();
  expect(await cache.get('x')).toBeUndefined();
});

const DRIVERS: [name: string, make: (base: string) => Driver][] = [
  ["unstorage's own fs driver", base => fsDriver({ base: join(folder.path, base) })],
  ['kvflow over HTTP', bucket => unstorageDriver({ client: overHttp(), bucket })],
  [
    'kvflow over HTTP, below a base',
    () => unstorageDriver({ client: overHttp(), bucket: 'based', base: 'my:app' }),
  ],
  ['kvflow in process', bucket => unstorageDriver({ client: here, bucket: `${bucket}-here` })],
];

/** What a driver of unstorage has to do, each on a storage that is empty. */
const BEHAVIOURS: [name: string, check: (storage: Storage) => Promise<void>][] = [
  ['is empty at first', async s => expect(await s.getKeys()).toEqual([])],
  [
    'has what was set, and nothing else',
    async s => {
      await s.setItem('s1:a', 'text');
      await s.setItem('s2:a', 'other');
      expect([await s.hasItem('s1:a'), await s.hasItem('s1:b')]).toEqual([true, false]);
      expect([await s.getItem('s1:a'), await s.getItem('s1:b')]).toEqual(['text', null]);
    },
  ],
  [
    'lists keys, all and below a base',
    async s => {
      for (const key of ['s1:a', 's2:a', 's1:deep:b', 'file.txt']) await s.setItem(key, 'x');
      expect((await s.getKeys()).sort()).toEqual(['file.txt', 's1:a', 's1:deep:b', 's2:a']);
      expect((await s.getKeys('s1')).sort()).toEqual(['s1:a', 's1:deep:b']);
    },
  ],
  [
    'keeps JSON values',
    async s => {
      for (const value of [{ deep: [1, null] }, [1], 42, true, 'ü 漢']) {
        await s.setItem('value', value);
        expect(await s.getItem('value')).toEqual(value);
      }
      expect(await s.getItems(['value', 'none'])).toEqual([
        { key: 'value', value: 'ü 漢' },
        { key: 'none', value: null },
      ]);
    },
  ],
  [
    'keeps bytes',
    async s => {
      const bytes = new Uint8Array([1, 0, 255, 3]);
      await s.setItemRaw('raw', bytes);
      expect(new Uint8Array((await s.getItemRaw('raw')) as Uint8Array)).toEqual(bytes);
    },
  ],
  [
    'tells size and time',
    async s => {
      await s.setItem('meta', 'ü');
      const { mtime, size } = await s.getMeta('meta');
      expect([Number.isNaN(Number(mtime)), size]).toEqual([false, 2]);
    },
  ],
  [
    'removes one, and clears all',
    async s => {
      for (const key of ['a', 'b:c', 'b:d', 'bc']) await s.setItem(key, 'x');
      await s.removeItem('a');
      await s.removeItem('never');
      expect(await s.hasItem('a')).toBe(false);
      await s.clear();
      expect(await s.getKeys()).toEqual([]);
    },
  ],
];

for (const [of, make] of DRIVERS) {
  test.each(BEHAVIOURS)(`unstorage - ${of} - %s`, async (_name, check) => {
    const storage = createStorage({ driver: make('storage') });
    await check(storage);
    await storage.clear();
    await storage.dispose();
  });
}

test('unstorage - a change by anybody is told, with an end by ttl', async () => {
  const [storage, other] = [0, 1].map(() =>
    createStorage({ driver: unstorageDriver({ client: overHttp(), bucket: 'told', base: 'b' }) }),
  ) as [Storage, Storage];
  await other.setItem('before', 'x');
  const told: string[] = [];
  const end = await storage.watch((event, key) => told.push(`${event} ${key}`));
  let n = 0;
  await eventually(async () => {
    await other.setItem('k', String(n++));
    expect(told).toContain('update k');
  });
  await other.removeItem('k');
  await eventually(() => expect(told.at(-1)).toBe('remove k'));
  await end();
});
