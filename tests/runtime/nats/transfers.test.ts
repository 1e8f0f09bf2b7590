/**
 * Transfers between accounts by many callers of two processes, while the server and a process are killed. In short here;
 * `KVFLOW_TEST_LONG=1` makes it the long form: more rounds.
 */

import { randomInt } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { startKvflow } from '../../support/kvflow.ts';
import type { Told } from '../../support/transfers.ts';
import { accountsOf, startTransfers } from '../../support/transfers.ts';

const LONG = process.env.KVFLOW_TEST_LONG === '1';
const ROUNDS = LONG ? 30 : 1;
const READS = LONG ? 100 : 15;
const ACCOUNTS = 100;
const bucket = 'bank';

test(
  'transact - transfers keep their sum at every consistent read, and every outcome is told truly',
  async () => {
    const seed = randomInt(2 ** 31);
    console.info(`seed ${seed}`);
    await using k = await startKvflow();
    const { kv } = k.nats;
    await kv.createBucket({ deadline: Date.now() + 10_000 }, bucket, {});
    const bank = accountsOf(kv, bucket, ACCOUNTS);
    await bank.open();
    const told: Told = { stored: new Set(), refused: new Set(), unknown: new Set() };
    const start = (name: string) =>
      startTransfers(
        { servers: [k.server.url], bucket, accounts: ACCOUNTS, callers: 8, name, seed: seed + name.length },
        told,
      );
    const steady = start('steady');
    let other = start('other.0');
    for (let round = 1; round <= ROUNDS; round++) {
      for (let read = 0; read < READS; read++) await bank.check();
      await k.server.stop('SIGKILL');
      await k.server.start();
      for (let read = 0; read < READS; read++) await bank.check();
      await other.kill();
      other = start(`other.${round}`);
    }
    for (let read = 0; read < READS; read++) await bank.check();
    await Promise.all([steady.end(), other.end()]);
    await bank.check();
    expect(await bank.compare(told)).toBeGreaterThan(10);
    expect(told.stored.size).toBeGreaterThan(10);
    // Nothing is left half done at the server, whose batches it counts.
    await bank.open().catch(error => expect(error).toMatchObject({ code: 'REVISION_CONFLICT' }));
  },
  LONG ? 600_000 : 60_000,
);
