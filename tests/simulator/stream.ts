import type { Headers } from './headers.ts';
import { matches } from './subjects.ts';

/** A message that is stored. */
export interface SimulatedMessage {
  seq: number;
  subject: string;
  headers: Headers | undefined;
  data: Uint8Array;
  time: number;
}

/** What a publish is answered; of a message in the middle of a batch nothing but that it is there. */
export type Ack =
  | { stream: string; seq: number; batch?: string; count?: number; duplicate?: boolean; error?: ApiError }
  | 'staged';

interface ApiError {
  code: number;
  err_code: number;
  description: string;
}

interface Incoming {
  subject: string;
  headers: Headers | undefined;
  data: Uint8Array;
}

/** A stream as JetStream keeps it, as far as buckets on it use it: conditions, ids, batches, history. */
export interface SimulatedStream {
  readonly config: Record<string, unknown> & { name: string };
  /** In their order. */
  readonly messages: readonly SimulatedMessage[];
  readonly lastSeq: number;
  /** Another number with each change of the messages. */
  readonly changes: number;
  /** At which place the first message is that has this sequence number or a later one. */
  placeOf(seq: number): number;
  publish(message: Incoming): Ack;
  /** Has a message that another copy of the stream has stored. */
  follow(message: SimulatedMessage): void;
  last(pattern: string): SimulatedMessage | undefined;
  /** Takes away what fits, up to before `seq`; answers how many. */
  purge(asked: { filter?: string; seq?: number }): number;
}

/** Every message that was ever stored is told, since history drops some. */
export function createStream(
  config: Record<string, unknown> & { name: string },
  { now, onStored }: { now(): number; onStored(message: SimulatedMessage): void },
): SimulatedStream {
  const messages: SimulatedMessage[] = [];
  const bySubject = new Map<string, SimulatedMessage[]>();
  const ids = new Map<string, number>();
  const batches = new Map<string, Incoming[]>();
  let lastSeq = 0;
  let changes = 0;
  return {
    config,
    messages,
    get lastSeq() {
      return lastSeq;
    },
    get changes() {
      return changes;
    },
    placeOf,
    publish,
    follow,
    last,
    purge,
  };

  function publish(message: Incoming): Ack {
    const batch = message.headers?.get('Nats-Batch-Id');
    if (!batch) return store([message]);
    const place = Number(message.headers?.get('Nats-Batch-Sequence'));
    const staged = place === 1 ? [] : batches.get(batch);
    if (!staged || staged.length !== place - 1) {
      batches.delete(batch);
      return refuse(10176, 'batch publish is incomplete and was abandoned');
    }
    staged.push(message);
    batches.set(batch, staged);
    if (!message.headers?.get('Nats-Batch-Commit')) return 'staged';
    batches.delete(batch);
    const ack = store(staged);
    return ack === 'staged' || ack.error ? ack : { ...ack, batch, count: staged.length };
  }

  function store(all: Incoming[]): Ack {
    for (const { subject, headers } of all) {
      const id = headers?.get('Nats-Msg-Id');
      const known = id ? ids.get(id) : undefined;
      if (known !== undefined && all.length > 1) return refuse(10201, 'duplicate message id');
      if (known !== undefined) return { stream: config.name, seq: known, duplicate: true };
      const expected = headers?.get('Nats-Expected-Last-Subject-Sequence');
      const about = headers?.get('Nats-Expected-Last-Subject-Sequence-Subject') || subject;
      const at = last(about)?.seq ?? 0;
      if (expected && Number(expected) !== at) return refuse(10071, `wrong last sequence: ${at}`);
    }
    for (const message of all) keep(message);
    return { stream: config.name, seq: lastSeq };
  }

  function keep({ subject, headers, data }: Incoming): void {
    lastSeq += 1;
    const id = headers?.get('Nats-Msg-Id');
    if (id) ids.set(id, lastSeq);
    follow({ seq: lastSeq, subject, headers, data, time: now() });
  }

  function follow(message: SimulatedMessage): void {
    const { seq, subject, headers } = message;
    lastSeq = seq;
    changes += 1;
    messages.push(message);
    const same = bySubject.get(subject) ?? [];
    bySubject.set(subject, same);
    same.push(message);
    onStored(message);
    const kept = headers?.get('Nats-Rollup') === 'sub' ? 1 : Number(config.max_msgs_per_subject ?? 1);
    while (same.length > kept) drop(same[0]);
  }

  function drop(message: SimulatedMessage | undefined): void {
    if (!message) return;
    changes += 1;
    messages.splice(placeOf(message.seq), 1);
    const same = bySubject.get(message.subject);
    same?.splice(same.indexOf(message), 1);
    if (same?.length === 0) bySubject.delete(message.subject);
  }

  function placeOf(seq: number): number {
    let [low, high] = [0, messages.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((messages[middle] as SimulatedMessage).seq < seq) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  function last(pattern: string): SimulatedMessage | undefined {
    if (!/[*>]/.test(pattern)) return bySubject.get(pattern)?.at(-1);
    return messages.findLast(message => matches(pattern, message.subject));
  }

  function purge({
    filter = '>',
    seq = Number.POSITIVE_INFINITY,
  }: {
    filter?: string;
    seq?: number;
  }): number {
    const gone = messages.filter(message => message.seq < seq && matches(filter, message.subject));
    gone.forEach(drop);
    return gone.length;
  }

  function refuse(err_code: number, description: string): Ack {
    return { stream: config.name, seq: 0, error: { code: 400, err_code, description } };
  }
}
