/** A backup is a moment that really was, whatever is written; its restore is the same bucket, under its name or another. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { beforeAll, expect, test } from '@jest/globals';
import { fromBackupFile, toBackupFile } from '../../../runtime/core/backup-file.ts';
import { isEntry } from '../../../runtime/core/ports/items.ts';
import type { KvStore } from '../../../runtime/core/ports/kv-store.ts';
import { childPath } from '../../support/children.ts';
import { eventually } from '../../support/eventually.ts';
import { forAll } from '../../support/for-all.ts';
import { joinNats } from '../../support/kvflow.ts';
import { startNats } from '../../support/nats.ts';
import { soon } from '../../support/soon.ts';

let kv: KvStore;

const CHILD = childPath('backup-child');
const GENERATION = Array.from({ length: 900 }, (_, i) => `g.${i}`);
const server = forAll(startNats);
const kvflow = forAll(() => joinNats({ servers: [server.url] }));

beforeAll(async () => {
  kv = kvflow.nats.kv;
});

async function backup(bucket: string) {
  await using taken = await kv.backup(soon(), bucket);
  const file: Buffer[] = [];
  for await (const chunk of toBackupFile(taken)) file.push(chunk);
  return { file: Buffer.concat(file), header: taken.header };
}

async function restore(file: Buffer, bucket: string) {
  await kv.restore(soon(), { bucket, ...(await fromBackupFile(inPieces(file))) });
}

/** As a file or a connection gives it: by no part that anybody chose. */
async function* inPieces(file: Buffer) {
  for (let at = 0; at < file.length; at += 50_000) yield file.subarray(at, at + 50_000);
}

const streams = async () =>
  (await (await kvflow.nats.connection).request('$JS.API.STREAM.NAMES', '')).json<{
    streams: string[] | null;
  }>();

async function revisionsOf(bucket: string) {
  const page = await kv.historyPage(soon(), { bucket, startSeq: 0, limit: 1_000, filter: '>' });
  return page.entries.map(entry =>
    isEntry(entry) ? { ...entry, value: Buffer.from(entry.value).toString() } : entry,
  );
}

test.each([
  ['file, history 5', { history: 5, key_ttl: true }],
  ['memory', { storage: 'memory' as const }],
  [
    'base64 keys, compressed, republished',
    { key_encoding: 'base64' as const, compression: true, republish: { source: '$KV.B.>', dest: 'told.>' } },
  ],
])('backup - all comes back with its revisions, under its name and another: %s', async (name, options) => {
  const bucket = `same-${name.length}`;
  const republish = 'republish' in options && {
    republish: { source: `$KV.${bucket}.>`, dest: `told.${bucket}.>` },
  };
  await kv.createBucket(soon(), bucket, { ...options, ...republish });
  for (let i = 0; i < 40; i++) await kv.put(soon(), { bucket, key: `k.${i % 15}`, value: `v${i}` });
  await kv.remove(soon(), { bucket, key: 'k.3', operation: 'delete' });
  if ('key_ttl' in options) await kv.put(soon(), { bucket, key: 'k.1', value: 'ends', ttl: 3_600e9 });
  const before = await revisionsOf(bucket);
  const { file, header } = await backup(bucket);
  expect(header).toMatchObject({ bucket, revision: before.at(-1)?.revision, paused_ms: 0 });
  await expect(restore(file, bucket)).rejects.toMatchObject({ code: 'BUCKET_EXISTS' });
  await restore(file, `${bucket}-copy`);
  expect(await revisionsOf(`${bucket}-copy`)).toEqual(before);
  const {
    bucket: _b,
    created_at: _c,
    republish: _r,
    bytes: _s,
    ...info
  } = await kv.bucketInfo(soon(), bucket);
  expect(await kv.bucketInfo(soon(), `${bucket}-copy`)).toMatchObject(info);
  await kv.deleteBucket(soon(), bucket);
  await restore(file, bucket);
  expect(await revisionsOf(bucket)).toEqual(before);
  for (const name of [bucket, `${bucket}-copy`]) {
    const put = await kv.put(soon(), { bucket: name, key: 'k.1', value: 'after' });
    expect(put.revision).toBeGreaterThan(header.revision);
  }
  expect((await streams()).streams?.filter(stream => /kvflow_/.test(stream))).toEqual([]);
});

