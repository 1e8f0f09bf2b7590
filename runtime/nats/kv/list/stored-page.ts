import type { Call } from '../../../core/call.ts';
import type { KvStore } from '../../../core/ports/kv-store.ts';
import type { KvStored, KvStoredPage } from '../../../core/ports/pages.ts';
import { noAnswer } from '../../request-errors.ts';
import type { BucketHandle } from '../bucket/handles.ts';
import { consumerFilter, patternsOf } from '../bucket/key-patterns.ts';
import { GUARD_KEY } from '../guard-key.ts';
import { markerOperation } from '../headers/markers.ts';
import { isoTime } from '../read/read.ts';
import type { StoredMessage } from '../read/stored-message.ts';
import type { ListDependencies } from './list-page.ts';
import { pullBeside } from './pull-beside.ts';
import type { Pulled } from './pull-consumer.ts';
import { openPullConsumer } from './pull-consumer.ts';

/** The part of the call's time after which a page answers what it has. */
const TIME_USED = 0.6;
/** Messages asked for at once: without their values they are small. */
const PULL = 5_000;

/** Makes the reader of what is stored of one connection: every message of a bucket in its order, values left on the server. */
export function createStoredPages({ requests, handles }: ListDependencies): KvStore['storedPage'] {
  return async (call, { bucket, startSeq, startTime, limit, filter }) => {
    const handle = await handles.open(call, bucket);
    const patterns = patternsOf(handle, [filter]);
    const { state } = await handle.api.streamInfo(call, handle.stream);
    const soft = Date.now() + (call.deadline - Date.now()) * TIME_USED;
    if (startSeq >= state.last_seq) return { messages: [], hasMore: false, nextSeq: startSeq };
    let nextSeq = startSeq;
    const open = async () => ({
      consumer: await openPullConsumer(call, requests, handle, {
        ...(startTime !== undefined && nextSeq === 0
          ? { deliver_policy: 'by_start_time', opt_start_time: startTime }
          : { deliver_policy: 'by_start_sequence', opt_start_seq: nextSeq + 1 }),
        headers_only: true,
        ...consumerFilter(patterns),
      }),
    });
    let source = await open();
    try {
      return await read();
    } finally {
      source.consumer.close();
    }

    async function read(): Promise<KvStoredPage> {
      const messages: KvStored[] = [];
      for (;;) {
        const most = Math.min(PULL, limit - messages.length);
        const goesOn = nextSeq > startSeq;
        const pulled = await pull(most, { deadline: goesOn ? soft : call.deadline });
        const found = pulled.messages.map(message => toStored(handle, message));
        messages.push(...found.filter(({ key }) => patterns.wants(key)));
        nextSeq = found.at(-1)?.revision ?? nextSeq;
        if (pulled.end) return { messages, hasMore: false, nextSeq };
        if (pulled.messages.length === 0 && !goesOn) throw noAnswer();
        if (pulled.messages.length === 0) return { messages, hasMore: true, nextSeq };
        if (messages.length >= limit || Date.now() >= soft) return { messages, hasMore: true, nextSeq };
      }
    }

    async function pull(most: number, turn: Call): Promise<Pulled> {
      const { from, pulled } = await pullBeside(turn, source, {
        clustered: handle.clustered,
        doubt: requests.doubt,
        open,
        pull: ({ consumer }, ask) => consumer.pull(most, ask),
      });
      source = from;
      // A replica that is behind begins before the place it was told.
      return { ...pulled, messages: pulled.messages.filter(({ seq }) => seq > nextSeq) };
    }
  };
}

function toStored(handle: BucketHandle, message: StoredMessage): KvStored {
  const { subject, seq, time, headers } = message;
  const size = Number(headers?.get('Nats-Msg-Size') || 0);
  const operation = markerOperation(message);
  const key = handle.codec.decode(subject.slice(handle.readPrefix.length));
  return {
    key,
    revision: seq,
    createdAt: isoTime(time),
    size,
    bytes: bytesOf(handle, message, size),
    ...(operation && { operation }),
    ...(key === GUARD_KEY && { isOwn: true as const }),
  };
}

/**
 * What a message counts in a stream's bytes: of a file its record, which is 22 bytes, the subject, the headers behind a
 * length of 4 where there are some, the value and a checksum of 8; in memory 16 bytes beside subject, headers and value
 * (nats-server 2.15, fileStoreMsgSize and memStoreMsgSize).
 */
function bytesOf({ config }: BucketHandle, { subject, headers }: StoredMessage, size: number): number {
  const header = headers?.bytes?.('Nats-Msg-Size') ?? 0;
  const content = Buffer.byteLength(subject) + header + size;
  if (config.storage === 'memory') return content + 16;
  return content + 30 + (header > 0 ? 4 : 0);
}
