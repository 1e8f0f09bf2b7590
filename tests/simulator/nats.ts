import type { Msg, MsgHdrs, NatsConnection, Status } from '@nats-io/transport-node';
import type { Random } from '../support/random.ts';
import type { Answer } from './answers.ts';
import { error, nobody, refusal, toMsg } from './answers.ts';
import type { Clock } from './clock.ts';
import type { ConsumerConfig, Pull, SimulatedConsumers } from './consumers.ts';
import { createConsumers } from './consumers.ts';
import type { Headers } from './headers.ts';
import { readHeaders } from './headers.ts';
import { direct, directBatch, leaderGet } from './reads.ts';
import type { Replica } from './replica.ts';
import { createReplica } from './replica.ts';
import type { SimulatedMessage, SimulatedStream } from './stream.ts';
import { createStream } from './stream.ts';
import { matcher, matches } from './subjects.ts';
import type { Troubles } from './troubles.ts';

/** A NATS in memory. */
export interface SimulatedNats {
  /** A connection of its own. */
  connect(): NatsConnection;
  /** All that was ever stored. */
  readonly stored: SimulatedMessage[];
  /** How many requests there were, messages that were stored, and troubles of each kind. */
  counts(): Record<keyof Troubles | 'requests' | 'stored', number>;
  /** From now on all goes well. */
  calm(): void;
}

const SERVED = new Set([
  'STREAM.CREATE',
  'STREAM.UPDATE',
  'STREAM.INFO',
  'STREAM.PURGE',
  'STREAM.MSG.GET',
  'DIRECT.GET',
  'CONSUMER.CREATE',
  'CONSUMER.DELETE',
]);
const PULLED = /^\$JS\.API\.CONSUMER\.MSG\.NEXT\.([^.]+)\.([^.]+)$/;
const [QUICK_MS, LATE_MS, AWAY_MS] = [3, 4_000, 400];

