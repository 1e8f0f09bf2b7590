/** What of a listing depends on time or on the order of the server's words, which are stood in for here. */
import { afterEach, expect, jest, test } from '@jest/globals';
import type { Msg } from '@nats-io/transport-node';
import type { InboxHandlers } from '../../../runtime/nats/inboxes.ts';
import type { BucketHandle } from '../../../runtime/nats/kv/bucket/handles.ts';
import { plainKeys } from '../../../runtime/nats/kv/bucket/key-codec.ts';
import { patternsOf } from '../../../runtime/nats/kv/bucket/key-patterns.ts';
import { startListing } from '../../../runtime/nats/kv/list/listing.ts';
import { createListingsUnderWay, IDLE_MS } from '../../../runtime/nats/kv/list/listings-under-way.ts';
import type { PullConsumer } from '../../../runtime/nats/kv/list/pull-consumer.ts';
import { openPullConsumer } from '../../../runtime/nats/kv/list/pull-consumer.ts';
import type { PageReading } from '../../../runtime/nats/kv/list/read-page.ts';
import { readPage } from '../../../runtime/nats/kv/list/read-page.ts';
import type { BatchReader } from '../../../runtime/nats/kv/read/batch.ts';
import { unavailable } from '../../../runtime/nats/request-errors.ts';
import type { Requests } from '../../../runtime/nats/requests.ts';

afterEach(() => {
  jest.useRealTimers();
  jest.restoreAllMocks();
});

const handle = {
  bucket: 'b',
  stream: 'KV_b',
  readPrefix: '$KV.b.',
  codec: plainKeys,
  config: { max_msgs_per_subject: 1 },
  api: {
    prefix: '$JS.API',
    ask: async (_call: unknown, _endpoint: string, { config }: { config: { name: string } }) => {
      consumerName = config.name;
      return { num_pending: 3 };
    },
  },
} as unknown as BucketHandle;
let consumerName = '';

const stored = (seq: number) => ({
  subject: `$KV.b.key.${seq}`,
  seq,
  time: 0,
  data: new Uint8Array(0),
  headers: undefined,
});

/** A message as a consumer delivers it, with so many behind it. */
function delivered(seq: number, pending: number): Msg {
  const reply = `$JS.ACK.KV_b.${consumerName}.1.${seq}.${seq}.1000000.${pending}`;
  return { subject: `$KV.b.key.${seq}`, reply, data: new Uint8Array(0) } as Msg;
}

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

test('the end of an earlier pull that comes late is no answer to the next one', async () => {
  let heard: InboxHandlers | undefined;
  const asked: string[] = [];
  const requests = {
    openInbox: (handlers: InboxHandlers) => {
      heard = handlers;
      return {
        publish: (_subject: string, _payload: string, token: string) => asked.push(token),
        close: () => undefined,
      };
    },
  } as unknown as Requests;
  const consumer = await openPullConsumer({ deadline: Date.now() + 5_000 }, requests, handle, {
    deliver_policy: 'by_start_sequence',
    opt_start_seq: 1,
  });
  const deliver = (seq: number, pending: number) =>
    heard?.onMessage({
      subject: `$KV.b.key.${seq}`,
      reply: `$JS.ACK.KV_b.${consumerName}.1.${seq}.${seq}.1000000.${pending}`,
      data: new Uint8Array(0),
    } as Msg);
  const status = (token: string, code: number, description: string) =>
    heard?.onMessage({ subject: `inbox.${token}`, headers: { code, description } } as unknown as Msg);
  const first = consumer.pull(1, { until: Date.now() + 5_000 });
  deliver(1, 2);
  expect((await first).messages).toHaveLength(1);
  const second = consumer.pull(2, { until: Date.now() + 5_000 });
  expect(asked).toEqual(['1', '2']);
  status('1', 409, 'Batch Completed');
  status('1', 404, 'No Messages');
  await new Promise(setImmediate);
  deliver(2, 1);
  deliver(3, 0);
  expect(await second).toMatchObject({ messages: [{ seq: 2 }, { seq: 3 }], end: true });
  consumer.close();
});

