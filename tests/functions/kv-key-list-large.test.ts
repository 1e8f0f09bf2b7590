import { expect, test } from '@jest/globals';
import { headers } from '@nats-io/transport-node';
import { pipelined } from '../../runtime/core/pipeline.ts';
import { calls, listAll, listOnce, pairs } from '../support/calls.ts';
import type { TestKvflow } from '../support/kvflow.ts';
import { joinNats } from '../support/kvflow.ts';
import type { MonitoredNats, Work } from '../support/monitor.ts';
import { startMonitored } from '../support/monitor.ts';
import type { Official } from '../support/official.ts';
import { connectOfficial } from '../support/official.ts';
import { soon } from '../support/soon.ts';
import { startWithOfficial } from '../support/with-official.ts';

const bucket = 'b';
const MIB = 1024 * 1024;

test('kv-key-list - a page deep in 150,000 keys costs the server what the first one costs; their names alone leave none out', async () => {
  await using server = await startMonitored();
  await using k = joinNats({ servers: [server.url] });
  await calls.create(k, { bucket, storage: 'memory' });
  await fill(server.url, 150_000, i => `key.${i % 100}.${i}`);
  const { pages, keys } = await workOfPages(server, k, { limit: 1000 });
  expect(keys).toBe(150_000);
  expect(pages).toHaveLength(150);
  evenWork(inGroups(pages, 10));

  // One key of 100 matches: the server must not send the others along.
  const filtered = await workOfPages(server, k, { limit: 100, filter: 'key.77.*' });
  expect(filtered.keys).toBe(1_500);
  evenWork(inGroups(filtered.pages, 5));
  await pageBeforeMarkers(server, k);
  await namesWhileOthersGo(server, k);
}, 60_000);

for (const history of [1, 5]) {
  test(`kv-key-list - history ${history}: a long tail of deleted keys is got past, from everywhere`, async () => {
    await using k = await startWithOfficial();
    await calls.create(k, { bucket, history, storage: 'memory' });
    const [all, gone] = [8_000, 6_000];
    await k.official.fill(bucket, all, i => [`key.${i}`, 'v']);
    await markDeleted(k.official, gone, i => `key.${i}`);
    const live = Array.from({ length: all - gone }, (_, i) => `key.${gone + i}`);
    expect((await listAll(k, { bucket, limit: 1_000 })).map(({ key }) => key)).toEqual(live);
    expect((await listOnce(k, { bucket, limit: 700 })).map(({ key }) => key)).toEqual(live);
    const last = await calls.list(k, { bucket, start_seq: all - 10, limit: 100 });
    expect([last.items.map(({ key }) => key), last.has_more]).toEqual([live.slice(-10), false]);
    expect((await calls.list(k, { bucket, start_seq: all + 5, limit: 100 })).has_more).toBe(false);
    await calls.put(k, { bucket, key: 'last', value: 'v' });
    // Pulls that are ended by the server one after the other: none of their ends is taken for another's.
    const range = { bucket, start_seq: all + 5_800, limit: 100, include_values: false };
    await pipelined(Array.from({ length: 200 }), 4, async () => {
      const { items, has_more } = await calls.list(k, range);
      expect([items.map(({ key }) => key), has_more]).toEqual([['last'], false]);
    });
  });
}

for (const history of [1, 64]) {
  test(`kv-key-list - history ${history}: the last of many small pages costs what the first one costs`, async () => {
    await using server = await startMonitored();
    await using k = joinNats({ servers: [server.url] });
    await calls.create(k, { bucket, history, storage: 'memory' });
    await fill(server.url, 3_000, i => `key.${i}`);
    const { pages, keys } = await workOfPages(server, k, { limit: 10 });
    expect(keys).toBe(3_000);
    evenWork(inGroups(pages, 10));
  });

  test(`kv-key-list - history ${history}: a page ends early before its values pass 8 MiB, and nothing is lost`, async () => {
    await using k = await startWithOfficial();
    await calls.create(k, { bucket, history });
    const kv = await k.official.kvm.open(bucket);
    const expected: [string, string][] = [];
    for (let i = 0; i < 21; i++) {
      const key = `key.${String(i).padStart(2, '0')}`;
      const value = String.fromCharCode(97 + i).repeat(i % 3 ? MIB : 600_000);
      if (history > 1) await kv.put(key, 'old');
      await kv.put(key, value);
      expected.push([key, value]);
    }
    const sizes: number[] = [];
    const items = await listAll(k, { bucket, limit: 1000 }, ({ items: page }) => {
      sizes.push(page.reduce((sum, item) => sum + (item.value?.length ?? 0), 0));
      return undefined;
    });
    // Compared in pieces, for a difference of megabytes is nothing to print.
    expect(items.map(item => item.key).sort()).toEqual(expected.map(([key]) => key));
    expect(pairs(items).every(([, value], i) => value === expected[i]?.[1])).toBe(true);
    expect(sizes.length).toBeGreaterThanOrEqual(2);
    for (const size of sizes) expect(size).toBeLessThanOrEqual(8 * MIB);
  });
}

