/** A server with one bucket, for pages of a listing. */
import type { Msg } from '@nats-io/transport-node';
import type { InboxHandlers } from '../../../runtime/nats/inboxes.ts';
import type { BucketHandle } from '../../../runtime/nats/kv/bucket/handles.ts';
import { patternsOf } from '../../../runtime/nats/kv/bucket/key-patterns.ts';
import type { PageReading } from '../../../runtime/nats/kv/list/read-page.ts';
import type { BatchReader } from '../../../runtime/nats/kv/read/batch.ts';
import type { Requests } from '../../../runtime/nats/requests.ts';
import { handle, stored } from './listing-stand-ins.ts';

interface Config {
  name: string;
  deliver_policy: string;
  opt_start_seq?: number;
}

/** A server whose stream has messages of keys, the last of each of which a consumer delivers; `sends` is how many at once. */
export function fakeServer(history: number, keys: string[]) {
  let log = keys.map((key, index) => ({ ...stored(index + 1), subject: `$KV.b.${key}` }));
  let lastSeq = log.length;
  let queue: typeof log = [];
  let isLatest = false;
  let consumerName = '';
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