/** A consumer of a stream from its first message, over an inbox of the test's. */
function openFromFirst(openInbox: (handlers: InboxHandlers) => unknown) {
  const requests = { openInbox } as unknown as Requests;
  return openPullConsumer({ deadline: Date.now() + 5_000 }, requests, handle, {
    deliver_policy: 'by_start_sequence',
    opt_start_seq: 1,
  });
}

test('what was delivered is answered when nothing follows for a while, and the rest by the next pull', async () => {
  let heard: InboxHandlers | undefined;
  const asked: string[] = [];
  const openInbox = (handlers: InboxHandlers) => {
    heard = handlers;
    const publish = (_subject: string, _payload: string, token: string) => asked.push(token);
    return { publish, close: () => undefined };
  };
  const consumer = await openFromFirst(openInbox);
  jest.useFakeTimers();
  const ask = { until: Date.now() + 20_000, pauseMs: 400 };
  const pull = consumer.pull(3, ask);
  let isOver = false;
  void pull.then(() => (isOver = true));
  await jest.advanceTimersByTimeAsync(3_000);
  heard?.onMessage(delivered(1, 2));
  await jest.advanceTimersByTimeAsync(390);
  heard?.onMessage(delivered(2, 1));
  await jest.advanceTimersByTimeAsync(390);
  expect(isOver).toBe(false);
  await jest.advanceTimersByTimeAsync(410);
  expect(isOver).toBe(true);
  expect(await pull).toMatchObject({ messages: [{ seq: 1 }, { seq: 2 }], end: false });
  const next = consumer.pull(1, ask);
  heard?.onMessage(delivered(3, 0));
  expect(await next).toMatchObject({ messages: [{ seq: 3 }], end: true });
  // The server was asked once for all three.
  expect(asked).toEqual(['1']);
  consumer.close();
});

test('what was removed before it was sent is not said to be there still', async () => {
  let heard: InboxHandlers | undefined;
  const requests = {
    openInbox: (handlers: InboxHandlers) => {
      heard = handlers;
      return { publish: () => undefined, close: () => undefined };
    },
  } as unknown as Requests;
  const consumer = await openPullConsumer({ deadline: Date.now() + 5_000 }, requests, handle, {
    deliver_policy: 'last_per_subject',
  });
  const deliver = (seq: number, pending: number) => {
    const reply = `$JS.ACK.KV_b.${consumerName}.1.${seq}.${seq}.1000000.${pending}`;
    heard?.onMessage({ subject: `$KV.b.key.${seq}`, reply, data: new Uint8Array(0) } as Msg);
  };
  const beat = () => heard?.onMessage({ subject: 'inbox.1', headers: { code: 100 } } as unknown as Msg);
  const wait = { until: Date.now() + 5_000, wait: true };
  const pull = consumer.pull(1, wait);
  deliver(1, 2);
  await pull;
  beat();
  expect(consumer.hasMore()).toBe(true);
  const next = consumer.pull(1, wait);
  deliver(2, 1);
  await next;
  beat();
  expect(consumer.hasMore()).toBe(true);
  beat();
  expect(consumer.hasMore()).toBe(false);
  consumer.close();
});

