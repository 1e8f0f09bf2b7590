/**
 * Transfers between accounts by many callers of two processes, while the server and a process are killed. In short here; the
 * long form (`npm run test:long`) goes on until 10,000 were stored, and has a cluster whose leader is killed too.
 */

import { expect, test } from '@jest/globals';
import { ensureScriptBucket } from '../../../runtime/core/script-kv.ts';
import { eventually } from '../../support/eventually.ts';
import { joinNats } from '../../support/kvflow.ts';
import type { TestNats } from '../../support/nats.ts';
import { startNats } from '../../support/nats.ts';
import { seedOf } from '../../support/seed.ts';
import { soon } from '../../support/soon.ts';
import { startCluster } from '../../support/topologies.ts';
import type { TransferWork } from '../../support/transfer-child.ts';
import type { Told } from '../../support/transfers.ts';
import { accountsOf, startTransfers } from '../../support/transfers.ts';

const LONG = process.env.KVFLOW_TEST_LONG === '1';
const STORED = Number(process.env.KVFLOW_TEST_TRANSFERS ?? (LONG ? 10_000 : 10));
/** So many times a process and a server are killed, at least. */
const ROUNDS = LONG ? 10 : 1;
const READS = 10;
const ACCOUNTS = 100;
const LIMIT_MS = LONG ? 3_600_000 : 90_000;
const bucket = 'bank';
/** Servers under the transfers, and who of them is killed next. */
interface Stage extends AsyncDisposable {
  servers: string[];
  replicas: number;
  victim(leader: string | undefined): TestNats | undefined;
}

async function oneServer(): Promise<Stage> {
  const server = await startNats();
  return {
    servers: [server.url],
    replicas: 1,
    victim: () => server,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

async function threeServers(): Promise<Stage> {
  const cluster = await startCluster(3, 'bank');
  return {
    servers: cluster.urls,
    replicas: 3,
    victim: leader => cluster.servers[Number(leader?.split('-').at(-1)) - 1],
    [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose](),
  };
}

const cases: [what: string, by: TransferWork['by'], stage: () => Promise<Stage>][] = [
  ['one server, by transactions', 'transact', oneServer],
  ['one server, by $kv of transform', 'script', oneServer],
];
if (LONG) {
  cases.push(['three servers, by transactions', 'transact', threeServers]);
  cases.push(['three servers, by $kv of transform', 'script', threeServers]);
}

test.each(cases)(
  'transfers keep their sum at every consistent read, and every outcome is told truly - %s',
  async (_what, by, open) => {
    const seed = seedOf('KVFLOW_MODEL_SEED');
    console.info(`seed ${seed}`);
    await using stage = await open();
    const { servers, replicas } = stage;
    await using k = joinNats({ servers });
    const { kv } = k.nats;
    if (by === 'transact') await kv.createBucket(soon(), bucket, { num_replicas: replicas });
    else {
      const options = { num_replicas: replicas, key_ttl: true, key_encoding: 'base64' as const };
      await kv.createBucket(soon(), bucket, options);
      await ensureScriptBucket(soon(), kv, bucket);
    }
    const bank = accountsOf(kv, bucket, { accounts: ACCOUNTS, prefix: by === 'script' ? 'bank.' : '' });
    await bank.open();
    const told: Told = { stored: new Set(), refused: new Set(), unknown: new Set() };
    await using running = new AsyncDisposableStack();
    const start = (name: string) => {
      const work = { servers, bucket, accounts: ACCOUNTS, callers: 8, name, seed: seed + name.length, by };
      return running.use(startTransfers(work, told));
    };
    const look = async () => {
      for (let read = 0; read < READS; read++) await bank.check();
    };
    const steady = start('steady');
    let other = start('other-0');
    for (let round = 1; round <= ROUNDS || told.stored.size < STORED; round++) {
      const before = told.stored.size;
      await eventually(() => expect(told.stored.size).toBeGreaterThan(before), { within: 60_000 });
      await look();
      const { cluster } = await kv.bucketInfo(soon(), bucket);
      const victim = stage.victim(cluster?.leader);
      await victim?.stop('SIGKILL');
      if (replicas > 1) await look();
      await victim?.start();
      await look();
      await other.kill();
      other = start(`other-${round}`);
    }
    await look();
    await Promise.all([steady.end(), other.end()]);
    await bank.check();
    expect(await bank.compare(told)).toBeGreaterThanOrEqual(told.stored.size);
    // Nothing is left half done at the server, whose batches it counts.
    await bank.open().catch(error => expect(error).toMatchObject({ code: 'REVISION_CONFLICT' }));
    console.info(`stored ${told.stored.size}, refused ${told.refused.size}, unknown ${told.unknown.size}`);
  },
  LIMIT_MS,
);
