import { beforeAll, expect, test } from '@jest/globals';
import { calls, listAll, pairs } from '../support/calls.ts';
import { eventually } from '../support/eventually.ts';
import { endedAtLast } from '../support/for-all.ts';
import type { TestKvflow } from '../support/kvflow.ts';
import { joinNats } from '../support/kvflow.ts';
import type { TestNats } from '../support/nats.ts';
import { connectOfficial } from '../support/official.ts';
import { PATIENCE } from '../support/patience.ts';
import type { TestHub } from '../support/topologies.ts';
import { startHub, startLeaf } from '../support/topologies.ts';

let hub: TestHub;
let leaf: TestNats;
let atHub: TestKvflow;
let atLeaf: TestKvflow;

beforeAll(async () => {
  hub = endedAtLast(await startHub('hub'));
  leaf = endedAtLast(await startLeaf(hub, 'edge'));
  atHub = endedAtLast(joinNats({ servers: [hub.url] }));
  atLeaf = endedAtLast(joinNats({ servers: [leaf.url] }));
});

test('domains - buckets of the same name in two domains stay apart', async () => {
  for (const k of [atHub, atLeaf]) await calls.create(k, { bucket: 'same' });
  await calls.put(atHub, { bucket: 'same', key: 'a', value: 'at hub' });
  await calls.put(atLeaf, { bucket: 'same', key: 'a', value: 'at leaf' });
  await value(atHub, 'same', 'a', 'at hub');
  await value(atLeaf, 'same', 'a', 'at leaf');
  expect((await calls.list(atHub, { bucket: 'same' })).items).toHaveLength(1);
});

test('domains - a mirror on the leaf reads the hub’s keys and writes to the hub', async () => {
  await calls.create(atHub, { bucket: 'products', history: 5 });
  await calls.put(atHub, { bucket: 'products', key: 'p.1', value: '1' });
  const made = await calls.create(atLeaf, { bucket: 'copy', mirror: { name: 'products', domain: 'hub' } });
  expect(made).toMatchObject({
    created: true,
    mirror: { name: 'products', domain: 'hub' },
    read_only: false,
  });
  await value(atLeaf, 'copy', 'p.1', '1');
  const { revision } = await calls.put(atLeaf, { bucket: 'copy', key: 'p.1', value: '2' });
  await value(atHub, 'products', 'p.1', '2');
  await value(atLeaf, 'copy', 'p.1', '2');
  expect((await calls.get(atHub, { bucket: 'products', key: 'p.1' })).revision).toBe(revision);
  expect(pairs(await listAll(atLeaf, { bucket: 'copy', filter: 'p.*', limit: 1 }))).toEqual([['p.1', '2']]);
  await using official = await connectOfficial(leaf.url);
  // As other clients make mirrors, and one that was made without is the same bucket.
  const config = await official.config('copy');
  expect(config.mirror_direct).toBe(true);
  await official.jsm.streams.update('KV_copy', { ...config, mirror_direct: false });
  const again = await calls.create(atLeaf, { bucket: 'copy', mirror: { name: 'products', domain: 'hub' } });
  expect(again.created).toBe(false);
});

test('domains - compare-and-set through a mirror asks the hub', async () => {
  await calls.create(atHub, { bucket: 'locks' });
  await calls.create(atLeaf, { bucket: 'locks-copy', mirror: { name: 'locks', domain: 'hub' } });
  const bucket = 'locks-copy';
  for (let i = 0; i < 10; i++) {
    const key = `key.${i}`;
    const { revision } = await calls.put(atLeaf, { bucket, key, value: '1', expected_revision: 0 });
    const next = await calls.put(atHub, { bucket: 'locks', key, value: '2', expected_revision: revision });
    for (const expected_revision of [0, revision]) {
      const error = await atLeaf.fail('kv-key-put', { bucket, key, value: 'x', expected_revision });
      expect(error).toMatchObject({
        code: 'REVISION_CONFLICT',
        details: { current_revision: next.revision },
      });
    }
  }
});

test('domains - a mirror of the hub’s mirror writes to the first origin', async () => {
  await calls.create(atHub, { bucket: 'first' });
  await calls.create(atHub, { bucket: 'second', mirror: { name: 'first' } });
  await calls.create(atLeaf, { bucket: 'third', mirror: { name: 'second', domain: 'hub' } });
  await calls.put(atLeaf, { bucket: 'third', key: 'a', value: 'x' });
  await value(atHub, 'first', 'a', 'x');
  await value(atLeaf, 'third', 'a', 'x');
});

