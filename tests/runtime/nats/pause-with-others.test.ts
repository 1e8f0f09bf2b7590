/** How often what nobody answers is sent again, by how many wait. */
import { expect, test } from '@jest/globals';
import type { Msg } from '@nats-io/transport-node';
import { PackError } from '../../../contract/errors.ts';
import { sendToLeader } from '../../../runtime/nats/kv/bucket/between-leaders.ts';
import type { BucketHandle, Handles } from '../../../runtime/nats/kv/bucket/handles.ts';

const NOBODY = { data: new Uint8Array(), headers: { code: 503 } } as never as Msg;
const ANSWER = { data: new Uint8Array(1) } as never as Msg;
const AWAY_MS = 1_500;

/** Has so many calls wait while JetStream is away; how often they sent what they wait for. */
async function waitingFor(calls: number) {
  const { sent, outcomes } = await settled(calls, 60_000);
  expect(outcomes).toEqual(Array(calls).fill({ status: 'fulfilled', value: ANSWER }));
  return sent;
}

/** What became of so many calls that have so many milliseconds, and by how much the last of them was late. */
async function settled(calls: number, timeMs: number) {
  const back = Date.now() + AWAY_MS;
  const isBack = () => Date.now() >= back;
  let sent = 0;
  const api = {
    prefix: '$JS.API',
    streamInfo: async () => {
      if (!isBack()) throw new PackError('UNAVAILABLE', 'No JetStream answers.');
      return { config: {} };
    },
  };
  const origin = { api, stream: 'KV_b' };
  const handle = { bucket: 'b', stream: 'KV_b', clustered: true, api, origin } as never as BucketHandle;
  const handles = { drop: () => undefined } as never as Handles;
  const send = async () => {
    if (isBack()) return ANSWER;
    sent += 1;
    return NOBODY;
  };
  const call = { deadline: Date.now() + timeMs };
  const outcomes = await Promise.allSettled(
    Array.from({ length: calls }, () => sendToLeader(call, { handles, handle }, send)),
  );
  return { sent, outcomes, lateMs: Date.now() - call.deadline };
}

test('nobody answers - many that wait ask seldom, and each goes on when somebody does', async () => {
  // Each at once, and then every 0.3 s, but for the first of them.
  expect(await waitingFor(256)).toBeLessThan((256 * AWAY_MS) / 150);
});

test('nobody answers - one that waits alone asks every 50 ms', async () => {
  const sent = await waitingFor(1);
  expect(sent).toBeGreaterThan(5);
  expect(sent).toBeLessThanOrEqual(1 + AWAY_MS / 50);
});

test('nobody answers - many that wait are told at their deadline, as one alone is', async () => {
  // If the machine is not too busy each time.
  const late: number[] = [];
  for (let i = 0; i < 6; i++) {
    const { outcomes, lateMs } = await settled(256, 320);
    expect(outcomes.map(({ status }) => status)).toEqual(Array(256).fill('rejected'));
    late.push(lateMs);
  }
  expect(Math.min(...late)).toBeLessThan(200);
});
