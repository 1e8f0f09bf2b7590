/** What a consumer's pulls answer, by the time and the order in which the server's words come, which are stood in for here. */
import { afterEach, expect, jest, test } from '@jest/globals';
import type { Msg } from '@nats-io/transport-node';
import type { InboxHandlers } from '../../../runtime/nats/inboxes.ts';
import { openPullConsumer } from '../../../runtime/nats/kv/list/pull-consumer.ts';
import { unavailable } from '../../../runtime/nats/request-errors.ts';
import type { Requests } from '../../../runtime/nats/requests.ts';
import { delivered, handle } from './listing-stand-ins.ts';

afterEach(() => void jest.useRealTimers());

/** A consumer of a stream from its first message, over an inbox of the test's. */
function openFromFirst(openInbox: (handlers: InboxHandlers) => unknown) {
  const requests = { openInbox } as unknown as Requests;
  return openPullConsumer({ deadline: Date.now() + 5_000 }, requests, handle, {
    deliver_policy: 'by_start_sequence',
    opt_start_seq: 1,
  });
}

test('the end of an earlier pull that comes late is no answer to the next one', async () => {
  let heard: InboxHandlers | undefined;
  const asked: string[] = [];
  const consumer = await openFromFirst((handlers: InboxHandlers) => {
    heard = handlers;
    const publish = (_subject: string, _payload: string, token: string) => asked.push(token);
    return { publish, close: () => undefined };
  });
  const deliver = (seq: number, pending: number) => heard?.onMessage(delivered(seq, pending));
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
  const deliver = (seq: number, pending: number) => heard?.onMessage(delivered(seq, pending));
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
  const deliver = (seq: number) => heard?.onMessage(delivered(seq, 9));
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
