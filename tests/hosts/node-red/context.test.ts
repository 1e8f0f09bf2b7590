/** The context store of @kvflow/node-red beside Node-RED's own stores, and what only it does. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from '@jest/globals';
// @ts-expect-error It is JavaScript; hosts/node-red/tsconfig.json has it checked.
import context from '../../../hosts/node-red/context.js';
import type { ContextStore } from '../../../hosts/node-red/lib/context/types.d.ts';
import { eventually } from '../../support/eventually.ts';
import { forAll } from '../../support/for-all.ts';
import { startKvflow } from '../../support/kvflow.ts';
import { serve } from '../../support/served.ts';
import { tempDir } from '../../support/temp-dir.ts';

const require = createRequire(import.meta.url);
const own = (name: string) => require(`@node-red/runtime/lib/nodes/context/${name}.js`);
const MODULE = join(import.meta.dirname, '../../../hosts/node-red/context.js');

const kvflow = forAll(startKvflow);
const served = forAll(() => serve(kvflow));
const folder = forAll(tempDir);

const ours = (bucket: string): ContextStore => context({ url: served.url, bucket });
const inProcess = (bucket: string): ContextStore =>
  context({ host: { invoke: kvflow.invoke }, bucket: `${bucket}-here` });

const STORES: [name: string, make: (name: string) => ContextStore][] = [
  ["Node-RED's memory", () => own('memory')({})],
  [
    "Node-RED's localfilesystem",
    name => own('localfilesystem')({ dir: folder.path, base: name, flushInterval: 0 }),
  ],
  ['kvflow over HTTP', ours],
  ['kvflow in process', inProcess],
];

/** Calls with a callback; answers what it was given, the error first. */
function called(call: (callback: (...answers: unknown[]) => void) => unknown): Promise<unknown[]> {
  return new Promise(resolve => call((...answers) => resolve(answers)));
}

async function failure(call: (callback: (...answers: unknown[]) => void) => unknown): Promise<unknown> {
  return (await called(call))[0];
}

/** What every store of Node-RED does, each on one that was just opened. */
const BEHAVIOURS: [name: string, check: (store: ContextStore) => Promise<void>][] = [
  [
    'gives what was set, at once and by callback',
    async s => {
      expect(s.get('flow1', 'none')).toBeUndefined();
      s.set('flow1', 'a', { n: 1 });
      expect(s.get('flow1', 'a')).toEqual({ n: 1 });
      expect(await called(cb => s.get('flow1', 'a', cb))).toEqual([undefined, { n: 1 }]);
      for (const value of ['text', '', 0, false, null, [1, 2]]) {
        expect(await failure(cb => s.set('flow1', 'value', value, cb))).toBeFalsy();
        expect(s.get('flow1', 'value')).toEqual(value);
      }
    },
  ],
  [
    'keeps scopes apart',
    async s => {
      for (const scope of ['global', 'flow1', 'node1:flow1', 'flow2']) s.set(scope, 'a', scope);
      for (const scope of ['global', 'flow1', 'node1:flow1', 'flow2']) expect(s.get(scope, 'a')).toBe(scope);
      expect(s.get('node2:flow1', 'a')).toBeUndefined();
    },
  ],
  [
    'reads and writes below a value by a path',
    async s => {
      s.set('flow1', 'deep.list[0].name', 'x');
      expect(s.get('flow1', 'deep')).toEqual({ list: [{ name: 'x' }] });
      s.set('flow1', 'deep["other.key"]', 1);
      expect(s.get('flow1', 'deep["other.key"]')).toBe(1);
      expect(s.get('flow1', 'deep.none.below')).toBeUndefined();
      s.set('flow1', 'deep.list', undefined);
      expect(s.get('flow1', 'deep')).toEqual({ 'other.key': 1 });
    },
  ],
  [
    'refuses a path that is none',
    async s => {
      s.set('flow1', 'a', 1);
      expect(() => s.get('flow1', 'a[')).toThrow();
      expect(() => s.set('flow1', 'a[', 1)).toThrow();
      expect(await failure(cb => s.get('flow1', 'a[', cb))).toBeTruthy();
      expect(await failure(cb => s.set('flow1', 'a[', 1, cb))).toBeTruthy();
    },
  ],
  [
    'takes several keys at once; what has no value is null',
    async s => {
      s.set('flow1', ['one', 'two', 'three'], [1, 2]);
      expect(s.get('flow1', ['one', 'two', 'three', 'four'])).toEqual([1, 2, null, undefined]);
      s.set('flow1', ['one', 'two'], 'x');
      expect(await called(cb => s.get('flow1', ['one', 'two'], cb))).toEqual([undefined, 'x', null]);
    },
  ],
  [
    'lists keys, and forgets what is set to undefined',
    async s => {
      expect(s.keys('flow1')).toEqual([]);
      s.set('flow1', ['a', 'b.c', 'odd key: ü'.slice(0, 3)], [1, 2, 3]);
      expect(s.keys('flow1')?.sort()).toEqual(['a', 'b', 'odd']);
      s.set('flow1', 'a', undefined);
      expect((await called(cb => s.keys('flow1', cb)))[1]).toEqual(['b', 'odd']);
    },
  ],
  [
    'deletes a scope, and cleans what no node has any more',
    async s => {
      const scopes = ['global', 'flow1', 'flow2', 'node1:flow1', 'node2:flow1'];
      await Promise.all(scopes.map(scope => new Promise(stored => s.set(scope, 'a', 1, stored))));
      await s.delete('flow2');
      expect(s.get('flow2', 'a')).toBeUndefined();
      await s.clean(['flow1', 'node1']);
      // What was written is heard of, and then that it is gone.
      while (s.get('node2:flow1', 'a') !== undefined) await new Promise(resolve => setTimeout(resolve, 20));
      const left = ['global', 'flow1', 'node1:flow1'].map(scope => s.get(scope, 'a'));
      expect(left).toEqual([1, 1, 1]);
    },
  ],
];

