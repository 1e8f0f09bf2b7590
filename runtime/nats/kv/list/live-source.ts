import { PackError } from '../../../../contract/errors.ts';
import type { Call } from '../../../core/define-function.ts';
import type { Requests } from '../../requests.ts';
import type { BucketHandle } from '../bucket/handles.ts';
import type { StoredMessage } from '../read/stored-message.ts';
import { consumerMessages } from '../read/stored-message.ts';
import { consumerName, createConsumer } from './consumers.ts';

/** Messages as they come, delivered only as far as they are asked for. */
export interface Delivery {
  /** What is there, at most `most`; waits for the first one. Empty when none came in time. Throws when it broke. */
  next(most: number, waitMs: number): Promise<StoredMessage[]>;
  close(): void;
}

/** What is delivered first. */
export interface DeliveryStart {
  pattern: string;
  policy: { after: number } | 'last_per_subject';
}

const BATCH = 512;
/** Bounds what a reader that stopped can make us hold. */
const MAX_BYTES = 1024 * 1024;
/** The server tells this often that it is still there. */
const HEARTBEAT_MS = 2_000;
const EXPIRES_MS = 30_000;

/** Opens a pull consumer that waits for new messages. */
export async function openDelivery(
  call: Call,
  requests: Requests,
  handle: BucketHandle,
  start: DeliveryStart,
): Promise<Delivery> {
  const name = consumerName();
  await createConsumer(call, handle, {
    name,
    filter_subject: start.pattern,
    ...(start.policy === 'last_per_subject'
      ? { deliver_policy: 'last_per_subject' }
      : { deliver_policy: 'by_start_sequence', opt_start_seq: start.policy.after + 1 }),
  });
  const parse = consumerMessages(name);
  const ready: StoredMessage[] = [];
  let outstanding = 0;
  let heard = Date.now();
  let failure: PackError | undefined;
  let wake: (() => void) | undefined;
  let closed = false;
  const inbox = requests.openInbox({
    onMessage: msg => {
      heard = Date.now();
      if (msg.reply) {
        outstanding -= 1;
        ready.push(parse(msg).message);
      } else onStatus(msg.headers?.code ?? 0, msg.headers?.description ?? '');
      wake?.();
    },
    onLost: error => fail(error),
  });
  return { next, close };

  async function next(most: number, waitMs: number): Promise<StoredMessage[]> {
    if (ready.length === 0) await something(waitMs);
    if (ready.length > 0) return ready.splice(0, most);
    if (failure) throw failure;
    return [];
  }

  /** Waits until a message is there, the delivery broke or the time is up. */
  async function something(waitMs: number): Promise<void> {
    const until = Date.now() + waitMs;
    while (ready.length === 0 && !failure && !closed) {
      if (outstanding <= 0) pull();
      const wait = Math.min(until - Date.now(), HEARTBEAT_MS * 2);
      if (wait <= 0) return;
      await new Promise<void>(resolve => {
        const timer = setTimeout(resolve, wait);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      if (Date.now() - heard > HEARTBEAT_MS * 2) fail(broken('is silent'));
    }
  }

  function pull(): void {
    outstanding = BATCH;
    heard = Date.now();
    const request = {
      batch: BATCH,
      max_bytes: MAX_BYTES,
      expires: EXPIRES_MS * 1_000_000,
      idle_heartbeat: HEARTBEAT_MS * 1_000_000,
    };
    inbox.publish(`${handle.api.prefix}.CONSUMER.MSG.NEXT.${handle.stream}.${name}`, JSON.stringify(request));
  }

  /** 100: still there. 408: the pull has ended. 409 with too many bytes: the same, and more is there. */
  function onStatus(code: number, description: string): void {
    if (code === 100) return;
    outstanding = 0;
    if (code === 408 || (code === 409 && /MaxBytes|Batch Completed/i.test(description))) return;
    fail(broken(`ended with ${code} ${description}`));
  }

  function fail(error: PackError): void {
    failure ??= error;
    wake?.();
  }

  function close(): void {
    closed = true;
    wake?.();
    inbox.close(`${handle.api.prefix}.CONSUMER.DELETE.${handle.stream}.${name}`);
  }
}

function broken(why: string): PackError {
  return new PackError('UNAVAILABLE', `The consumer on the NATS server ${why}.`);
}
