/** What is wrong with NATS and its stores is told where people look: readiness, the bucket itself, metrics, the log. */
import { mkdir, readdir, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, jest, test } from '@jest/globals';
import { readConfig } from '../../../runtime/config/read-config.ts';
import { check } from '../../../runtime/main/check.ts';
import { doctor } from '../../../runtime/main/snapshots/doctor.ts';
import { listSnapshots } from '../../../runtime/main/snapshots/folder.ts';
import { scheduleSnapshots } from '../../../runtime/main/snapshots/schedule.ts';
import { takeSnapshots } from '../../../runtime/main/snapshots/take.ts';
import { createFill } from '../../../runtime/main/stores/fill.ts';
import { createHealth } from '../../../runtime/main/stores/health.ts';
import { diskWarnings } from '../../../runtime/main/stores/space.ts';
import { storeWarnings, watchStores } from '../../../runtime/main/stores/watch-stores.ts';
import type { BucketReport } from '../../../runtime/nats/kv/inspect.ts';
import { startWarnings } from '../../../runtime/nats/server/start-warnings.ts';
import type { Finding } from '../../../runtime/transports/cli/host.ts';
import { eventually } from '../../support/eventually.ts';
import type { TestKvflow } from '../../support/kvflow.ts';
import { joinNats, startKvflow } from '../../support/kvflow.ts';
import type { TestNats } from '../../support/nats.ts';
import { startNats } from '../../support/nats.ts';
import { serve } from '../../support/served.ts';
import { tempDir } from '../../support/temp-dir.ts';
import { startWithOfficial } from '../../support/with-official.ts';
import { makePlace } from '../transports/cli/kvflow-process.ts';

async function watched(kvflow: TestKvflow, dataDir: string) {
  const said: string[] = [];
  const watch = await watchStores({
    nats: kvflow.nats,
    dataDir,
    embedded: false,
    warn: line => said.push(line),
  });
  await watch.look();
  return { watch, said };
}

/** As a disk that lost what was written last. */
async function cutStore({ store }: TestNats, bucket: string): Promise<void> {
  const files = await readdir(store, { recursive: true });
  const block = files.find(file => file.includes(`KV_${bucket}`) && file.endsWith('1.blk')) ?? '';
  const path = join(store, block);
  await truncate(path, Math.floor((await stat(path)).size / 2));
}

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
  await kvflow.nats.noteLoss({ deadline: Date.now() + 5_000 }, 'hurt', undefined);
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

test('snapshots - are taken by themselves, of the embedded server daily, of another where a setting says so', async () => {
  await using kvflow = await startKvflow();
  await kvflow.call('kv-bucket-create', { bucket: 'b' });
  await kvflow.call('kv-key-put', { bucket: 'b', key: 'a', value: 'x' });
  const bounds = { keep: 2, maxBytes: 1e9, minFreeBytes: 0 };
  const taken = async (kind: 'embedded' | 'joined', everyHours?: number) => {
    await using dataDir = await tempDir();
    jest.useFakeTimers({
      doNotFake: ['Date', 'performance', 'hrtime', 'nextTick', 'queueMicrotask', 'setImmediate'],
    });
    const backups = { ...bounds, everyHours };
    const parts = { nats: kvflow.nats, origin: { kind } } as Parameters<typeof scheduleSnapshots>[1];
    using _schedule = scheduleSnapshots({ dataDir: dataDir.path, backups }, parts, () => undefined);
    jest.advanceTimersByTime(5 * 60_000);
    const pending = jest.getTimerCount();
    jest.useRealTimers();
    const found =
      pending === 0
        ? []
        : await eventually(async () => {
            const all = await listSnapshots(dataDir.path);
            expect(all).not.toEqual([]);
            return all;
          });
    return found.length;
  };
  expect(await taken('embedded')).toBe(1);
  expect(await taken('joined', 6)).toBe(1);
  expect(await taken('joined')).toBe(0);
  expect(await taken('embedded', 0)).toBe(0);
});

test('doctor - as a command: it says that nothing is wrong, beside the kvflow that runs, and knows its options', async () => {
  await using place = await makePlace();
  await place.start();
  const found = await place.run(['doctor']);
  expect(found).toMatchObject({ code: 0, stderr: '' });
  expect(found.stdout).toMatch(/^ok {2}/);
  expect(await place.run(['doctor', '--repair', '--accept'])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('kvflow doctor [--repair | --accept]'),
  });
});