for (const [of, make] of STORES) {
  test.each(BEHAVIOURS)(`context - ${of} - %s`, async (name, check) => {
    const store = make(`of-${name.replace(/\W/g, '-').slice(0, 20)}`);
    await store.open();
    await check(store);
    await store.close();
  });
}

const PERSISTENT = STORES.slice(1);

test.each(PERSISTENT)(
  'context - %s - what was set is there when Node-RED is started again',
  async (_name, make) => {
    const first = make('again');
    await first.open();
    first.set('global', 'a', { n: [1] });
    first.set('node1:flow1', 'odd.key', 'ü');
    first.set('flow1', 'gone', 1);
    first.set('flow1', 'gone', undefined);
    await first.close();
    const second = make('again');
    await second.open();
    expect([second.get('global', 'a'), second.get('node1:flow1', 'odd')]).toEqual([{ n: [1] }, { key: 'ü' }]);
    expect(second.keys('flow1')).toEqual([]);
    await second.close();
  },
);

test('context - history is kept where it is asked for', async () => {
  const store: ContextStore = context({ url: served.url, bucket: 'past', history: 5 });
  await store.open();
  for (const value of [1, 2, { three: 3 }]) await called(cb => store.set('global', 'counted', value, cb));
  await store.close();
  const { items } = (await kvflow.call('kv-key-history', { bucket: 'past', filter: '>' })) as never;
  expect(items).toMatchObject([{ value: '1' }, { value: '2' }, { value: '{"three":3}' }]);
  expect(await kvflow.call('kv-bucket-info', { bucket: 'past' })).toMatchObject({ history: 5 });
});

test('context - a scope that is deleted while it is written is gone, with its history', async () => {
  const store: ContextStore = context({ url: served.url, bucket: 'at-once', history: 5 });
  await store.open();
  await called(cb => store.set('flow1', 'a', 1, cb));
  // One write is under way, one is set behind it.
  const stored = [2, 3].map(value => called(cb => store.set('flow1', 'a', value, cb)));
  await Promise.all([store.delete('flow1'), ...stored]);
  expect(store.keys('flow1')).toEqual([]);
  // What is set behind the deletion stays.
  const again = called(cb => store.set('flow2', 'a', 1, cb));
  const deleted = store.delete('flow2');
  store.set('flow2', 'a', 2);
  await Promise.all([again, deleted]);
  // Whatever the watch tells comes before what another Node-RED writes now.
  const other: ContextStore = context({ url: served.url, bucket: 'at-once' });
  await other.open();
  await called(cb => other.set('global', 'end', true, cb));
  await eventually(() => expect(store.get('global', 'end')).toBe(true));
  for (const { keys, get } of [store, other]) expect([keys('flow1'), get('flow2', 'a')]).toEqual([[], 2]);
  await Promise.all([store.close(), other.close()]);
  const { items } = (await kvflow.call('kv-key-history', { bucket: 'at-once', filter: 'flow1.>' })) as never;
  expect(items).not.toContainEqual(expect.objectContaining({ value: expect.stringMatching(/^[123]$/) }));
});