test('backup - the moment is one that was: ten under transfers by several writers keep every sum', async () => {
  const bucket = 'sums';
  const [accounts, start] = [60, 100];
  await kv.createBucket(soon(), bucket, {});
  const puts = Array.from({ length: accounts }, (_, i) => ({ key: `a.${i}`, value: String(start) }));
  await kv.putMany(soon(), bucket, puts);
  let [running, made] = [true, 0];
  const failed: unknown[] = [];
  const writer = async (who: number) => {
    for (let i = 0; running; i++) {
      const [from, to] = [(who * 7 + i) % accounts, (who * 13 + i * 5 + 1) % accounts];
      if (from === to) continue;
      const change = (by: number) => ({
        op: 'change' as const,
        change: (found: { value: Uint8Array } | undefined) => ({
          value: String(Number(Buffer.from(found?.value ?? []).toString()) + by),
        }),
      });
      const operations = [
        { key: `a.${from}`, ...change(-1) },
        { key: `a.${to}`, ...change(1) },
      ];
      await kv.transact(soon(), { bucket, operations }).then(
        () => (made += 1),
        error => failed.push(error),
      );
    }
  };
  const plain = async () => {
    for (let i = 0; running; i++)
      await kv.put(soon(), { bucket, key: 'plain', value: String(i) }).catch(error => failed.push(error));
  };
  /** Many keys in one commit: of a copy that is no moment some are of another one. */
  const generations = async () => {
    for (let i = 0; running; i++) {
      const operations = GENERATION.map(key => ({ op: 'put' as const, key, value: String(i) }));
      await kv.transact(soon(), { bucket, operations }).catch(error => failed.push(error));
    }
  };
  const writers = [writer(1), writer(2), plain(), generations()];
  const files: Buffer[] = [];
  const pauses: number[] = [];
  for (let i = 0; i < 10; i++) {
    const { file, header } = await backup(bucket);
    files.push(file);
    pauses.push(header.paused_ms);
  }
  running = false;
  await Promise.all(writers);
  expect(failed).toEqual([]);
  expect(made).toBeGreaterThan(0);
  expect(pauses.some(ms => ms > 0)).toBe(true);
  for (const [i, file] of files.entries()) {
    await restore(file, `sums-${i}`);
    const found = await kv.getMany(
      soon(),
      `sums-${i}`,
      puts.map(({ key }) => key),
    );
    const sum = found.reduce(
      (all, entry) => all + (isEntry(entry) ? Number(Buffer.from(entry.value).toString()) : Number.NaN),
      0,
    );
    expect(sum).toBe(accounts * start);
    const together = await kv.getMany(soon(), `sums-${i}`, GENERATION);
    const seen = together.map(entry => (isEntry(entry) ? Buffer.from(entry.value).toString() : 'none'));
    expect(new Set(seen).size).toBe(1);
    await kv.deleteBucket(soon(), `sums-${i}`);
  }
});

test.each<[what: string, change: (file: Buffer) => Buffer, message: RegExp]>([
  ['is cut in its data', file => file.subarray(0, file.length - 200), /was cut/],
  ['lacks its last line', file => file.subarray(0, file.length - 20), /last line is missing/],
  [
    'has a byte changed',
    file =>
      Buffer.from(file).fill(file.readUInt8(file.length - 400) ^ 1, file.length - 400, file.length - 399),
    /was altered|cannot read|was cut/,
  ],
  [
    'is of a later form',
    file => Buffer.from(file.toString('latin1').replace('"kvflow_backup":1', '"kvflow_backup":9'), 'latin1'),
    /reads form 1/,
  ],
  ['is something else', () => Buffer.from('{"kvflow_export":1}\n'), /is no backup/],
])('restore - a file that %s restores nothing', async (_what, change, message) => {
  const bucket = 'whole';
  await kv.createBucket(soon(), bucket, {});
  for (let i = 0; i < 30; i++) await kv.put(soon(), { bucket, key: `k${i}`, value: 'x'.repeat(i) });
  const { file } = await backup(bucket);
  for (const name of ['broken', bucket]) {
    if (name === bucket) await kv.deleteBucket(soon(), bucket);
    await expect(restore(change(file), name)).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringMatching(message),
    });
    await expect(kv.bucketInfo(soon(), name)).rejects.toMatchObject({ code: 'BUCKET_NOT_FOUND' });
  }
  expect((await streams()).streams?.filter(stream => /kvflow_restore/.test(stream)) ?? []).toEqual([]);
});

