import type { MsgHdrs } from '@nats-io/transport-node';
import type { Clock } from './clock.ts';
import { statusHeaders, writeHeaders } from './headers.ts';
import type { SimulatedMessage, SimulatedStream } from './stream.ts';
import { matcher } from './subjects.ts';

/** What is delivered to the inbox of a pull: a message under its own subject, or a status without one. */
export interface Delivery {
  subject?: string;
  /** Says what is known of a message (ADR-15). */
  reply?: string;
  data?: Uint8Array;
  headers?: MsgHdrs;
}

/** Pull consumers of one stream (ADR-13), as far as listings and watches use them. */
export interface SimulatedConsumers {
  /** Answers how many messages it begins with. */
  create(name: string, config: ConsumerConfig): number;
  /** Delivers what there is; one that waits is delivered to until it has enough or its time is over. False: there is no such consumer. */
  pull(name: string, asked: Pull, deliver: (delivery: Delivery) => void): boolean;
  remove(name: string): void;
  /** The server that has it died. */
  lose(name: string): void;
  /** Something was stored. */
  wake(): void;
}

/** Of a consumer, by the API's names. */
export interface ConsumerConfig {
  deliver_policy: 'by_start_sequence' | 'by_start_time' | 'last_per_subject';
  opt_start_seq?: number;
  opt_start_time?: string;
  filter_subject?: string;
  filter_subjects?: string[];
  headers_only?: boolean;
}

/** What a pull asks for. */
export interface Pull {
  batch: number;
  no_wait?: boolean;
  /** Nanoseconds. */
  expires?: number;
  idle_heartbeat?: number;
}

interface Consumer {
  headersOnly: boolean;
  /** Whether it delivers what has this subject. */
  fits(subject: string): boolean;
  /** The last that was delivered, or passed. */
  at: number;
  delivered: number;
  /** Of latest messages alone: those there were when it began, and up to where. */
  latest: { left: number[]; upTo: number } | undefined;
  /** How many are still to come after `at`, as of a state of the stream. */
  after: { changes: number; count: number };
  waiting: Waiting | undefined;
}

interface Waiting {
  left: number;
  until: number;
  deliver: (delivery: Delivery) => void;
}

const NS = 1e6;

/** Keeps the consumers of a stream. */
export function createConsumers(stream: SimulatedStream, clock: Clock): SimulatedConsumers {
  const all = new Map<string, Consumer>();
  return {
    create,
    pull,
    remove: name => void all.delete(name),
    lose: name => void all.delete(name),
    wake: () => {
      for (const [name, consumer] of all) if (consumer.waiting) serve(name, consumer, consumer.waiting);
    },
  };

  function create(name: string, config: ConsumerConfig): number {
    const { deliver_policy, opt_start_seq = 1, opt_start_time, headers_only: headersOnly = false } = config;
    const fits = fitting(config);
    const from = opt_start_time === undefined ? 0 : Date.parse(opt_start_time);
    const first = stream.messages.find(({ time }) => time >= from)?.seq ?? stream.lastSeq + 1;
    const at = deliver_policy === 'by_start_time' ? first - 1 : opt_start_seq - 1;
    const isLatest = deliver_policy === 'last_per_subject';
    const wanted = stream.messages.filter(({ subject }) => fits(subject));
    const left = isLatest ? [...new Map(wanted.map(({ subject, seq }) => [subject, seq])).values()] : [];
    left.sort((a, b) => a - b);
    const consumer: Consumer = {
      headersOnly,
      fits,
      at: isLatest ? stream.lastSeq : at,
      delivered: 0,
      latest: isLatest ? { left, upTo: stream.lastSeq } : undefined,
      after: { changes: -1, count: 0 },
      waiting: undefined,
    };
    all.set(name, consumer);
    return pendingOf(consumer);
  }

  function pull(name: string, asked: Pull, deliver: (delivery: Delivery) => void): boolean {
    const consumer = all.get(name);
    if (!consumer) return false;
    const until = clock.now() + (asked.expires ?? 0) / NS;
    const waiting: Waiting = { left: asked.batch, until, deliver };
    consumer.waiting = undefined;
    serve(name, consumer, waiting);
    if (waiting.left === 0) return true;
    if (asked.no_wait) deliver(status(404, 'No Messages'));
    else {
      consumer.waiting = waiting;
      if (asked.idle_heartbeat) beat(name, { waiting, everyMs: asked.idle_heartbeat / NS });
    }
    return true;
  }

  function beat(name: string, { waiting, everyMs }: { waiting: Waiting; everyMs: number }): void {
    clock.after(everyMs, () => {
      const consumer = all.get(name);
      if (consumer?.waiting !== waiting) return;
      const isOver = clock.now() >= waiting.until;
      waiting.deliver(isOver ? status(408, 'Request Timeout') : status(100, 'Idle Heartbeat'));
      if (isOver) consumer.waiting = undefined;
      else beat(name, { waiting, everyMs });
    });
  }

  function serve(name: string, consumer: Consumer, waiting: Waiting): void {
    while (waiting.left > 0) {
      const message = take(consumer);
      if (!message) return;
      waiting.left -= 1;
      consumer.delivered += 1;
      waiting.deliver(delivered(name, consumer, message));
    }
    consumer.waiting = undefined;
  }

  /** The next one. A consumer of latest messages stops at one that was removed since, and goes on with the next pull. */
  function take(consumer: Consumer): SimulatedMessage | undefined {
    const { latest, fits } = consumer;
    const seq = latest?.left.shift();
    if (seq !== undefined) return withSeq(seq);
    const { messages } = stream;
    for (let place = stream.placeOf(consumer.at + 1); place < messages.length; place++) {
      const message = messages[place] as SimulatedMessage;
      if (!fits(message.subject)) continue;
      consumer.at = message.seq;
      consumer.after.count -= 1;
      return message;
    }
    return undefined;
  }

  function withSeq(seq: number): SimulatedMessage | undefined {
    const message = stream.messages[stream.placeOf(seq)];
    return message?.seq === seq ? message : undefined;
  }

  function pendingOf({ fits, latest, at, after }: Consumer): number {
    if (after.changes !== stream.changes) {
      const { messages } = stream;
      after.count = 0;
      for (let place = stream.placeOf(at + 1); place < messages.length; place++)
        if (fits((messages[place] as SimulatedMessage).subject)) after.count += 1;
      after.changes = stream.changes;
    }
    return (latest?.left.length ?? 0) + after.count;
  }

  function delivered(name: string, consumer: Consumer, message: SimulatedMessage): Delivery {
    const { subject, seq, time, headers, data } = message;
    const counts = `1.${seq}.${consumer.delivered}.${Math.floor(time)}000000.${pendingOf(consumer)}`;
    const reply = `$JS.ACK.${stream.config.name}.${name}.${counts}`;
    if (!consumer.headersOnly)
      return { subject, reply, data, ...(headers && { headers: writeHeaders(headers) }) };
    const sized = new Map([...(headers ?? []), ['Nats-Msg-Size', String(data.length)]]);
    return { subject, reply, data: new Uint8Array(0), headers: writeHeaders(sized) };
  }
}

function fitting({ filter_subject = '>', filter_subjects = [filter_subject] }: ConsumerConfig) {
  const all = filter_subjects.map(matcher);
  const [first] = all as [(subject: string) => boolean];
  return all.length === 1 ? first : (subject: string) => all.some(fits => fits(subject));
}

function status(code: number, text: string): Delivery {
  return { headers: statusHeaders(code, text) };
}