test('context - what a callback was told of survives SIGKILL', async () => {
  const script = `import context from ${JSON.stringify(pathToFileURL(MODULE).href)};
    const store = context({ url: ${JSON.stringify(served.url)}, bucket: 'killed' });
    await store.open();
    let left = 100;
    for (let n = 0; n < 100; n++) store.set('flow1', 'k' + (n % 10), n, () => { if (--left === 0) console.log('stored'); });
    setInterval(() => undefined, 1000);`;
  const child = spawn(process.execPath, ['--no-warnings', '--input-type=module', '-e', script]);
  await once(child.stdout, 'data');
  child.kill('SIGKILL');
  await once(child, 'close');
  const store = ours('killed');
  await store.open();
  expect(Array.from({ length: 10 }, (_one, n) => store.get('flow1', `k${n}`))).toEqual(
    Array.from({ length: 10 }, (_one, n) => 90 + n),
  );
  await store.close();
});

test('context - two Node-REDs see what the other sets, and the last write stands in both', async () => {
  const [one, other] = [ours('shared'), ours('shared')];
  await Promise.all([one.open(), other.open()]);
  await called(cb => one.set('global', 'a', 1, cb));
  await eventually(() => expect(other.get('global', 'a')).toBe(1));
  await called(cb => other.set('global', 'a', undefined, cb));
  await eventually(() => expect(one.keys('global')).toEqual([]));
  // Both at once, again and again: they end with the same value, which is the one that is stored.
  for (let round = 0; round < 20; round++) {
    one.set('global', 'race', `one ${round}`);
    other.set('global', 'race', `other ${round}`);
    if (round % 5 === 0) await new Promise(setImmediate);
  }
  await Promise.all([one, other].map(store => called(cb => store.set('flow1', 'end', 1, cb))));
  await eventually(async () => {
    const { value } = await kvflow.call('kv-key-get', { bucket: 'shared', key: 'global.race', json: true });
    expect([one.get('global', 'race'), other.get('global', 'race')]).toEqual([value, value]);
  });
  // What only the other has nodes for is not taken away by a deploy of the one.
  await called(cb => other.set('node9:flow9', 'a', 1, cb));
  await eventually(() => expect(one.get('node9:flow9', 'a')).toBe(1));
  await one.clean(['flow1']);
  expect(one.get('node9:flow9', 'a')).toBe(1);
  await Promise.all([one.close(), other.close()]);
});

test('context - a value that is too large, or no JSON, is told to the callback', async () => {
  await kvflow.call('kv-bucket-create', { bucket: 'small', max_value_size: 10 });
  const store = ours('small');
  await store.open();
  const circular: Record<string, unknown> = {};
  circular.self = circular;
  expect(await failure(cb => store.set('flow1', 'a', 'x'.repeat(20), cb))).toMatchObject({
    code: 'VALUE_TOO_LARGE',
  });
  expect(await failure(cb => store.set('flow1', 'a', circular, cb))).toBeInstanceOf(TypeError);
  await store.close();
});

test('context - what is set while kvflow is away is stored when it is back', async () => {
  const first = await serve(kvflow);
  const store: ContextStore = context({ url: first.url, bucket: 'away' });
  await store.open();
  await first.close();
  const stored = called(cb => store.set('flow1', 'a', 1, cb));
  expect(store.get('flow1', 'a')).toBe(1);
  store.set('flow1', 'a', 2);
  const again = await serve(kvflow, { port: Number(new URL(first.url).port) });
  expect(await stored).toEqual([]);
  await store.close();
  expect(await kvflow.call('kv-key-get', { bucket: 'away', key: 'flow1.a' })).toMatchObject({ value: '2' });
  await again.close();
});

test('context - settings of Node-RED, which are CommonJS, take the module as it is', () => {
  expect(typeof require(MODULE)).toBe('function');
});
