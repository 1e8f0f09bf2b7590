import { beforeAll, expect, test } from '@jest/globals';
import { calls } from '../support/calls.ts';
import { endedAtLast, forAll } from '../support/for-all.ts';
import type { TestKvflow } from '../support/kvflow.ts';
import { joinNats } from '../support/kvflow.ts';
import { connectOfficial } from '../support/official.ts';
import { soon } from '../support/soon.ts';
import { startCluster } from '../support/topologies.ts';

const bucket = 'silent';
/** More than a listing reads ahead. */
const KEYS = Array.from({ length: 150 }, (_, i) => `key.${i}`);
/** Enough that some of their consumers are on each server. */
const LISTINGS = 12;
const PATIENT = { timeoutMs: 30_000 };

const cluster = forAll(() => startCluster(3), 60_000);
const client = forAll(() => connectOfficial(cluster.urls[0] ?? ''), 60_000);
let kvflow: TestKvflow;

beforeAll(async () => {
  const setup = joinNats({ servers: [cluster.urls[0] ?? ''] });
  await calls.create(setup, { bucket, num_replicas: 3 });
  await Promise.all(KEYS.map(key => calls.put(setup, { bucket, key, value: 'x' })));
  await setup[Symbol.asyncDispose]();
  kvflow = endedAtLast(joinNats({ servers: [cluster.urls[await streamLeader()] ?? ''] }));
}, 60_000);

test('listings, and a kvflow that is connected there, go on when a server falls silent', async () => {
  // It leads nothing: all but the listings' consumers goes on without it.
  const leaders = [await streamLeader(), indexOf(await cluster.metaLeader())];
  const silent = [0, 1, 2].find(server => !leaders.includes(server)) ?? 0;
  // Second pages have their consumers already.
  const begun = await Promise.all(KEYS.slice(0, LISTINGS).map((_, i) => page(0, i + 1)));
  expect(await consumers()).toContain(silent);
  await using stranded = await joinedTo(silent);
  cluster.servers[silent]?.pause();
  const elsewhere = calls.put(stranded, { bucket, key: 'late', value: 'x', expected_revision: 0 }, PATIENT);
  const asked = [
    ...begun.map(({ nextSeq }, i) => ({ nextSeq, expected: KEYS.slice(i + 1) })),
    // These have none yet, and the cluster still gives some to the silent server.
    ...begun.map(() => ({ nextSeq: 0, expected: KEYS })),
  ];
  const pages = await Promise.all(asked.map(({ nextSeq }) => page(nextSeq, 1_000)));
  const { revision } = await elsewhere;
  expect(await calls.get(kvflow, { bucket, key: 'late' })).toMatchObject({ revision });
  // What is written meanwhile may be listed or not.
  const listed = pages.map(({ entries }) => entries.map(({ key }) => key).filter(key => key !== 'late'));
  expect(listed).toEqual(asked.map(({ expected }) => expected));
}, 60_000);

/** A kvflow that knows all servers and is connected to one of them. */
async function joinedTo(server: number): Promise<TestKvflow> {
  for (;;) {
    const joined = joinNats({ servers: cluster.urls });
    await calls.get(joined, { bucket, key: 'key.0' });
    if (indexOf(joined.nats.serverInfo()?.serverName) === server) return joined;
    await joined[Symbol.asyncDispose]();
  }
}

async function page(startSeq: number, limit: number) {
  const call = soon();
  return await kvflow.nats.kv.listPage(call, { bucket, filter: '>', startSeq, limit });
}

async function streamLeader(): Promise<number> {
  return indexOf((await client.jsm.streams.info(`KV_${bucket}`)).cluster?.leader);
}

/** Which servers have consumers of the bucket. */
async function consumers(): Promise<number[]> {
  const all = await client.jsm.consumers.list(`KV_${bucket}`).next();
  return all.map(({ cluster }) => indexOf(cluster?.leader));
}

function indexOf(server: string | undefined): number {
  return Number(server?.split('-')[1]) - 1;
}