test('backup - killed in any step, writes go on and what is left over is ended by the next start', async () => {
  const steps = [
    ['STREAM.CREATE.kvflow_copy', 'answered'],
    ['STREAM.UPDATE.KV_', 'sent'],
    ['STREAM.UPDATE.KV_', 'answered'],
    ['STREAM.UPDATE.kvflow_copy', 'answered'],
    ['STREAM.UPDATE.KV_#2', 'sent'],
    ['STREAM.UPDATE.KV_#2', 'answered'],
    ['STREAM.SNAPSHOT', 'answered'],
    ['STREAM.DELETE', 'sent'],
  ];
  const killed = await Promise.all(
    steps.map(([subject = '', when = ''], i) => killedBackup(`step-${i}`, subject, when)),
  );
  expect(killed).toEqual(steps.map(() => 'SIGKILL'));
  // One that nobody writes to is freed by whoever starts.
  await killedBackup('quiet', 'STREAM.UPDATE.KV_', 'answered', { quiet: true });
  const repaired = await kvflow.nats.repairBackups(soon(), { alone: false });
  expect(repaired).toEqual({ freed: ['quiet'], deleted: [] });
  const { deleted } = await kvflow.nats.repairBackups(soon(), { alone: true });
  expect(deleted.length).toBeGreaterThan(3);
  expect((await streams()).streams?.filter(stream => /kvflow_/.test(stream))).toEqual([]);
  await kv.put(soon(), { bucket: 'quiet', key: 'k', value: 'x' });
}, 60_000);

