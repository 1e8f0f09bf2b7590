/** Snapshots, and the doctor who puts back from them what was lost. */
import { expect, jest, test } from '@jest/globals';
import { readConfig } from '../../../runtime/config/read-config.ts';
import { check } from '../../../runtime/main/check.ts';
import { doctor } from '../../../runtime/main/snapshots/doctor.ts';
import { listSnapshots } from '../../../runtime/main/snapshots/folder.ts';
import { scheduleSnapshots } from '../../../runtime/main/snapshots/schedule.ts';
import { takeSnapshots } from '../../../runtime/main/snapshots/take.ts';
import type { Finding } from '../../../runtime/transports/cli/host.ts';
import { eventually } from '../../support/eventually.ts';
import { joinNats, startKvflow } from '../../support/kvflow.ts';
import { startNats } from '../../support/nats.ts';
import { tempDir } from '../../support/temp-dir.ts';
import { makePlace } from '../transports/cli/kvflow-process.ts';
import { cutStore, watched } from './hurt-store.ts';

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
