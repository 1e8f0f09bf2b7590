import { PackError } from '../../../../contract/errors.ts';
import type { Call } from '../../../core/define-function.ts';
import type { Inbox, Requests } from '../../requests.ts';
import type { BucketHandle } from '../bucket/handles.ts';
import type { Batch, BatchReader } from '../read/batch.ts';
import type { StoredMessage } from '../read/stored-message.ts';
import { consumerMessages } from '../read/stored-message.ts';
import { consumerName, createConsumer } from './consumers.ts';

/** Messages of a bucket in order, read on as far as asked. */
export interface MessageSource {
  next(call: Call, count: number): Promise<Batch>;
  close(): void;
}

/** Where a source begins and what it reads. */
export interface SourceRange {
  /** The first message is the one after this sequence number. */
  after: number;
  /** Subject pattern; `>` for everything. */
  pattern: string;
  /** Values are left out; a consumer alone can do that. */
  headersOnly?: boolean;
}

/** What comes before the beginning is skipped in larger and larger steps, up to this. */
const SKIPPED_AT_ONCE = 8_192;

/** Reads by direct get: leaves nothing on the server, but each request makes it count all that is still to come. */
export function directSource(batches: BatchReader, handle: BucketHandle, range: SourceRange): MessageSource {
  let after = range.after;
  return {
    next: async (call, count) => {
      const batch = await batches.next(call, handle, {
        seq: after + 1,
        pattern: range.pattern,
        batch: count,
      });
      after = batch.messages.at(-1)?.seq ?? after;
      return batch;
    },
    close: () => undefined,
  };
}

/** One delivery stays well under what the server keeps for a slow reader. */
const MAX_BYTES = 8 * 1024 * 1024;

/**
 * Reads what is each subject's last message when it begins, and what is written from then on. The server cannot begin in
 * the middle of these, so what comes before is skipped here. For buckets in which most of what is stored is past.
 */
export async function latestSource(
  call: Call,
  requests: Requests,
  handle: BucketHandle,
  range: SourceRange,
): Promise<MessageSource> {
  // The server wants to be told the subjects here.
  const pattern = range.pattern === '>' ? `${handle.readPrefix}>` : range.pattern;
  const source = await openConsumer(call, requests, handle, {
    ...range,
    pattern,
    policy: 'last_per_subject',
  });
  let isThere = range.after === 0;
  return { next, close: source.close };

  async function next(within: Call, count: number): Promise<Batch> {
    for (let most = count; ; most = Math.max(count, Math.min(most * 4, SKIPPED_AT_ONCE))) {
      const { messages, end } = await source.next(within, most);
      const wanted = isThere ? messages : messages.filter(({ seq }) => seq > range.after);
      isThere ||= wanted.length > 0;
      if (isThere || end) return { messages: wanted, end };
    }
  }
}

/** Reads by a pull consumer, which remembers its place: each step costs what it delivers, however large the bucket. */
export function consumerSource(
  call: Call,
  requests: Requests,
  handle: BucketHandle,
  range: SourceRange,
): Promise<MessageSource> {
  return openConsumer(call, requests, handle, { ...range, policy: 'by_start_sequence' });
}

interface ConsumerRange extends SourceRange {
  policy: 'by_start_sequence' | 'last_per_subject';
}

async function openConsumer(
  call: Call,
  requests: Requests,
  handle: BucketHandle,
  range: ConsumerRange,
): Promise<MessageSource> {
  const name = consumerName();
  const parse = consumerMessages(name);
  await createConsumer(call, handle, {
    name,
    deliver_policy: range.policy,
    ...(range.policy === 'by_start_sequence' && { opt_start_seq: range.after + 1 }),
    ...(range.pattern !== '>' && { filter_subject: range.pattern }),
    ...(range.headersOnly && { headers_only: true }),
  });
  let waiting: Waiting | undefined;
  let messages: StoredMessage[] = [];
  const inbox: Inbox = requests.openInbox({
    onMessage: msg => {
      if (!waiting) return;
      if (!msg.reply) {
        finish(msg.headers?.code ?? 0);
        return;
      }
      const { message, pending } = parse(msg);
      messages.push(message);
      if (pending === 0) finish(404);
      else if (messages.length === waiting.count) finish(200);
    },
    onLost: error => waiting?.reject(error),
  });
  return { next, close };

  function next(call: Call, count: number): Promise<Batch> {
    messages = [];
    return new Promise<Batch>((resolve, reject) => {
      const wait = Math.max(1, call.deadline - Date.now());
      const timer = setTimeout(() => waiting?.reject(lost('did not answer in time')), wait);
      const done = (settle: () => void) => {
        clearTimeout(timer);
        waiting = undefined;
        settle();
      };
      waiting = {
        count,
        resolve: batch => done(() => resolve(batch)),
        reject: error => done(() => reject(error)),
      };
      const request = { batch: count, max_bytes: MAX_BYTES, no_wait: true };
      try {
        inbox.publish(
          `${handle.api.prefix}.CONSUMER.MSG.NEXT.${handle.stream}.${name}`,
          JSON.stringify(request),
        );
      } catch (error) {
        done(() => reject(error));
      }
    });
  }

  /** 200: all that was asked for. 404: no more. 409 after some messages: the bytes of one delivery are used up. */
  function finish(status: number): void {
    const enough = status === 200 || status === 404 || (status === 409 && messages.length > 0);
    if (enough) waiting?.resolve({ messages, end: status === 404 });
    else waiting?.reject(lost(`ended with status ${status}`));
  }

  function close(): void {
    inbox.close(`${handle.api.prefix}.CONSUMER.DELETE.${handle.stream}.${name}`);
  }
}

interface Waiting {
  count: number;
  resolve(batch: Batch): void;
  reject(error: PackError): void;
}

function lost(why: string): PackError {
  return new PackError('UNAVAILABLE', `The listing on the NATS server ${why}. Try again.`);
}