/** Writes go on all the while, and after it: each that was acknowledged is there. */
async function killedBackup(bucket: string, subject: string, when: string, { quiet = false } = {}) {
  await kv.createBucket(soon(), bucket, {});
  let [written, running] = [0, !quiet];
  const writing = (async () => {
    for (let i = 1; running; i++) {
      await kv.put(soon(), { bucket, key: 'k', value: String(i) });
      written = i;
    }
  })();
  const child = spawn(process.execPath, [CHILD, server.url, bucket, subject, when], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [, signal] = (await once(child, 'exit')) as [number, string];
  if (quiet) return signal;
  const before = written;
  const goesOn = () => expect(written).toBeGreaterThan(before + 1);
  await Promise.race([writing, eventually(goesOn, { within: 20_000 })]).finally(() => (running = false));
  await writing;
  const found = await kv.get(soon(), { bucket, key: 'k' });
  expect(isEntry(found) && Buffer.from(found.value).toString()).toBe(String(written));
  return signal;
}

test('backup - what gathers from others, or follows them, is refused while it changes and taken when it is quiet', async () => {
  await kv.createBucket(soon(), 'origin', {});
  await kv.put(soon(), { bucket: 'origin', key: 'k', value: 'x' });
  await kv.createBucket(soon(), 'follower', { mirror: { name: 'origin' } });
  await eventually(async () =>
    expect(isEntry(await kv.get(soon(), { bucket: 'follower', key: 'k' }))).toBe(true),
  );
  await using other = joinNats({ servers: [server.url] });
  const { ask } = other.nats.requests;
  let written = 1;
  other.nats.requests.ask = async (call, to, payload, options) => {
    // Written to at every look; the next look comes when the follower has it.
    if (to.endsWith('STREAM.INFO.KV_follower')) {
      const { revision } = await kv.put(soon(), { bucket: 'origin', key: 'k', value: `${++written}` });
      await eventually(async () =>
        expect(await kv.get(soon(), { bucket: 'follower', key: 'k' })).toMatchObject({ revision }),
      );
    }
    return await ask(call, to, payload, options);
  };
  await expect(other.nats.kv.backup(soon(), 'follower')).rejects.toMatchObject({
    code: 'UNSUPPORTED',
    message: expect.stringContaining('follows "KV_origin", which is written to all the time'),
  });
  expect((await streams()).streams?.filter(stream => /kvflow_/.test(stream))).toEqual([]);
  const { file } = await backup('follower');
  await restore(file, 'of-follower');
  expect((await revisionsOf('of-follower')).map(({ revision }) => revision)).toEqual([written]);
  await kv.put(soon(), { bucket: 'of-follower', key: 'k', value: 'own' });
});

test('backup - an account that may not make streams is told so, with what can be had', async () => {
  await using denied = await startNats({
    extra:
      'authorization { users: [{user: all, password: x}, {user: few, password: x, permissions: { publish: { deny: ["$JS.API.STREAM.CREATE.>"] } }}] }',
  });
  await using all = joinNats({ servers: [denied.url], user: 'all', password: 'x' });
  await using few = joinNats({ servers: [denied.url], user: 'few', password: 'x' });
  await all.nats.kv.createBucket(soon(), 'b', {});
  await expect(few.nats.kv.backup(soon(), 'b')).rejects.toMatchObject({
    code: 'UNSUPPORTED',
    message: expect.stringMatching(/STREAM.CREATE.*export --history/),
  });
});

test('kv-bucket-clone - a bucket that is republished and written to is copied with its history', async () => {
  await kv.createBucket(soon(), 'told', { history: 3, republish: { source: '$KV.told.>', dest: 'news.>' } });
  let running = true;
  const writing = (async () => {
    for (let i = 0; running; i++)
      await kv.put(soon(), { bucket: 'told', key: `k${i % 3}`, value: String(i) });
  })();
  const copied = await kvflow.call('kv-bucket-clone', { bucket: 'told', to: 'told-too' });
  running = false;
  await writing;
  const kept = await revisionsOf('told-too');
  expect(kept.at(-1)?.revision).toBe(Number(copied.revision));
  expect(kept).toHaveLength(Number(copied.messages));
  expect((await kv.bucketInfo(soon(), 'told')).republish).toBeDefined();
  expect((await kv.bucketInfo(soon(), 'told-too')).republish).toBeUndefined();
  expect(await kvflow.fail('kv-bucket-clone', { bucket: 'told', to: 'told-too' })).toMatchObject({
    code: 'BUCKET_EXISTS',
  });
});

test('backup - what is purged while the copy follows is not in it', async () => {
  await using other = joinNats({ servers: [server.url] });
  const bucket = 'purged';
  await kv.createBucket(soon(), bucket, { history: 2 });
  for (const key of ['first', 'gone', 'stays', 'gone.too']) await kv.put(soon(), { bucket, key, value: key });
  const { requests } = other.nats;
  const { ask } = requests;
  requests.ask = async (call, to, payload, options) => {
    // Written to at every look, so that the bucket has to be held still; then a mirror does not hear of purges.
    if (to.includes(`STREAM.INFO.KV_${bucket}`))
      (await other.nats.connection).publish(`$KV.${bucket}.noise`, 'x');
    const isAside = to.endsWith(`STREAM.UPDATE.KV_${bucket}`) && String(payload).includes('kvflow.aside.KV_');
    if (isAside)
      for (const key of ['first', 'gone', 'gone.too']) await kv.erase(soon(), { bucket, key, upTo: 100 });
    return await ask(call, to, payload, options);
  };
  await other.nats.kv.copyBucket(soon(), { bucket, to: 'purged-copy' });
  const keys = (await revisionsOf('purged-copy')).map(({ key }) => key);
  expect(new Set(keys)).toEqual(new Set(['stays', 'noise']));
});