test('domains - sources of both domains show under the own name', async () => {
  await calls.create(atHub, { bucket: 'orders-hub' });
  await calls.create(atLeaf, { bucket: 'orders-edge' });
  await calls.create(atLeaf, {
    bucket: 'orders',
    sources: [{ name: 'orders-hub', domain: 'hub' }, { name: 'orders-edge' }],
  });
  await calls.put(atHub, { bucket: 'orders-hub', key: 'h.1', value: 'hub' });
  await calls.put(atLeaf, { bucket: 'orders-edge', key: 'e.1', value: 'edge' });
  await eventually(async () => {
    expect(pairs(await listAll(atLeaf, { bucket: 'orders' }))).toEqual([
      ['e.1', 'edge'],
      ['h.1', 'hub'],
    ]);
  });
});

test('domains - a mirror of a base64 bucket of the hub decodes its keys', async () => {
  await calls.create(atHub, { bucket: 'texts', key_encoding: 'base64' });
  const mirror = { name: 'texts', domain: 'hub' };
  expect((await calls.create(atLeaf, { bucket: 'texts-copy', mirror })).key_encoding).toBe('base64');
  await calls.put(atLeaf, { bucket: 'texts-copy', key: 'ü b', value: 'x' });
  await value(atHub, 'texts', 'ü b', 'x');
  await value(atLeaf, 'texts-copy', 'ü b', 'x');
});

test('domains - a mirror in a domain that is not there says so on writes', async () => {
  await calls.create(atLeaf, { bucket: 'lost', mirror: { name: 'products', domain: 'nowhere' } });
  const started = Date.now();
  const input = { bucket: 'lost', key: 'a', value: 'x' };
  const error = await atLeaf.fail('kv-key-put', input, { timeoutMs: 3_000 });
  expect(error).toMatchObject({ status_code: 503, code: 'UNAVAILABLE', retryable: true });
  expect(Date.now() - started).toBeLessThan(3_000 + 500 * PATIENCE);
});

// The last one: it stops the hub and starts it again.
test('domains - with the hub away mirrors are read, also by a new process, and writes say why not', async () => {
  await calls.create(atHub, { bucket: 'far' });
  await calls.create(atHub, { bucket: 'far-copy', mirror: { name: 'far' } });
  await calls.create(atLeaf, { bucket: 'near', mirror: { name: 'far', domain: 'hub' } });
  await calls.create(atLeaf, { bucket: 'nearer', mirror: { name: 'far-copy', domain: 'hub' } });
  await calls.put(atHub, { bucket: 'far', key: 'a.b', value: 'x' });
  const mirrors = ['near', 'nearer'];
  for (const bucket of mirrors) await value(atLeaf, bucket, 'a.b', 'x');

  await hub.stop();
  await using fresh = joinNats({ servers: [leaf.url] });
  for (const k of [atLeaf, fresh]) {
    for (const bucket of mirrors) {
      expect((await calls.get(k, { bucket, key: 'a.b' })).value).toBe('x');
      expect(pairs(await listAll(k, { bucket, filter: 'a.*' }))).toEqual([['a.b', 'x']]);
      expect((await k.fail('kv-key-get', { bucket, key: 'never' })).code).toBe('KEY_NOT_FOUND');
      const started = Date.now();
      const error = await k.fail('kv-key-put', { bucket, key: 'lost', value: 'y' }, { timeoutMs: 4_000 });
      expect(error).toMatchObject({ status_code: 503, code: 'UNAVAILABLE', retryable: true });
      expect(error.message).toContain('origin');
      expect(Date.now() - started).toBeLessThan(4_000 + 500 * PATIENCE);
    }
  }
  const { buckets } = await calls.buckets(atLeaf, {});
  expect(buckets.map(({ bucket }) => bucket)).toEqual(expect.arrayContaining(mirrors));

  await hub.start();
  await eventually(() => calls.put(atLeaf, { bucket: 'near', key: 'a.b', value: 'z' }));
  await value(atLeaf, 'nearer', 'a.b', 'z', 20_000);
  expect((await atHub.fail('kv-key-get', { bucket: 'far', key: 'lost' })).code).toBe('KEY_NOT_FOUND');
});

async function value(k: TestKvflow, bucket: string, key: string, expected: string, within = 10_000) {
  await eventually(async () => expect((await calls.get(k, { bucket, key })).value).toBe(expected), {
    within,
  });
}
