import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { expect, test } from '@jest/globals';
import type { KvBucketExportOutput, KvKeyListOutput, ListItem } from '../../contract/types.gen.ts';
import { isFailure } from '../../runtime/core/envelope.ts';
import { unavailable } from '../../runtime/nats/request-errors.ts';
import { calls, listAll, listOnce, pairs } from '../support/calls.ts';
import { childPath } from '../support/children.ts';
import { eventually } from '../support/eventually.ts';
import type { TestKvflow } from '../support/kvflow.ts';
import { joinNats, startKvflow } from '../support/kvflow.ts';
import { startLossyProxy } from '../support/lossy-proxy.ts';
import { startNats } from '../support/nats.ts';
import type { Official } from '../support/official.ts';
import { connectOfficial } from '../support/official.ts';
import { startServerWithOfficial, startWithOfficial } from '../support/with-official.ts';
import { bucketOf } from './kv.ts';

const bucket = 'b';
const CHILD = childPath('list-child');

for (const history of [1, 64]) {
  for (const limit of [10, 97]) {
    test(`kv-key-list - history ${history}, pages of ${limit}: keys rewritten and deleted between pages`, async () => {
      await using k = await startWithOfficial();
      await calls.create(k, { bucket, history });
      const world = await changingBucket(k.official, 300);
      const items = await listOnce(k, { bucket, limit }, async (page, count) => {
        world.expectCurrent(page.items);
        await world.change(count);
        return undefined;
      });
      world.expectCurrent(items.slice(items.length - (items.length % limit || limit)));
      world.expectEachOnce(items);
    });
  }

  test(`kv-key-list - history ${history}: keys rewritten while pages are read`, async () => {
    await using k = await startWithOfficial();
    await calls.create(k, { bucket, history });
    await k.official.fill(bucket, 500, i => [`key.${i}`, 'before']);
    const kv = await k.official.kvm.open(bucket);
    let written = 0;
    let done = false;
    const writing = (async () => {
      for (; !done; written++) await kv.put(`key.${(written * 37) % 500}`, 'after');
    })();
    const items = await listOnce(k, { bucket, limit: 20 }, async (_page, count) => {
      await eventually(() => expect(written).toBeGreaterThan(count * 3));
      return undefined;
    });
    done = true;
    await writing;
    expect(items.map(item => item.key).sort()).toEqual(allKeys(500));
    // A key that was met after it was rewritten shows what was written.
    expect(new Set(items.map(item => item.value))).toEqual(new Set(['before', 'after']));
  });

  test(`kv-key-list - history ${history}: two listings at once do not disturb each other`, async () => {
    await using k = await startWithOfficial();
    await calls.create(k, { bucket, history });
    await k.official.fill(bucket, 600, i => [`key.${i % 300}`, `value ${i}`]);
    const limits = [20, 20, 7, 150];
    const listings = await Promise.all(limits.map(limit => listAll(k, { bucket, limit })));
    for (const items of listings) expect(items.map(item => item.key).sort()).toEqual(allKeys(300));
  });

  test(`kv-key-list - history ${history}: a page that failed and is asked for again brings no key twice`, async () => {
    await using server = await startNats();
    await using proxy = await startLossyProxy(server.port);
    await using k = joinNats({ servers: [proxy.url] });
    await calls.create(k, { bucket, history });
    const keys = Array.from({ length: 7 }, (_, i) => `key.${i}`);
    const putAll = () => Promise.all(keys.map(key => calls.put(k, { bucket, key, value: 'x' })));
    await putAll();
    const { openInbox } = k.nats.requests;
    const found: string[] = [];
    for (let cursor: string | undefined, more = true; more; ) {
      // The connection goes, and with it what the page before left open; and no other consumer delivers anything.
      proxy.loseAnswer('"seq":');
      await calls
        .put(k, { bucket, key: keys[0] ?? '', value: 'y', expected_revision: 0 })
        .catch(() => undefined);
      Object.assign(k.nats.requests, {
        openInbox: () => {
          throw unavailable();
        },
      });
      const page = () => ({ bucket, limit: 2, ...(cursor !== undefined && { cursor }) });
      // It may answer that more follows, at another place.
      for (let failed = false; !failed; ) {
        const envelope = await k.invoke('kv-key-list', page());
        failed = isFailure(envelope);
        if (!isFailure(envelope)) cursor = (envelope.data as KvKeyListOutput).cursor;
      }
      Object.assign(k.nats.requests, { openInbox });
      const answer = await calls.list(k, page());
      found.push(...answer.items.map(({ key }) => key));
      if (found.length < keys.length) await putAll();
      [cursor, more] = [answer.cursor, answer.has_more];
    }
    expect(found.sort()).toEqual(keys);
  });

  test(`kv-key-list - history ${history}: goes on in another kvflow process`, async () => {
    await using k = await startKvflow();
    await using other = joinNats(k.joined);
    await using official = await connectOfficial(k.joined);
    await calls.create(k, { bucket, history });
    await official.fill(bucket, 600, i => [`key.${i % 300}`, `value ${i}`]);
    // The last page of each process before it is left is remembered there, and must not mislead it later.
    const readers: TestKvflow[] = [other, other, k, other, k, k];
    const items = await listAll(k, { bucket, limit: 13 }, (_page, count) => readers[count % readers.length]);
    expect(pairs(items)).toEqual(allKeys(300).map(key => [key, `value ${Number(key.slice(4)) + 300}`]));
  });

  test(`kv-key-list - history ${history}: goes on when its consumer is gone`, async () => {
    await using k = await startWithOfficial();
    await calls.create(k, { bucket, history });
    await k.official.fill(bucket, 300, i => [`key.${i}`, 'v']);
    let deleted = 0;
    const items = await listAll(k, { bucket, limit: 20 }, async () => {
      for (const name of await consumers(k.official)) {
        await k.official.jsm.consumers.delete(`KV_${bucket}`, name);
        deleted += 1;
      }
      return undefined;
    });
    expect(deleted).toBeGreaterThan(0);
    expect(items.map(item => item.key).sort()).toEqual(allKeys(300));
  });

  test(`kv-key-list - history ${history}: goes on over a restart of the NATS server`, async () => {
    await using k = await startServerWithOfficial();
    await calls.create(k, { bucket, history });
    await k.official.fill(bucket, 300, i => [`key.${i}`, 'v']);
    const items = await listAll(k, { bucket, limit: 20 }, async (_page, count) => {
      if (count === 1 || count === 5) await restart(k);
      return undefined;
    });
    expect(items.map(item => item.key).sort()).toEqual(allKeys(300));
  });
}

