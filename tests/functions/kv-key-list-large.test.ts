import { expect, test } from '@jest/globals';
import { headers } from '@nats-io/transport-node';
import { calls, listAll, listOnce, pairs } from '../support/calls.ts';
import { eventually } from '../support/eventually.ts';
import type { TestKvflow } from '../support/kvflow.ts';
import { joinNats, startKvflow } from '../support/kvflow.ts';
import type { MonitoredNats, Work } from '../support/monitor.ts';
import { startMonitored } from '../support/monitor.ts';
import { connectOfficial } from '../support/official.ts';

const bucket = 'b';
const MIB = 1024 * 1024;

test('kv-key-list - a page deep in 200,000 keys costs the server what the first one costs; their names alone leave none out', async () => {
  await using server = await startMonitored();
  await using k = joinNats({ servers: [server.url] });
  await calls.create(k, { bucket, storage: 'memory' });
  await fill(server.url, 200_000, i => `key.${i % 100}.${i}`);
  const { pages, keys } = await workOfPages(server, k, { limit: 1000 });
  expect(keys).toBe(200_000);
  expect(pages).toHaveLength(200);
  evenWork(pages);

  // One key of 100 matches: the server must not send the others along.
  const filtered = await workOfPages(server, k, { limit: 100, filter: 'key.77.*' });
  expect(filtered.keys).toBe(2_000);
  evenWork(filtered.pages);
  await namesWhileOthersGo(server, k);
});

for (const history of [1, 5]) {
  test(`kv-key-list - history ${history}: a long tail of deleted keys is got past, from everywhere`, async () => {
    await using k = await startKvflow();
    await using official = await connectOfficial(k.server.url);
    await calls.create(k, { bucket, history, storage: 'memory' });
    const [all, gone] = [8_000, 6_000];
    await official.fill(bucket, all, i => [`key.${i}`, 'v']);
    const marker = headers();
    marker.set('KV-Operation', 'DEL');
    for (let i = 0; i < gone; i++) official.nc.publish(`$KV.${bucket}.key.${i}`, '', { headers: marker });
    await eventually(async () => {
      expect((await k.call('kv-bucket-info', { bucket })).last_seq).toBe(all + gone);
    });
    const live = Array.from({ length: all - gone }, (_, i) => `key.${gone + i}`);
    expect((await listAll(k, { bucket, limit: 1_000 })).map(({ key }) => key)).toEqual(live);
    expect((await listOnce(k, { bucket, limit: 700 })).map(({ key }) => key)).toEqual(live);
    const last = await calls.list(k, { bucket, start_seq: all - 10, limit: 100 });
    expect([last.items.map(({ key }) => key), last.has_more]).toEqual([live.slice(-10), false]);
    expect((await calls.list(k, { bucket, start_seq: all + 5, limit: 100 })).has_more).toBe(false);
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
    // Some pages are served from what was read before: ten pages are alike, single ones are not.
    evenWork(inGroups(pages, 10));
  });

  test(`kv-key-list - history ${history}: a page ends early before its values pass 8 MiB, and nothing is lost`, async () => {
    await using k = await startKvflow();
    await using official = await connectOfficial(k.server.url);
    await calls.create(k, { bucket, history });
    const kv = await official.kvm.open(bucket);
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
  const names = await kv.keys({ deadline: Date.now() + 30_000 }, bucket, '>');
  expect(names.filter(name => !name.startsWith('key.0.'))).toHaveLength(198_000);
  expect(pages).toBeGreaterThan(2);
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

async function fill(url: string, count: number, key: (index: number) => string): Promise<void> {
  await using official = await connectOfficial(url);
  await official.fill(bucket, count, i => [key(i), `value ${i}`]);
}
