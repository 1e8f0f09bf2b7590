/** What of a page of a listing depends on time or on the order of the server's words, which are stood in for here. */
import { afterEach, expect, jest, test } from '@jest/globals';
import { patternsOf } from '../../../runtime/nats/kv/bucket/key-patterns.ts';
import { startListing } from '../../../runtime/nats/kv/list/listing.ts';
import { createListingsUnderWay, IDLE_MS } from '../../../runtime/nats/kv/list/listings-under-way.ts';
import type { PullConsumer } from '../../../runtime/nats/kv/list/pull-consumer.ts';
import { readPage } from '../../../runtime/nats/kv/list/read-page.ts';
import type { Requests } from '../../../runtime/nats/requests.ts';
import { fakeServer } from './listing-server.ts';
import { handle, stored } from './listing-stand-ins.ts';

afterEach(() => {
  jest.useRealTimers();
  jest.restoreAllMocks();
});

/** A consumer that has more, none of it asked for ahead; what it does is the test's. */
function consumerThat(does: Partial<PullConsumer>): PullConsumer {
  return {
    begins: 0,
    hasMore: () => true,
    askAhead: () => undefined,
    isAhead: () => false,
    isLate: () => false,
    isDelivering: () => false,
    close: () => undefined,
    pull: () => Promise.reject(),
    ...does,
  };
}

test('a page answers what it has before its deadline, and goes on where it was', async () => {
  let now = 1_000_000;
  jest.spyOn(Date, 'now').mockImplementation(() => now);
  let seq = 0;
  const consumer = consumerThat({
    // Each takes a second, and there is always more.
    pull: async () => {
      now += 1_000;
      seq += 1;
      return { messages: [stored(seq)], end: false };
    },
  });
  const listing = { ...startListing(0), consumer };
  const page = await readPage({ deadline: now + 10_000 }, listing, {
    requests: {} as Requests,
    batches: {} as never,
    handle,
    patterns: patternsOf(handle, ['>']),
    headersOnly: false,
    rare: false,
    limit: 1_000,
    pick: message => ({ key: message.subject, value: message.data, revision: message.seq, createdAt: '' }),
  });
  expect(now).toBeLessThan(1_010_000);
  expect(page).toMatchObject({ full: false, end: false });
  expect(page.entries.map(({ revision }) => revision)).toEqual(Array.from({ length: seq }, (_, i) => i + 1));
  expect(listing.readTo).toBe(seq);
});

for (const [history, most] of [
  [1, 9_000],
  [5, 7_000],
] as const)
  test(`history ${history}: a page that found nothing yet looks longer, and says before its deadline where it goes on`, async () => {
    let now = 1_000_000;
    jest.spyOn(Date, 'now').mockImplementation(() => now);
    let seq = 0;
    const pull: PullConsumer['pull'] = async () => {
      now += 500;
      return { messages: [stored(++seq)], end: false };
    };
    const listing = {
      ...startListing(0),
      consumer: consumerThat({ pull }),
    };
    const page = await readPage({ deadline: now + 10_000 }, listing, {
      requests: {} as Requests,
      batches: {} as never,
      handle: { ...handle, config: { ...handle.config, max_msgs_per_subject: history } },
      patterns: patternsOf(handle, ['>']),
      headersOnly: true,
      rare: true,
      limit: 10,
      pick: () => undefined,
    });
    expect(page).toMatchObject({ entries: [], full: false, end: false });
    expect(now).toBeLessThanOrEqual(1_000_000 + most);
    expect(listing.readTo).toBe(seq);
  });

test('what a cursor stands for is kept for its next page for 45 seconds, then its consumer is ended', () => {
  jest.useFakeTimers();
  expect(IDLE_MS).toBe(45_000);
  const underWay = createListingsUnderWay();
  const close = jest.fn();
  const keep = () =>
    underWay.keep('id', {
      ...startListing(7),
      consumer: consumerThat({ close }),
    });
  keep();
  jest.advanceTimersByTime(IDLE_MS - 1);
  expect(underWay.take('id')).toMatchObject({ readTo: 7 });
  keep();
  jest.advanceTimersByTime(2 * IDLE_MS);
  expect(underWay.take('id')).toBeUndefined();
  expect(close).toHaveBeenCalledTimes(1);
});

/** More than one pull takes. */
const KEYS = Array.from({ length: 100 }, (_, index) => `k${index + 1}`);

test('with history, what is written while a listing is begun is seen by its later pages', async () => {
  const server = fakeServer(5, KEYS);
  server.made = () => {
    server.made = () => {};
    server.write('k80');
  };
  const listing = startListing(0);
  const pages: number[][] = [];
  for (let end = false; !end; ) {
    const page = await readPage({ deadline: Date.now() + 5_000 }, listing, server.reading(30));
    pages.push(page.entries.map(({ revision }) => revision));
    end = page.end;
  }
  const there = KEYS.map((_, index) => index + 1).filter(revision => revision !== 80);
  expect(pages.flat()).toEqual([...there, 101]);
});

test('what came too late for a page is looked at before the next one answers it', async () => {
  const server = fakeServer(1, KEYS);
  const listing = startListing(0);
  server.sends = 1;
  jest.useFakeTimers({ doNotFake: ['queueMicrotask', 'nextTick'] });
  const page = readPage({ deadline: Date.now() + 1_000 }, listing, server.reading(4));
  await jest.advanceTimersByTimeAsync(1_000);
  const first = await page;
  expect(first.entries.map(({ revision }) => revision)).toEqual([1]);
  server.sends = Number.POSITIVE_INFINITY;
  server.release();
  server.write('k3');
  const second = await readPage({ deadline: Date.now() + 5_000 }, listing, server.reading(4));
  expect(second.entries.map(({ revision }) => revision)).toEqual([2, 4, 5, 6]);
});