test('doctor - what was lost is put back from the newest snapshot that has it, and what was written since stays', async () => {
  await using server = await startNats({ sync: 'always' });
  await using kvflow = joinNats({ servers: [server.url] });
  await using dataDir = await tempDir();
  const put = (keys: string[], value: string) =>
    kvflow.call('kv-key-put-many', {
      bucket: 'hurt',
      items: keys.map(key => ({ key, value: value.repeat(100) })),
    });
  const keys = Array.from({ length: 50 }, (_, i) => `k${i}`);
  await kvflow.call('kv-bucket-create', { bucket: 'hurt' });
  await put(keys, 'a');
  await kvflow.call('kv-key-delete', { bucket: 'hurt', key: 'k7' });
  const said: string[] = [];
  const bounds = { keep: 2, maxBytes: 1e9, minFreeBytes: 0 };
  const options = {
    ...bounds,
    nats: kvflow.nats,
    dataDir: dataDir.path,
    everyMs: 0,
    warn: (line: string) => said.push(line),
  };
  expect(await takeSnapshots(options)).toHaveLength(1);
  expect(await takeSnapshots(options)).toHaveLength(0);
  await put(['late'], 'b');
  const { watch } = await watched(kvflow, dataDir.path);
  await watch[Symbol.asyncDispose]();
  await server.stop('SIGKILL');
  await cutStore(server, 'hurt');
  await server.start();
  await eventually(() => kvflow.call('kv-bucket-info', { bucket: 'hurt' }));
  await put(['k49'], 'n');
  const config = await readConfig({
    env: { NATS_URL: server.url, KVFLOW_DATA_DIR: dataDir.path },
    cwd: dataDir.path,
  });
  const ask = async (what: { repair?: boolean; accept?: boolean }) => {
    const findings: Finding[] = [];
    const asked = { repair: false, accept: false, onProgress: () => undefined, ...what };
    for await (const finding of doctor(config, {}, asked)) findings.push(finding);
    return findings;
  };
  expect(await ask({})).toEqual([
    {
      what: 'bucket hurt',
      ok: false,
      detail: expect.stringMatching(/^lost revisions \d+ to 52; .* up to 51\. --repair/),
    },
  ]);
  const told: Finding[] = [];
  for await (const finding of check(async () => config, {}, { onProgress: () => undefined }))
    told.push(finding);
  expect(told.filter(({ what }) => what === 'stores')).toEqual([
    {
      what: 'stores',
      ok: false,
      detail: expect.stringMatching(/Bucket "hurt": Revisions \d+ to 52 were there/),
    },
  ]);
  // A damaged bucket keeps the snapshots that it has.
  expect(await takeSnapshots(options)).toHaveLength(0);
  expect(await ask({ repair: true })).toEqual([
    {
      what: 'bucket hurt',
      ok: true,
      detail: expect.stringMatching(/items were put back.*52 to 52 are in no snapshot/),
    },
  ]);
  expect(await ask({})).toEqual([{ what: 'stores', ok: true, detail: 'nothing is known to be lost' }]);
  const found = await kvflow.call('kv-key-get-many', { bucket: 'hurt', keys: [...keys, 'late'] });
  expect([found.missing].flat()).toEqual(['k7', 'late']);
  const values = (found.items as unknown as { key: string; value: string }[]).map(({ key, value }) => [
    key,
    value[0],
  ]);
  expect(values).toEqual(keys.filter(key => key !== 'k7').map(key => [key, key === 'k49' ? 'n' : 'a']));
  expect(said).toEqual([]);
  for (let i = 0; i < 3; i++) {
    await put([`more${i}`], 'm');
    expect(await takeSnapshots(options)).toHaveLength(1);
  }
  expect(await listSnapshots(dataDir.path)).toHaveLength(2);
  await put(['more'], 'm');
  expect(await takeSnapshots({ ...options, minFreeBytes: 1e18 })).toHaveLength(0);
  expect(said).toEqual([expect.stringContaining('less than')]);
  expect(await takeSnapshots({ ...options, everyMs: 3_600_000 })).toHaveLength(0);
  expect(await takeSnapshots({ ...options, maxBytes: 1 })).toHaveLength(1);
  expect(await listSnapshots(dataDir.path)).toHaveLength(0);
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