for (const [fn, history] of [
  ['kv-key-list', 1],
  ['kv-key-list', 5],
  ['kv-bucket-export', 1],
  ['kv-bucket-export', 5],
] as const) {
  test(`${fn} - history ${history}: goes on by its cursor where the process was killed: keys may repeat, none is missing`, async () => {
    await using k = await startServerWithOfficial();
    await calls.create(k, { bucket, history });
    await k.official.fill(bucket, 300, i => [`key.${i}`, 'before']);
    const child = spawn(process.execPath, [CHILD, k.server.url, bucket, '100'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(child, 'exit');
    const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
    child.kill('SIGKILL');
    await ended;
    const first = JSON.parse(line) as { keys: string[]; cursor: string };
    // One that was answered is written again, and so is one that is still to come.
    const [again, coming] = [first.keys[3] ?? '', 'key.250'];
    for (const key of [again, coming]) await calls.put(k, { bucket, key, value: 'after' });
    const rest =
      fn === 'kv-key-list'
        ? await listOnce(k, { bucket, limit: 100, cursor: first.cursor })
        : await exportOnce(k, first.cursor);
    const keys = rest.map(({ key }) => key);
    expect([...new Set([...first.keys, ...keys])].sort()).toEqual(allKeys(300));
    expect(keys.filter(key => first.keys.includes(key))).toEqual([again]);
    expect(rest.find(({ key }) => key === coming)?.value).toBe('after');
  });
}

test('kv-key-list - a key held back for the next page is not listed when it is deleted meanwhile', async () => {
  await using k = await startWithOfficial();
  await calls.create(k, { bucket });
  const kv = await k.official.kvm.open(bucket);
  for (const key of ['a', 'b', 'c', 'd']) await kv.put(key, key);
  const { next_seq } = await calls.list(k, { bucket, limit: 2 });
  await kv.delete('c');
  await kv.put('d', 'new');
  const { items } = await calls.list(k, { bucket, limit: 2, start_seq: next_seq });
  expect(pairs(items)).toEqual([['d', 'new']]);
});

test('kv-key-list - an old page can be asked for again, and the pages after it', async () => {
  await using k = await startWithOfficial();
  await calls.create(k, { bucket });
  await k.official.fill(bucket, 200, i => [`key.${i}`, 'v']);
  const first = await calls.list(k, { bucket, limit: 30 });
  const second = await calls.list(k, { bucket, limit: 30, start_seq: first.next_seq });
  const third = await calls.list(k, { bucket, limit: 30, start_seq: second.next_seq });
  const again = await calls.list(k, { bucket, limit: 30, start_seq: first.next_seq });
  expect(again.items).toEqual(second.items);
  expect((await calls.list(k, { bucket, limit: 30, cursor: first.cursor })).items).toEqual(second.items);
  expect((await calls.list(k, { bucket, limit: 30, start_seq: again.next_seq })).items).toEqual(third.items);
  const rest = await listAll(k, { bucket, limit: 30, start_seq: third.next_seq });
  expect([...first.items, ...second.items, ...third.items, ...rest]).toHaveLength(200);
});

test('kv-key-list - a page that failed while NATS was away is complete when asked for again', async () => {
  await using k = await startServerWithOfficial();
  await calls.create(k, { bucket });
  await k.official.fill(bucket, 100, i => [`key.${i}`, 'v']);
  const first = await calls.list(k, { bucket, limit: 20 });
  const second = await calls.list(k, { bucket, limit: 20, start_seq: first.next_seq });
  await k.server.stop();
  const error = await k.fail('kv-key-list', { bucket, start_seq: second.next_seq }, { timeoutMs: 400 });
  expect(error).toMatchObject({ status_code: 503, code: 'UNAVAILABLE', retryable: true });
  await k.server.start();
  const rest = await eventually(() => listAll(k, { bucket, start_seq: second.next_seq }));
  expect(rest.map(item => item.key)).toEqual(allKeys(100, false).slice(40));
});

test('kv-key-list - a listing that was read to its end leaves no consumer behind', async () => {
  await using k = await startWithOfficial();
  await calls.create(k, { bucket });
  await k.official.fill(bucket, 300, i => [`key.${i}`, 'v']);
  let most = 0;
  await listAll(k, { bucket, limit: 50 }, async () => {
    most = Math.max(most, (await consumers(k.official)).length);
    return undefined;
  });
  expect(most).toBe(1);
  await eventually(async () => expect(await consumers(k.official)).toEqual([]));
});

/** The records of an export that goes on by a cursor. */
async function exportOnce(
  k: TestKvflow,
  from: string,
): Promise<{ key: string; value?: string | undefined }[]> {
  const records: { key: string; value?: string | undefined }[] = [];
  for (let cursor: string | undefined = from; cursor !== undefined; ) {
    const page: KvBucketExportOutput = await bucketOf(k, bucket).export({ limit: 100, cursor });
    records.push(...page.records);
    cursor = page.cursor;
  }
  return records;
}

/** A bucket that changes in all the ways there are, and what a listing of it must say. */
async function changingBucket(official: Official, count: number) {
  const kv = await official.kvm.open(bucket);
  const now = new Map<string, string>();
  const everDead = new Set<string>();
  for (let i = 0; i < count; i++) await write(`key.${i}`, `v${i}`);
  return { change, expectCurrent, expectEachOnce };

  async function write(key: string, value: string): Promise<void> {
    await kv.put(key, value);
    now.set(key, value);
  }

  async function end(key: string, how: 'delete' | 'purge'): Promise<void> {
    await kv[how](key);
    now.delete(key);
    everDead.add(key);
  }

  /** Keys far behind, just listed, next in line and far ahead of the listing. */
  async function change(round: number): Promise<void> {
    if (round > 60) return;
    for (const at of [round, round * 10 - 1, round * 10, round * 10 + 1, 299 - round]) {
      await write(`key.${at % count}`, `round ${round}`);
    }
    await end(`key.${(round * 10 + 2) % count}`, 'delete');
    await end(`key.${(round * 13 + 100) % count}`, 'purge');
    if (round % 3 === 0) await write(`key.${(round * 13 + 100) % count}`, `back in round ${round}`);
    await write(`new.${round}`, 'x');
  }

  function expectCurrent(page: ListItem[]): void {
    for (const { key, value } of page) expect([key, value]).toEqual([key, now.get(key)]);
  }

  function expectEachOnce(items: ListItem[]): void {
    const keys = items.map(item => item.key);
    expect(keys.filter((key, i) => keys.indexOf(key) !== i)).toEqual([]);
    const lived = [...now.keys()].filter(key => !everDead.has(key) && key.startsWith('key.'));
    expect(lived.filter(key => !keys.includes(key))).toEqual([]);
  }
}

async function consumers(official: Official): Promise<string[]> {
  const listed = await official.jsm.consumers.list(`KV_${bucket}`).next();
  return listed.map(({ name }) => name);
}

async function restart(k: TestKvflow & { server: { stop(): Promise<void>; start(): Promise<void> } }) {
  await k.server.stop();
  await k.server.start();
}

function allKeys(count: number, sorted = true): string[] {
  const keys = Array.from({ length: count }, (_, i) => `key.${i}`);
  return sorted ? keys.sort() : keys;
}
