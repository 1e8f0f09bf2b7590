/** A consumer that a cluster was asked for may be given to a server that is gone, or never be heard of by the cluster's next leader. */
import { setImmediate } from 'node:timers/promises';
import { afterEach, expect, jest, test } from '@jest/globals';
import { PackError } from '../../../contract/errors.ts';
import { createDoubt } from '../../../runtime/nats/doubt.ts';
import type { BucketHandle } from '../../../runtime/nats/kv/bucket/handles.ts';
import { createConsumer } from '../../../runtime/nats/kv/list/consumers.ts';
import { mayHavePassed } from '../../../runtime/nats/kv/list/ends-kind.ts';
import type { Making } from '../../../runtime/nats/kv/list/first-made.ts';
import { firstMade } from '../../../runtime/nats/kv/list/first-made.ts';
import { soon } from '../../support/soon.ts';

afterEach(() => void jest.useRealTimers());

const never = <T>() => new Promise<T>(() => undefined);
const letGo = () => undefined;
const silent: Making<string> = { made: never(), look: never, letGo };

/** Answers makings one after the other, the last of them again and again, and counts. */
function cluster(...makings: Making<string>[]) {
  let count = 0;
  const ask = () => makings[Math.min(count++, makings.length - 1)] ?? silent;
  return { ask, count: () => count };
}

test('what was given to a server that is gone is asked for again beside it, twice at once, and so is what comes soon after', async () => {
  const there: Making<string> = { made: Promise.resolve('there'), look: never, letGo };
  const doubt = createDoubt();
  const { ask, count } = cluster(silent, silent, there);
  expect([await firstMade(soon(), doubt, ask), count()]).toEqual(['there', 3]);
  const next = cluster(silent, there);
  expect(await firstMade(soon(), doubt, next.ask)).toBe('there');
  const others = cluster(there);
  await firstMade(soon(), createDoubt(), others.ask);
  expect([next.count(), others.count()]).toEqual([2, 1]);
});

test('a cluster that is slower than the doubt is patient is believed again all the same', async () => {
  jest.useFakeTimers();
  const doubt = createDoubt();
  doubt.raise();
  let count = 0;
  const ask = (): Making<string> => {
    count += 1;
    return { made: new Promise(resolve => setTimeout(resolve, 200, 'slow')), look: never, letGo };
  };
  for (let second = 0; second < 11; second++) {
    count = 0;
    void firstMade(soon(), doubt, ask);
    await jest.advanceTimersByTimeAsync(1_000);
  }
  expect([count, doubt.isThere()]).toEqual([1, false]);
});

test('what nobody makes is asked for again each second of an outage, few of all that were asked for are waited for, and a late answer is taken', async () => {
  jest.useFakeTimers();
  const slow = Promise.withResolvers<string>();
  const askedAt: number[] = [];
  const letGo = jest.fn();
  const making = firstMade({ deadline: Date.now() + 60_000 }, createDoubt(), () => {
    askedAt.push(Date.now());
    return { made: askedAt.length === 1 ? slow.promise : never(), look: never, letGo };
  });
  let most = 0;
  for (let seconds = 0; seconds < 12; seconds++) {
    await jest.advanceTimersByTimeAsync(1_000);
    most = Math.max(most, askedAt.length - letGo.mock.calls.length);
  }
  const pauses = askedAt.map((at, index) => at - (askedAt[index - 1] ?? at));
  expect([Math.max(...pauses), Date.now() - (askedAt.at(-1) ?? 0)].every(ms => ms <= 1_000)).toBe(true);
  expect([askedAt.length > 20, most]).toEqual([true, 5]);
  slow.resolve('late');
  expect(await making).toBe('late');
});

test('what was made though its answer was lost is taken', async () => {
  const { ask } = cluster({ made: never(), look: async () => 'made', letGo });
  expect(await firstMade(soon(), createDoubt(), ask)).toBe('made');
});

test('an error of what was asked for is told', async () => {
  const { ask } = cluster({ made: Promise.reject(new Error('no such stream')), look: never, letGo });
  await expect(firstMade(soon(), createDoubt(), ask)).rejects.toThrow('no such stream');
});

