/** A consumer may be on a server that is gone without a word, or that is only slow: others are opened beside it, and none is read twice. */
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { PackError } from '../../../contract/errors.ts';
import type { Doubt } from '../../../runtime/nats/doubt.ts';
import { createDoubt } from '../../../runtime/nats/doubt.ts';
import type { Source } from '../../../runtime/nats/kv/list/pull-beside.ts';
import { pullBeside } from '../../../runtime/nats/kv/list/pull-beside.ts';
import type { PullConsumer, Pulled } from '../../../runtime/nats/kv/list/pull-consumer.ts';
import { noAnswer } from '../../../runtime/nats/request-errors.ts';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

/** A source, and what becomes of it. */
interface Pulling extends Source {
  openedAt: number;
  closed: boolean;
  answers: PromiseWithResolvers<Pulled>;
}

/** A source whose pull is answered when the test says so, or when it is closed. */
function source(): Pulling {
  const answers = Promise.withResolvers<Pulled>();
  const close = () => {
    made.closed = true;
    answers.resolve({ messages: [], end: false });
  };
  const consumer = { close, isDelivering: () => false } as PullConsumer;
  const made: Pulling = { openedAt: Date.now(), closed: false, answers, consumer };
  return made;
}

/** Begins to pull from the first of some sources, which are noted as they are opened. */
function begin({
  opens = async () => source(),
  clustered = true,
  doubt = createDoubt(),
}: Partial<Beginning> = {}) {
  const all = [source()];
  const open = async () => {
    const made = await opens();
    all.push(made);
    return made;
  };
  const [first] = all as [Pulling];
  const pull = (from: Pulling) => from.answers.promise;
  const pulling = pullBeside({ deadline: Date.now() + 30_000 }, first, { clustered, doubt, open, pull });
  pulling.catch(() => undefined); // The test looks at it.
  return { all, first, pulling };
}

interface Beginning {
  opens(): Promise<Pulling>;
  clustered: boolean;
  doubt: Doubt;
}

test('pullBeside - another is opened within each second of silence, few are kept, and a late answer of the first is taken', async () => {
  const { all, first, pulling } = begin();
  let most = 0;
  for (let seconds = 0; seconds < 12; seconds++) {
    await jest.advanceTimersByTimeAsync(1_000);
    most = Math.max(most, all.filter(({ closed }) => !closed).length);
  }
  const pauses = all.map(({ openedAt }, index) => openedAt - (all[index - 1]?.openedAt ?? openedAt));
  expect(Math.max(...pauses)).toBeLessThanOrEqual(1_000);
  expect([all.length > 12, most]).toEqual([true, 4]);
  const pulled = { messages: [], end: true };
  first.answers.resolve(pulled);
  expect(await pulling).toEqual({ from: first, pulled });
  expect(all.filter(({ closed }) => !closed)).toEqual([first]);
});

test('pullBeside - what is opened beside one that stays silent is gone on with, and the silent one is closed', async () => {
  const { all, first, pulling } = begin();
  await jest.advanceTimersByTimeAsync(500);
  const [, second] = all;
  second?.answers.resolve({ messages: [], end: true });
  expect((await pulling).from).toBe(second);
  expect([first.closed, second?.closed, all.length]).toEqual([true, false, 2]);
});

test('pullBeside - while one is being opened none is opened beside it, and one that is there too late is closed', async () => {
  const opening = Promise.withResolvers<Pulling>();
  let opened = 0;
  const { all, first, pulling } = begin({
    opens: () => {
      opened += 1;
      return opening.promise;
    },
  });
  await jest.advanceTimersByTimeAsync(5_000);
  expect(opened).toBe(1);
  first.answers.resolve({ messages: [], end: true });
  expect((await pulling).from).toBe(first);
  opening.resolve(source());
  await jest.advanceTimersByTimeAsync(1);
  expect(all.map(({ closed }) => closed)).toEqual([false, true]);
});

test('pullBeside - one that cannot be opened beside the first is no loss; without its bucket all is over', async () => {
  const failing = begin({ opens: async () => await Promise.reject(noAnswer()) });
  await jest.advanceTimersByTimeAsync(2_000);
  failing.first.answers.resolve({ messages: [], end: true });
  expect((await failing.pulling).from).toBe(failing.first);

  const noBucket = new PackError('BUCKET_NOT_FOUND', 'stream not found');
  const gone = begin({ opens: async () => await Promise.reject(noBucket) });
  await jest.advanceTimersByTimeAsync(500);
  await expect(gone.pulling).rejects.toBe(noBucket);
  expect(gone.first.closed).toBe(true);

  const broken = begin();
  await jest.advanceTimersByTimeAsync(500);
  broken.first.answers.reject(noAnswer());
  await expect(broken.pulling).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  expect(broken.all.map(({ closed }) => closed)).toEqual([true, true]);
});

test('pullBeside - once another delivered in its place, the next that is silent is not given as long', async () => {
  const doubt = createDoubt();
  const once = begin({ doubt });
  await jest.advanceTimersByTimeAsync(399);
  expect([doubt.isThere(), once.all.length]).toEqual([false, 1]);
  await jest.advanceTimersByTimeAsync(1);
  once.all[1]?.answers.resolve({ messages: [], end: true });
  await once.pulling;
  const again = begin({ doubt });
  await jest.advanceTimersByTimeAsync(100);
  expect(again.all).toHaveLength(2);
  // It is not asked sooner for all time.
  await jest.advanceTimersByTimeAsync(60_000);
  expect(doubt.isThere()).toBe(false);
});

test('pullBeside - one server alone is waited for', async () => {
  const { all, first, pulling } = begin({ clustered: false });
  await jest.advanceTimersByTimeAsync(20_000);
  first.answers.resolve({ messages: [], end: true });
  expect([(await pulling).from, all.length]).toEqual([first, 1]);
});