/** The last of many keys, with a tail of deleted ones behind it: the page costs what the tail is, however many keys there are. */
async function pageBeforeMarkers(server: MonitoredNats, k: TestKvflow): Promise<void> {
  await k.call('kv-bucket-update', { bucket, history: 5 });
  await using official = await connectOfficial(server.url);
  await markDeleted(official, 6_000, i => `key.${i % 100}.${i}`);
  await server.workSince();
  const last = await calls.list(k, { bucket, start_seq: 149_990, limit: 100 });
  const { received, sent } = await server.workSince();
  expect([last.items.length, last.has_more]).toEqual([10, false]);
  // Each of the tail is read, and is asked for as its key's last.
  expect(sent).toBeLessThan(2.5 * 6_000);
  expect(received).toBeLessThan(100);
}

/** More keys than the server names at once, of which those that sort first go while it names them: the others move down. */
async function namesWhileOthersGo(server: MonitoredNats, k: TestKvflow): Promise<void> {
  await using official = await connectOfficial(server.url);
  const { kv, requests } = k.nats;
  const { ask } = requests;
  let pages = 0;
  requests.ask = async (...asked) => {
    const answer = await ask(...asked);
    if (!String(asked[2]).includes('subjects_filter')) return answer;
    pages += 1;
    if (pages === 1) await official.jsm.streams.purge(`KV_${bucket}`, { filter: `$KV.${bucket}.key.0.*` });
    return answer;
  };
  const names = await kv.keys(soon(), bucket, '>');
  expect(names.filter(name => !name.startsWith('key.0.'))).toHaveLength(148_500);
  expect(pages).toBeGreaterThan(1);
}

/** Reads a bucket to its end and measures each page. */
async function workOfPages(
  server: MonitoredNats,
  k: TestKvflow,
  input: { limit: number; filter?: string },
): Promise<{ pages: Work[]; keys: number }> {
  const pages: Work[] = [];
  const keys = new Set<string>();
  await server.workSince();
  for (let start = 0, more = true; more; ) {
    const page = await calls.list(k, { bucket, start_seq: start, ...input });
    pages.push(await server.workSince());
    for (const item of page.items) keys.add(item.key);
    start = page.next_seq;
    more = page.has_more;
  }
  return { pages, keys: keys.size };
}

/** No later page takes notably more messages or bytes than the first ones do. */
function evenWork(pages: Work[]): void {
  const [first, second] = pages;
  if (!first || !second) throw new Error('needs two pages at least');
  // The second page opens a consumer, for the pages after it.
  const most = (of: (work: Work) => number) => Math.max(of(first), of(second)) * 1.2 + 10;
  const excess = pages.filter(
    work =>
      work.sent > most(w => w.sent) ||
      work.received > most(w => w.received) ||
      work.bytesSent > most(w => w.bytesSent) + 2_000,
  );
  expect({ first, second, excess }).toEqual({ first, second, excess: [] });
}

/** A page may be read while the one before it is answered, or after that: several pages are alike, single ones are not. */
function inGroups(pages: Work[], size: number): Work[] {
  const groups: Work[] = [];
  for (let i = 0; i + size <= pages.length; i += size) {
    groups.push(
      pages.slice(i, i + size).reduce((sum, work) => ({
        received: sum.received + work.received,
        sent: sum.sent + work.sent,
        bytesSent: sum.bytesSent + work.bytesSent,
      })),
    );
  }
  return groups;
}

async function markDeleted({ nc }: Official, count: number, key: (index: number) => string): Promise<void> {
  const marker = headers();
  marker.set('KV-Operation', 'DEL');
  const subject = (index: number) => `$KV.${bucket}.${key(index)}`;
  for (let i = 0; i < count - 1; i++) nc.publish(subject(i), '', { headers: marker });
  // What one connection publishes is stored in order.
  await nc.request(subject(count - 1), '', { headers: marker, timeout: 10_000 });
}

async function fill(url: string, count: number, key: (index: number) => string): Promise<void> {
  await using official = await connectOfficial(url);
  await official.fill(bucket, count, i => [key(i), `value ${i}`]);
}
