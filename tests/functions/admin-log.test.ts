/** The log of administrative calls (admin-log-list), and a bucket's changes newest first (kv-bucket-changes). */
import { expect, test } from '@jest/globals';
import { createInvoke } from '../../runtime/core/invoke.ts';
import { createOpen } from '../../runtime/core/open.ts';
import { EVERYTHING } from '../../runtime/core/principal.ts';
import { createAdminLog } from '../../runtime/core/state/admin-log.ts';
import type { TestKvflow } from '../support/kvflow.ts';
import { joinNats, registry, startKvflow } from '../support/kvflow.ts';
import { startMonitored } from '../support/monitor.ts';
import { PATIENCE } from '../support/patience.ts';
import { bucketOf, startBucket } from './kv.ts';

const principal = { ...EVERYTHING, name: 'ops' };
const by = { host: 'cli', key: 'ops' };
const call = () => ({ deadline: Date.now() + 5_000 * PATIENCE });

/** A kvflow that keeps the log, as a server does. */
function recording(k: TestKvflow) {
  const faults: unknown[] = [];
  const log = createAdminLog(k.nats.kv, fault => faults.push(fault));
  const invoke = createInvoke({ registry, kv: k.nats.kv, adminLog: log });
  const run = (name: string, input: object) => invoke(name, input, { principal, by: { host: 'cli' } });
  return { run, log, faults };
}

test('admin-log-list - says what was done to buckets, by whom, newest first', async () => {
  await using k = await startKvflow();
  const { run } = recording(k);
  await run('kv-bucket-create', { bucket: 'a', history: 2, metadata: { note: 'x'.repeat(9_000) } });
  await run('kv-bucket-create', { bucket: 'a', history: 2, metadata: { note: 'x'.repeat(9_000) } });
  await run('kv-bucket-update', { bucket: 'a', ttl: 60_000_000_000 });
  await run('kv-bucket-update', { bucket: 'nowhere', ttl: 0 });
  await run('kv-key-put', { bucket: 'a', key: 'k', value: '1' });
  await run('kv-key-purge', { bucket: 'a', key: 'k' });
  await run('kv-key-purge', { bucket: 'a', filter: '>', dry_run: true });
  await run('kv-key-purge', { bucket: 'a', filter: '>' });
  await run('kv-bucket-clone', { bucket: 'a', to: 'b' });
  await run('kv-bucket-delete', { bucket: 'a', confirm: 'a' });
  const { entries } = await k.call('admin-log-list', {});
  expect(entries).toMatchObject([
    { action: 'kv-bucket-delete', bucket: 'a', outcome: 'OK', by },
    { action: 'kv-bucket-clone', bucket: 'a', input: { to: 'b' }, by },
    { action: 'kv-key-purge', bucket: 'a', input: { filter: '>' }, by },
    { action: 'kv-bucket-update', bucket: 'a', input: { ttl: 60_000_000_000 }, by },
    { action: 'kv-bucket-create', bucket: 'a', input: { history: 2 }, by },
  ]);
  expect(entries).toHaveLength(5);
  const page = await k.call('admin-log-list', { limit: 2 });
  expect((await k.call('admin-log-list', { limit: 2, before: page.next })).entries).toMatchObject([
    { action: 'kv-key-purge' },
    { action: 'kv-bucket-update' },
  ]);
  expect((await k.call('admin-log-list', { action: 'kv-bucket-create' })).entries).toHaveLength(1);
  const limited = { ...principal, buckets: ['a', 'kvflow*'] };
  expect((await k.fail('admin-log-list', {}, { principal: limited })).code).toBe('FORBIDDEN');
});

test('admin-log-list - a bucket that was made of a backup is told of, and by whom', async () => {
  await using k = await startKvflow();
  await bucketOf(k, 'a').create();
  const open = createOpen({ registry, kv: k.nats.kv, adminLog: createAdminLog(k.nats.kv, () => undefined) });
  const caller = { principal, by: { host: 'cli' } };
  await using taken = await open('backup', { bucket: 'a' }, caller);
  await (await open('restore', { bucket: 'b', num_replicas: 1 }, caller))(taken);
  const { entries } = await k.call('admin-log-list', {});
  expect(entries).toMatchObject([
    { action: 'restore', bucket: 'b', outcome: 'OK', input: { num_replicas: 1 }, by },
  ]);
});

