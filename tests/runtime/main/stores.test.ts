/** What is wrong with NATS and its stores is told where people look: readiness, the bucket itself, metrics, the log. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { createFill } from '../../../runtime/main/stores/fill.ts';
import { createHealth } from '../../../runtime/main/stores/health.ts';
import { diskWarnings } from '../../../runtime/main/stores/space.ts';
import { storeWarnings, watchStores } from '../../../runtime/main/stores/watch-stores.ts';
import type { BucketReport } from '../../../runtime/nats/kv/inspect.ts';
import { startWarnings } from '../../../runtime/nats/server/start-warnings.ts';
import { eventually } from '../../support/eventually.ts';
import { joinNats } from '../../support/kvflow.ts';
import { startNats } from '../../support/nats.ts';
import { serve } from '../../support/served.ts';
import { soon } from '../../support/soon.ts';
import { tempDir } from '../../support/temp-dir.ts';
import { startWithOfficial } from '../../support/with-official.ts';
import { cutStore, watched } from './hurt-store.ts';

test('stores - how full a bucket is, and when it will be full as it grows', async () => {
  let now = 0;
  const fill = createFill(() => now);
  const look = (bytes: number, created = 'once') => {
    const limited = { bucket: 'b', created, bytes, maxBytes: 1_000 };
    fill.note([limited, { bucket: 'any', created, bytes, maxBytes: -1 }] as BucketReport[]);
    now += 60_000;
  };
  look(100);
  expect(fill.figures()).toEqual([{ bucket: 'b', bytes: 100, limit: 1_000 }]);
  look(220);
  // 2 bytes a second, 780 are left.
  expect(fill.figures()).toEqual([{ bucket: 'b', bytes: 220, limit: 1_000, fullInSeconds: 390 }]);
  // What was more than ten minutes ago says nothing.
  now += 600_000;
  look(220);
  expect(fill.figures()).toEqual([{ bucket: 'b', bytes: 220, limit: 1_000 }]);
  look(820, 'again');
  expect(fill.figures()).toEqual([{ bucket: 'b', bytes: 820, limit: 1_000 }]);
});

test('stores - when a bucket will be full is said once it is known for a minute', () => {
  let now = 0;
  const fill = createFill(() => now);
  for (const [at, bytes, expected] of [
    [0, 100, undefined],
    [5_000, 400, undefined],
    [59_999, 400, undefined],
    [60_000, 400, 120],
  ] as const) {
    now = at;
    fill.note([{ bucket: 'b', created: 'once', bytes, maxBytes: 1_000 }] as BucketReport[]);
    expect(fill.figures()[0]?.fullInSeconds).toBe(expected);
  }
});

test('stores - a bucket that comes back with less than it had is told everywhere, until it is made good', async () => {
  await using server = await startNats({ sync: 'always' });
  await using kvflow = joinNats({ servers: [server.url] });
  await using dataDir = await tempDir();
  for (const bucket of ['whole', 'hurt']) {
    await kvflow.call('kv-bucket-create', { bucket });
    const items = Array.from({ length: 50 }, (_, i) => ({ key: `k${i}`, value: 'x'.repeat(100) }));
    await kvflow.call('kv-key-put-many', { bucket, items });
  }
  const before = await watched(kvflow, dataDir.path);
  expect(before.watch.warnings()).toEqual([]);
  await before.watch[Symbol.asyncDispose]();
  await server.stop('SIGKILL');
  await cutStore(server, 'hurt');
  await server.start();
  await eventually(() => kvflow.call('kv-bucket-info', { bucket: 'hurt' }));
  for (const _again of ['once', 'after a restart of kvflow']) {
    const { watch, said } = await watched(kvflow, dataDir.path);
    expect(said).toEqual([
      expect.stringMatching(/^Bucket "hurt": Revisions \d+ to 50 were there and are no more/),
    ]);
    expect(watch.damaged().map(({ bucket }) => bucket)).toEqual(['hurt']);
    const { damage } = await kvflow.call('kv-bucket-info', { bucket: 'hurt' });
    expect(damage).toMatchObject({ lost_to: 50, message: expect.stringContaining('kvflow doctor') });
    await using served = await serve(kvflow, {
      health: createHealth({ nats: kvflow.nats, warnings: watch.warnings }),
      stores: watch.figures,
    });
    const ready = await fetch(`${served.url}/readyz`);
    expect(await ready.json()).toMatchObject({ status_code: 200, data: { status: 'ready', warnings: said } });
    expect(await (await fetch(`${served.url}/metrics`)).text()).toContain(
      'kvflow_bucket_damaged{bucket="hurt"} 1',
    );
    await watch[Symbol.asyncDispose]();
    // What is written since does not hide it.
    const items = Array.from({ length: 60 }, (_, i) => ({ key: `new${i}`, value: 'y' }));
    await kvflow.call('kv-key-put-many', { bucket: 'hurt', items });
  }
  expect((await kvflow.call('kv-bucket-info', { bucket: 'whole' })).damage).toBeUndefined();
  await kvflow.nats.noteLoss(soon(), 'hurt', undefined);
  const after = await watched(kvflow, dataDir.path);
  expect(after.watch.warnings()).toEqual([]);
  await after.watch[Symbol.asyncDispose]();
});

test('stores - an account without JetStream is not ready, and says so; one whose limits are nearly used up says that', async () => {
  await using server = await startNats({
    extra: [
      'accounts { NONE: { users: [{user: none, password: x}] }, FEW: { jetstream: { max_streams: 2 }, users: [{user: few, password: x}] }, SYS: { users: [{user: sys, password: x}] } }',
      'system_account: SYS',
    ].join('\n'),
  });
  await using none = joinNats({ servers: [server.url], user: 'none', password: 'x' });
  await using few = joinNats({ servers: [server.url], user: 'few', password: 'x' });
  await few.call('kv-bucket-list', {});
  await eventually(async () =>
    expect(await createHealth({ nats: none.nats, warnings: () => [] })()).toEqual({
      ready: false,
      reason: expect.stringContaining('has no JetStream'),
    }),
  );
  for (const bucket of ['a', 'b']) await few.call('kv-bucket-create', { bucket });
  await using dataDir = await tempDir();
  const { watch } = await watched(few, dataDir.path);
  expect(watch.warnings()).toEqual([expect.stringContaining('used 2 of 2 streams')]);
  await using served = await serve(few, {
    health: createHealth({ nats: few.nats, warnings: watch.warnings }),
  });
  const ready = await (await fetch(`${served.url}/readyz`)).json();
  expect(ready).toMatchObject({ status_code: 200, data: { status: 'ready', warnings: watch.warnings() } });
  await watch[Symbol.asyncDispose]();
  await server.stop('SIGKILL');
  await eventually(async () =>
    expect(await createHealth({ nats: few.nats, warnings: () => [] })()).toMatchObject({ ready: false }),
  );
});

test('stores - a disk with little left, and consumers that are left over, are warnings', () => {
  const GIB = 1024 ** 3;
  expect(diskWarnings({ free: 100 * GIB, size: 1_000 * GIB })).toEqual([]);
  expect(diskWarnings({ free: GIB / 4, size: 1_000 * GIB })).toEqual([
    expect.stringContaining('256 MiB left'),
  ]);
  // A twentieth of a small disk is enough.
  expect(diskWarnings({ free: GIB / 4, size: 4 * GIB })).toEqual([]);
  expect(diskWarnings(undefined)).toEqual([]);
  const report = (bucket: string, consumers: number) => ({ bucket, consumers }) as BucketReport;
  const buckets = [report('usual', 900), report('full', 901)];
  expect(storeWarnings({ buckets, unavailable: [], helpers: [] })).toEqual([
    'Bucket "full" has 901 consumers, more than are at work.',
  ]);
});

test('stores - little disk space and leftover consumers are told at /readyz, which says that calls are served', async () => {
  await using kvflow = await startWithOfficial();
  await using dataDir = await tempDir();
  await kvflow.call('kv-bucket-create', { bucket: 'left' });
  const stream_name = 'KV_left';
  const made = Array.from({ length: 901 }, async (_, at) => {
    const name = `c${at}`;
    const config = {
      name,
      deliver_policy: 'new',
      ack_policy: 'none',
      replay_policy: 'instant',
      mem_storage: true,
    };
    const request = JSON.stringify({ stream_name, config, action: 'create' });
    const subject = `$JS.API.CONSUMER.CREATE.${stream_name}.${name}`;
    return (await kvflow.official.nc.request(subject, request, { timeout: 30_000 })).json<{
      error?: object;
    }>();
  });
  expect((await Promise.all(made)).filter(({ error }) => error)).toEqual([]);
  const warn = () => undefined;
  const space = async () => ({ free: 1024 ** 2, size: 1024 ** 3 });
  await using watch = await watchStores({
    nats: kvflow.nats,
    dataDir: dataDir.path,
    embedded: true,
    warn,
    space,
  });
  await watch.look();
  await using served = await serve(kvflow, {
    health: createHealth({ nats: kvflow.nats, warnings: watch.warnings }),
    stores: watch.figures,
  });
  const ready = await fetch(`${served.url}/readyz`);
  const warnings = [
    'Bucket "left" has 901 consumers, more than are at work.',
    'The disk of the data directory has 1 MiB left.',
  ];
  expect(await ready.json()).toMatchObject({ status_code: 200, data: { status: 'ready', warnings } });
  expect(await (await fetch(`${served.url}/metrics`)).text()).toContain('kvflow_store_warnings 2');
});

test('stores - what the embedded server says of its stores at its start is told, and nothing else that it says', async () => {
  await using dataDir = await tempDir();
  expect(await startWarnings(dataDir.path)).toEqual([]);
  await mkdir(join(dataDir.path, 'nats'));
  const log = [
    '[1] 2026/01/01 10:00:00.000000 [INF] Starting nats-server',
    '[1] 2026/01/01 10:00:00.000001 [WRN] Filestore [KV_old] Stream state could not be read',
    '[2] 2026/01/01 11:00:00.000000 [INF] Starting nats-server',
    '[2] 2026/01/01 11:00:00.000001 [WRN] Plaintext passwords detected, use nkeys or bcrypt',
    '[2] 2026/01/01 11:00:00.000002 [WRN] Error recovering stream KV_b: corrupt state',
    '[2] 2026/01/01 11:00:01.000000 [INF] Server is ready',
    '[2] 2026/01/01 11:00:02.000000 [ERR] 127.0.0.1:5 - cid:1 - maximum payload exceeded',
  ];
  await writeFile(join(dataDir.path, 'nats', 'nats-server.log'), log.join('\n'));
  expect(await startWarnings(dataDir.path)).toEqual(['Error recovering stream KV_b: corrupt state']);
});
