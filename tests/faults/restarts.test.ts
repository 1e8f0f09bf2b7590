/**
 * Two kvflows behind a proxy are restarted one after the other, as a deployment does it: a client that tries again on 503 and on
 * a closed connection has no call fail, and none happens twice. One of them goes back to an older build and comes from it again, side by
 * side with this one. KVFLOW_RESTARTS: how often, default 4. KVFLOW_OLD: the folder of an older build's checkout.
 */
import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import { expect, test } from '@jest/globals';
import type { Client } from '../../hosts/client/src/index.ts';
import { createClient } from '../../hosts/client/src/index.ts';
import { startNats } from '../support/nats.ts';
import { olderBuild } from '../support/older-build.ts';
import type { FaultyKvflow } from './kvflows.ts';
import { startFaultyKvflow } from './kvflows.ts';

const RESTARTS = Number(process.env.KVFLOW_RESTARTS ?? 4);
const LANES = 4;
const bucket = 'b';

test(
  `restarts - ${RESTARTS} of two kvflows one after the other fail no call`,
  async () => {
    await using nats = await startNats();
    await using old = await olderBuild();
    if (!old.main) console.warn('no older build: the history of git does not have it');
    const kvflows = await Promise.all([1, 2].map(() => startFaultyKvflow([nats.url])));
    await using proxy = await startProxy(kvflows.map(({ url }) => Number(new URL(url).port)));
    try {
      const client = createClient({ url: proxy.url, retries: 30, batch: false });
      await client.kvBucketCreate({ bucket });
      const phase = { done: false, mixed: false };
      const lanes = Array.from({ length: LANES }, (_, lane) => callThroughout(client, lane, phase));
      for (let restart = 0; restart < RESTARTS; restart++) {
        const kvflow = kvflows[restart % 2] as FaultyKvflow;
        const main = restart % 4 === 1 ? old.main : undefined;
        phase.mixed ||= main !== undefined;
        await kvflow.end();
        await kvflow.start(main);
        if (restart % 4 === 3) phase.mixed = false;
      }
      phase.done = true;
      const counts = await Promise.all(lanes);
      expect(counts.every(count => count > RESTARTS)).toBe(true);
      const counter = await client.kvKeyGet({ bucket, key: 'counter' });
      expect(Number(counter.value)).toBe(counts.reduce((sum, count) => sum + count, 0));
    } finally {
      await Promise.all(kvflows.map(kvflow => kvflow[Symbol.asyncDispose]()));
    }
  },
  60_000 + RESTARTS * 20_000,
);

interface Phase {
  done: boolean;
  /** One of them may be of the older build. */
  mixed: boolean;
}

/** Calls of several kinds, one after the other, each of which must work; how often it counted. */
async function callThroughout(client: Client, lane: number, phase: Phase): Promise<number> {
  let [count, revision] = [0, 0];
  while (!phase.done) {
    const key = `key.${lane}`;
    ({ revision } = await client.kvKeyPut({ bucket, key, value: `${count}`, expected_revision: revision }));
    expect(await client.kvKeyGet({ bucket, key })).toMatchObject({ revision, value: `${count}` });
    await client.kvKeyIncrement({ bucket, key: 'counter' });
    count += 1;
    if (phase.mixed) continue; // The older one may have no transactions.
    const operations = [1, 2].map(n => ({ op: 'put' as const, key: `tx.${lane}.${n}`, value: `${count}` }));
    await client.kvTransact({ bucket, operations });
  }
  return count;
}

/** A proxy that gives each connection to the next port that takes it. */
async function startProxy(ports: number[]): Promise<AsyncDisposable & { url: string }> {
  const sockets = new Set<Socket>();
  let turn = 0;
  const join = (client: Socket, tries: number) => {
    const upstream = connect(ports[turn++ % ports.length] ?? 0, '127.0.0.1');
    upstream.once('connect', () => {
      client.pipe(upstream).pipe(client);
      for (const [one, other] of [
        [client, upstream],
        [upstream, client],
      ] as const) {
        sockets.add(one);
        one.on('error', () => undefined);
        one.on('close', () => {
          sockets.delete(one);
          other.destroy();
        });
      }
    });
    upstream.once('error', () => (tries < ports.length * 2 ? join(client, tries + 1) : client.destroy()));
  };
  const server = createServer(client => {
    client.on('error', () => undefined);
    join(client, 1);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