/** Starts one, empty; what goes wrong is decided by `random` alone, so that a seed gives the same run again. */
export function simulateNats(clock: Clock, random: Random, troubles: Troubles): SimulatedNats {
  const streams = new Map<string, SimulatedStream>();
  const consumers = new Map<string, SimulatedConsumers>();
  const replicas = new Map<string, Replica>();
  const stored: SimulatedMessage[] = [];
  /** What was asked by subjects that come again and again, and how streams are set up, as JSON. */
  const asked = new Map<string, ApiCall>();
  const configs = new Map<string, string>();
  const kinds = Object.keys(troubles) as (keyof Troubles)[];
  const troubled = Object.fromEntries(kinds.map(kind => [kind, 0])) as Record<keyof Troubles, number>;
  let requests = 0;
  let chance = (which: keyof Troubles) => {
    const happens = random.chance(troubles[which]);
    if (happens) troubled[which] += 1;
    return happens;
  };
  return {
    connect,
    stored,
    counts: () => ({ requests, stored: stored.length, ...troubled }),
    calm: () => {
      chance = () => false;
    },
  };

  function connect(): NatsConnection {
    const subscribers: { fits(subject: string): boolean; callback(error: null, msg: Msg): void }[] = [];
    const statuses = new Set<(status: Status) => void>();
    let epoch = 0;
    let arrives = 0;
    let delivers = 0;
    const tell = (status: object) => {
      for (const each of statuses) each(status as Status);
    };
    const deliver = (reply: string, answer: Answer, sentIn: number) => {
      if (sentIn !== epoch) return;
      for (const { fits, callback } of subscribers) if (fits(reply)) callback(null, toMsg(reply, answer));
    };
    /** What a consumer delivers comes in its order. */
    const deliverInOrder = (reply: string, answer: Answer, sentIn: number) => {
      delivers = Math.max(delivers, clock.now() + QUICK_MS * random.next());
      clock.after(delivers - clock.now(), () => deliver(reply, answer, sentIn));
    };
    const cut = () => {
      epoch += 1;
      tell({ type: 'disconnect' });
      clock.after(AWAY_MS * random.next(), () => tell({ type: 'reconnect' }));
    };
    const publish = (
      subject: string,
      payload: Uint8Array | string = '',
      options: { reply?: string; headers?: MsgHdrs } = {},
    ) => {
      requests += 1;
      const { reply = '' } = options;
      const headers = options.headers && readHeaders(options.headers);
      const sentIn = epoch;
      const isCut = chance('cut');
      if (isCut && random.chance(0.5)) return void clock.after(0, cut);
      if (chance('lostRequest')) return;
      // What one connection sends arrives in order; answers may overtake each other.
      arrives = Math.max(arrives, clock.now() + QUICK_MS * random.next());
      clock.after(arrives - clock.now(), () => {
        if (isCut) clock.after(0, cut);
        const isWrite = subject.startsWith('$KV.');
        if (isWrite && chance('nobody')) return deliver(reply, nobody(), sentIn);
        const pulled = isWrite ? null : PULLED.exec(subject);
        if (pulled) return pullFrom(pulled, payload, answer => deliverInOrder(reply, answer, sentIn));
        const answers = serve(subject, payload, headers);
        if (isWrite && isDecided(headers) && chance('deposed')) {
          deliver(reply, refusal(streams.get(`KV_${subject.split('.')[1]}`)?.last(subject)), sentIn);
        }
        if (chance('lostAnswer')) return;
        const delay = (chance('late') ? LATE_MS : QUICK_MS) * random.next();
        for (let times = chance('doubled') ? 2 : 1; times > 0; times--) {
          clock.after(delay * times, () => {
            for (const answer of answers) deliver(reply, answer, sentIn);
          });
        }
      });
    };
    const nc = {
      info: { max_payload: 1_048_576, jetstream: true, headers: true, version: '2.15.1' },
      publish,
      subscribe: (subject: string, { callback }: { callback: (error: null, msg: Msg) => void }) => {
        const subscriber = { fits: matcher(subject), callback };
        subscribers.push(subscriber);
        return { unsubscribe: () => void subscribers.splice(subscribers.indexOf(subscriber), 1) };
      },
      status: () => follow(statuses),
      isClosed: () => false,
      close: async () => undefined,
    };
    return nc as unknown as NatsConnection;
  }

  function pullFrom(
    [, stream = '', name = '']: RegExpExecArray,
    payload: Uint8Array | string,
    push: (answer: Answer) => void,
  ): void {
    const all = consumers.get(stream);
    if (chance('consumerLost')) {
      all?.lose(name);
      if (random.chance(0.5)) return;
    }
    const asked = JSON.parse(textOf(payload)) as Pull;
    if (!all?.pull(name, asked, push)) push(nobody());
  }

  function consume(
    stream: SimulatedStream,
    [endpoint, name = '']: string[],
    body: { config?: ConsumerConfig },
  ) {
    const all = consumers.get(stream.config.name);
    if (endpoint === 'CREATE' && all && body.config) {
      return [{ data: JSON.stringify({ name, num_pending: all.create(name, body.config) }) }];
    }
    all?.remove(name);
    return [{ data: JSON.stringify({ success: true }) }];
  }

  function serve(subject: string, payload: Uint8Array | string, headers: Headers | undefined): Answer[] {
    if (subject.startsWith('$KV.')) {
      const stream = streams.get(`KV_${subject.split('.')[1]}`);
      if (!stream) return [nobody()];
      const data = typeof payload === 'string' ? Buffer.from(payload) : payload;
      const ack = stream.publish({ subject, headers, data });
      return [ack === 'staged' ? {} : { data: JSON.stringify(ack) }];
    }
    const known = asked.get(subject);
    const { kind, name, rest } = known ?? apiCallOf(subject);
    if (!known) asked.set(subject, { kind, name, rest });
    const body = payload.length > 0 ? JSON.parse(textOf(payload)) : {};
    const isNew = kind === 'STREAM.CREATE' && !streams.has(name);
    if (isNew) {
      const replica = createReplica(body, clock, random);
      const made = createStream(body, {
        now: clock.now,
        onStored: message => {
          stored.push(message);
          replica.stored(message);
          consumers.get(name)?.wake();
        },
      });
      streams.set(name, made);
      replicas.set(name, replica);
      consumers.set(name, createConsumers(made, clock));
    }
    const stream = streams.get(name);
    if (!stream) return kind ? [error(404, 10059, 'stream not found')] : [];
    if (kind === 'STREAM.MSG.GET') return [leaderGet(stream, body)];
    if (kind === 'DIRECT.GET') {
      const copy = (chance('behind') && replicas.get(name)?.stream) || stream;
      return rest ? [direct(copy, copy.last(rest))] : directBatch(copy, body);
    }
    const [room, endpoint = ''] = kind.split('.');
    if (room === 'CONSUMER') return consume(stream, [endpoint, rest?.split('.')[0] ?? ''], body);
    if (kind === 'STREAM.PURGE') {
      replicas.get(name)?.purged(body);
      return [{ data: JSON.stringify({ success: true, purged: stream.purge(body) }) }];
    }
    if (kind === 'STREAM.UPDATE') {
      Object.assign(stream.config, body);
      configs.delete(name);
    }
    const info = { ...infoOf(stream), did_create: isNew };
    if (body.subjects_filter === undefined) return [{ data: withConfig(stream, info) }];
    const subjects = subjectsOf(stream, body.subjects_filter).slice(body.offset ?? 0);
    const total = subjectsOf(stream, body.subjects_filter).length;
    const state = { ...info.state, subjects: Object.fromEntries(subjects) };
    const page = { ...info, total, offset: body.offset ?? 0, limit: 100_000, state };
    return [{ data: withConfig(stream, page) }];
  }

  function withConfig({ config }: SimulatedStream, info: object): string {
    const json = configs.get(config.name) ?? JSON.stringify(config);
    configs.set(config.name, json);
    return `{"config":${json},${JSON.stringify(info).slice(1)}`;
  }

  function infoOf({ messages, lastSeq }: SimulatedStream) {
    const first_seq = messages[0]?.seq ?? lastSeq + 1;
    const [created, ts] = ['2026-01-01T00:00:00Z', new Date(clock.now()).toISOString()];
    const last_ts = new Date(messages.at(-1)?.time ?? 0).toISOString();
    const bytes = messages.length * 100;
    const state = { messages: messages.length, bytes, first_seq, last_seq: lastSeq, last_ts };
    // Of a cluster, so that all that is done for one is done.
    return { created, ts, state, cluster: { name: 'simulated', leader: 's1' } };
  }
}