test('what a cluster without a leader never heard of, or did not make, is asked for again as soon as it has one', async () => {
  const noSuch = async () => {
    throw new PackError('KEY_NOT_FOUND', 'consumer not found');
  };
  // Whoever is to have it tells nothing of it but what was asked for.
  const notMade = async () => ({ config: {} });
  const made = await Promise.all([noSuch, notMade].map(createOnceLooked));
  // What was asked for before is ended, whenever the cluster may come to hear of it.
  expect(made.map(({ looks, ended, consumer: { server } }) => [looks, ended, server])).toEqual([
    [1, 3, 'one'],
    [1, 3, 'one'],
  ]);
  for (const { asked, consumer } of made) expect(asked.at(-1)).toBe(`CONSUMER.CREATE.KV_b.${consumer.name}`);
});

/** Makes a consumer in a cluster that has no leader until it is looked for one, and says this of it then. */
async function createOnceLooked(look: () => Promise<object>) {
  const asked: string[] = [];
  let [looks, ended] = [0, 0];
  const api = {
    doubt: createDoubt(),
    ask: async (turn: { deadline: number }, endpoint: string) => {
      if (endpoint.startsWith('CONSUMER.DELETE')) {
        ended += 1;
        return {};
      }
      if (endpoint.startsWith('CONSUMER.INFO')) {
        looks += 1;
        return await look();
      }
      asked.push(endpoint);
      expect(turn.deadline).toBeGreaterThan(Date.now());
      return looks === 0 ? await never() : { cluster: { leader: 'one' } };
    },
    streamInfo: async () => ({ state: { last_seq: 0 }, cluster: { leader: 'one', replicas: [] } }),
  };
  const handle = { clustered: true, config: { num_replicas: 3 }, api, stream: 'KV_b', bucket: 'b' };
  const start = { deliver_policy: 'last_per_subject' } as const;
  const consumer = await createConsumer(soon(), handle as unknown as BucketHandle, start);
  return { consumer, looks, ended, asked };
}

test('a consumer that is gone before it is ended, as with the server that had it, fails nobody', async () => {
  const config = { allow_msg_ttl: true, max_age: 60_000_000_000, max_msgs_per_subject: 1 };
  const api = {
    doubt: createDoubt(),
    ask: async (_call: object, endpoint: string) => {
      if (endpoint.startsWith('CONSUMER.DELETE')) throw new PackError('KEY_NOT_FOUND', 'consumer not found');
      return { num_pending: 1 };
    },
    streamInfo: async () => ({ state: { last_seq: 3 } }),
  };
  const handle = { clustered: false, config, origin: { config }, api, stream: 'KV_b', bucket: 'b' };
  const away = { after: 1, unheardMs: 10_000 };
  // Of what was written at revisions 2 and 3 one is gone.
  expect(await mayHavePassed(soon(), handle as unknown as BucketHandle, away)).toBe(true);
});

test('where none is taken, since the bucket is gone or nobody says whether a server is behind, what was made, or may be still, is ended', async () => {
  const noBucket = new PackError('BUCKET_NOT_FOUND', 'stream not found');
  const late = async () => {
    await setImmediate();
    return {};
  };
  const creates = [never, async () => await Promise.reject(noBucket), late];
  expect(await endedAfter(creates)).toEqual([noBucket, 2]);
  const noAnswer = new PackError('UNAVAILABLE', 'no answer');
  expect(await endedAfter([async () => ({ cluster: { leader: 'two' } })], noAnswer)).toEqual([noAnswer, 1]);
});

/** What asking for a consumer fails with where servers answer so, and how many are ended. */
async function endedAfter(creates: (() => Promise<object>)[], failure?: PackError) {
  let ended = 0;
  const api = {
    doubt: createDoubt(),
    ask: async (_turn: object, endpoint: string) => {
      if (endpoint.startsWith('CONSUMER.CREATE')) return await creates.shift()?.();
      ended += 1;
      return {};
    },
    streamInfo: async () => await Promise.reject(failure),
  };
  const handle = { clustered: true, config: { num_replicas: 3 }, api, stream: 'KV_b', bucket: 'b' };
  const start = { deliver_policy: 'last_per_subject' } as const;
  const error = await createConsumer(soon(), handle as unknown as BucketHandle, start).catch(
    (reason: unknown) => reason,
  );
  await setImmediate();
  return [error, ended];
}