test('what was asked for ahead is answered by the next pulls, and let go where the connection is lost before', async () => {
  let heard: InboxHandlers | undefined;
  const asked: string[] = [];
  const publish = (_subject: string, payload: string) => asked.push(payload);
  const openInbox = (handlers: InboxHandlers) => {
    heard = handlers;
    return { publish, close: () => undefined };
  };
  const consumer = await openFromFirst(openInbox);
  const deliver = (seq: number) =>
    heard?.onMessage({
      subject: `$KV.b.key.${seq}`,
      reply: `$JS.ACK.KV_b.${consumerName}.1.${seq}.${seq}.1000000.9`,
      data: new Uint8Array(0),
    } as Msg);
  const ask = { until: Date.now() + 5_000 };
  consumer.askAhead(3, 0);
  for (const seq of [1, 2, 3]) deliver(seq);
  expect(await consumer.pull(2, ask)).toMatchObject({ messages: [{ seq: 1 }, { seq: 2 }], ahead: true });
  consumer.askAhead(3, 0); // One is there still.
  expect(asked).toHaveLength(1);
  expect(await consumer.pull(2, ask)).toMatchObject({ messages: [{ seq: 3 }], ahead: true });
  const fresh = consumer.pull(1, ask);
  deliver(4);
  expect(await fresh).toEqual({ messages: [expect.objectContaining({ seq: 4 })], end: false });
  consumer.askAhead(3, 0);
  deliver(5);
  heard?.onLost(unavailable());
  await expect(consumer.pull(1, ask)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  consumer.close();
});

interface Config {
  name: string;
  deliver_policy: string;
  opt_start_seq?: number;
}

/** A server whose stream has messages of keys, the last of each of which a consumer delivers; `sends` is how many at once. */
function fakeServer(history: number, keys: string[]) {
  let log = keys.map((key, index) => ({ ...stored(index + 1), subject: `$KV.b.${key}` }));
  let lastSeq = log.length;
  let queue: typeof log = [];
  let isLatest = false;
  let heard: InboxHandlers | undefined;
  const outbox: Msg[] = [];
  const server = { write, sends: Number.POSITIVE_INFINITY, made: () => {}, release, reading };
  return server;

  function write(key: string) {
    const subject = `$KV.b.${key}`;
    if (history === 1) log = log.filter(message => message.subject !== subject);
    const message = { ...stored(++lastSeq), subject };
    log.push(message);
    if (!isLatest) queue.push(message);
  }

  function lasts() {
    return [...new Map(log.map(message => [message.subject, message])).values()].sort(
      (a, b) => a.seq - b.seq,
    );
  }

  function release() {
    for (const msg of outbox.splice(0, server.sends)) heard?.onMessage(msg);
  }

  function publish(_subject: string, payload: string, token: string) {
    const { batch } = JSON.parse(payload) as { batch: number };
    const sent = queue.splice(0, batch);
    for (const [at, { subject, seq, data }] of sent.entries()) {
      const pending = queue.length + sent.length - 1 - at;
      const reply = `$JS.ACK.KV_b.${consumerName}.1.${seq}.${seq}.1000000.${pending}`;
      outbox.push({ subject, reply, data } as Msg);
    }
    const headers = { code: 404, description: 'No Messages' };
    if (sent.length < batch) outbox.push({ subject: `inbox.${token}`, headers } as unknown as Msg);
    queueMicrotask(release);
  }

  function reading(limit: number): PageReading {
    const api = {
      prefix: '$JS.API',
      ask: async (_call: unknown, _endpoint: string, { config }: { config: Config }) => {
        consumerName = config.name;
        isLatest = config.deliver_policy === 'last_per_subject';
        queue = isLatest ? lasts() : log.filter(({ seq }) => seq >= (config.opt_start_seq ?? 0));
        const begins = queue.length;
        server.made();
        return { num_pending: begins };
      },
      streamInfo: async () => ({
        created: 'once',
        state: { last_seq: lastSeq, messages: log.length, bytes: 1 },
      }),
    };
    return {
      requests: {
        openInbox: (handlers: InboxHandlers) => {
          heard = handlers;
          return { publish, close: () => undefined };
        },
      } as unknown as Requests,
      batches: {
        last: async (_call: unknown, _handle: unknown, subjects: string[]) =>
          lasts().filter(({ subject }) => subjects.includes(subject)),
      } as unknown as BatchReader,
      handle: {
        ...handle,
        api,
        config: { max_msgs_per_subject: history, num_replicas: 1, allow_direct: true },
      } as unknown as BucketHandle,
      patterns: patternsOf(handle, ['>']),
      headersOnly: false,
      rare: false,
      limit,
      pick: ({ subject, seq, data }) => ({ key: subject, value: data, revision: seq, createdAt: '' }),
    };
  }
}

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