function textOf(payload: Uint8Array | string): string {
  return typeof payload === 'string' ? payload : Buffer.from(payload).toString();
}

interface ApiCall {
  kind: string;
  name: string;
  rest: string | undefined;
}

/** What is asked of the JetStream API, such as STREAM.INFO, of which stream, and the rest of the subject. */
function apiCallOf(subject: string): ApiCall {
  const [, , room = '', ...more] = subject.split('.');
  const verbs = more[0] === 'MSG' ? 2 : 1;
  const kind = [room, ...more.slice(0, verbs)].join('.');
  if (!SERVED.has(kind)) return { kind: '', name: '', rest: undefined };
  const rest = more.slice(verbs + 1).join('.');
  return { kind, name: more[verbs] ?? '', rest: rest || undefined };
}

/** How many messages each subject has. */
function subjectsOf({ messages }: SimulatedStream, filter: string): [string, number][] {
  const counts = new Map<string, number>();
  for (const { subject } of messages)
    if (matches(filter, subject)) counts.set(subject, (counts.get(subject) ?? 0) + 1);
  return [...counts];
}

async function* follow(statuses: Set<(status: Status) => void>): AsyncGenerator<Status> {
  const waiting: Status[] = [];
  let wake: () => void = () => undefined;
  statuses.add(status => {
    waiting.push(status);
    wake();
  });
  for (;;) {
    const next = waiting.shift();
    if (next) yield next;
    else await new Promise<void>(resolve => (wake = resolve));
  }
}

/** Whether the conditions of a write are looked at now: those of a batch are at its end. */
function isDecided(headers: Headers | undefined): boolean {
  const batch = headers?.get('Nats-Batch-Id');
  return batch
    ? headers?.get('Nats-Batch-Commit') === '1'
    : Boolean(headers?.get('Nats-Expected-Last-Subject-Sequence'));
}