test('admin-log-list - API keys that come, change and go are told once, whoever sees it', async () => {
  await using k = await startKvflow();
  const [one, two] = [recording(k), recording(k)];
  const ops = { functions: ['*'], read_only: false };
  await one.log.recordKeys(call(), '/data', {});
  expect((await k.call('kv-bucket-list', {})).total).toBe(0);
  const tell = (keys: Record<string, Record<string, unknown>>) =>
    Promise.all([one, two].map(({ log }) => log.recordKeys(call(), '/data', keys)));
  await tell({ ops, shop: ops });
  await tell({ ops: { ...ops, read_only: true } });
  await tell({ ops: { ...ops, read_only: true } });
  const { entries } = await k.call('admin-log-list', {});
  expect(
    (entries as unknown as { action: string; input: { name: string } }[]).map(
      e => `${e.action} ${e.input.name}`,
    ),
  ).toEqual(['api-key-removed shop', 'api-key-changed ops', 'api-key-added shop', 'api-key-added ops']);
  expect([...one.faults, ...two.faults]).toEqual([]);
});

test('an entry that cannot be stored does not fail its call, and is told', async () => {
  await using k = await startKvflow();
  const { run, faults } = recording(k);
  await bucketOf(k, 'origin').create();
  await k.nats.kv.createBucket(call(), 'kvflow_admin_log', { mirror: { name: 'origin' } });
  expect(await run('kv-bucket-create', { bucket: 'a' })).toMatchObject({ status_code: 200 });
  expect(faults).toHaveLength(1);
});

test('kv-bucket-changes - every change once, newest first, page by page, over many others', async () => {
  await using items = await startBucket('b', { history: 5, key_ttl: true });
  await items.put('seen', 'first', { metadata: { a: '1' } });
  for (let i = 0; i < 3; i++) {
    await items.putMany(Array.from({ length: 700 }, (_, n) => ({ key: `other.${i}.${n}`, value: 'x' })));
  }
  await items.transact(
    [
      { op: 'put', key: 'seen', value: 'second' },
      { op: 'delete', key: 'other.0.0' },
    ],
    {
      checks: [
        { key: 'nothing', revision: 0 },
        { key: 'nothing2', revision: 0 },
        { key: 'nothing3', revision: 0 },
      ],
    },
  );
  await items.put('seen', 'third', { ttl: 600_000_000_000 });
  const list = (more: object) => items.kvflow.call('kv-bucket-changes', { bucket: 'b', ...more });
  const { changes, has_more } = await list({ filter: 'seen' });
  expect(changes).toMatchObject([
    { size: 5, expires_at: expect.any(String) },
    { size: 6 },
    { size: 5, metadata: { a: '1' } },
  ]);
  expect(has_more).toBe(false);
  const seen: string[] = [];
  for (let page = await list({ limit: 400 }); ; page = await list({ limit: 400, before: page.next })) {
    seen.push(
      ...(page.changes as unknown as { revision: number; key: string }[]).map(
        ({ key, revision }) => `${revision} ${key}`,
      ),
    );
    if (!page.has_more) break;
  }
  expect(seen).toHaveLength(2_104);
  expect(new Set(seen).size).toBe(2_104);
  expect(seen.at(-1)).toBe('1 seen');
  expect(seen.map(line => Number.parseInt(line, 10))).toEqual(
    seen.map(line => Number.parseInt(line, 10)).toSorted((a, b) => b - a),
  );
});

test('kv-bucket-changes - of large values a page reads no more than it can in its time, and all pages have every change', async () => {
  await using server = await startMonitored();
  await using kvflow = joinNats({ servers: [server.url] });
  const put = (key: string) => kvflow.call('kv-key-put', { bucket: 'b', key, value: 'x'.repeat(1_000_000) });
  await kvflow.call('kv-bucket-create', { bucket: 'b', storage: 'memory' });
  const keys = Array.from({ length: 60 }, (_, at) => `k${at}`);
  for (const key of keys) await put(key);
  const seen: string[] = [];
  await server.workSince();
  for (let page: Page = { changes: [], has_more: true }; page.has_more; ) {
    page = (await kvflow.call('kv-bucket-changes', {
      bucket: 'b',
      ...(page.next !== undefined && { before: page.next }),
    })) as unknown as Page;
    expect((await server.workSince()).bytesSent).toBeLessThan(30_000_000);
    seen.push(...page.changes.map(({ key }) => key));
  }
  expect(seen).toEqual(keys.toReversed());
});

interface Page {
  changes: { key: string }[];
  next?: number;
  has_more: boolean;
}
