import type { JetStreamManager, StreamConfig, StreamInfo } from '@nats-io/jetstream';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { Kvm } from '@nats-io/kv';
import type { NatsConnection, NodeConnectionOptions } from '@nats-io/transport-node';
import type { Joined } from './account-server.ts';
import { ANSWER_MS, connectPatiently } from './patient-nats.ts';

/** NATS as other programs use it: through the official client, or by the JetStream API's own words. */
export interface Official extends AsyncDisposable {
  readonly nc: NatsConnection;
  readonly kvm: Kvm;
  readonly jsm: JetStreamManager;
  /** Creates a stream with exactly this configuration, as the nats CLI and the Go client do it. */
  addStream(config: Record<string, unknown>): Promise<StreamInfo>;
  /** A mirror of the bucket `b`, `KV_part`, that has its keys below `part.` alone and answers direct reads of all. */
  addPartialMirror(): Promise<StreamInfo>;
  config(bucket: string): Promise<StreamConfig>;
  /** Writes keys without waiting for each; answers when the server has all of them. */
  fill(bucket: string, count: number, value: (index: number) => Entry): Promise<void>;
}

/** A key and its value. */
export type Entry = [key: string, value: string | Uint8Array];

/** Connects the official client, where a URL says or as a kvflow has joined. */
export async function connectOfficial(to: string | Joined): Promise<Official> {
  const where = typeof to === 'string' ? { servers: to } : asOfficial(to);
  const nc = await connectPatiently({ ...where, maxReconnectAttempts: -1, reconnectTimeWait: 50 });
  const jsm = await jetstreamManager(nc, { checkAPI: false, timeout: ANSWER_MS });
  return {
    nc,
    jsm,
    kvm: new Kvm(jetstream(nc, { timeout: ANSWER_MS })),
    addStream: config => addStream(nc, config),
    addPartialMirror: () => addStream(nc, PARTIAL_MIRROR),
    config: async bucket => (await jsm.streams.info(`KV_${bucket}`)).config,
    fill: (bucket, count, value) => fill(nc, bucket, count, value),
    [Symbol.asyncDispose]: () => nc.close(),
  };
}

/** How the official client joins the same. */
export function asOfficial({ servers, user, password }: Joined): NodeConnectionOptions {
  return { servers, ...(user && { user }), ...(password && { pass: password }) };
}

const PARTIAL_MIRROR = {
  name: 'KV_part',
  mirror: { name: 'KV_b', filter_subject: '$KV.b.part.>' },
  mirror_direct: true,
  allow_direct: true,
  max_msgs_per_subject: 1,
};

async function addStream(nc: NatsConnection, config: Record<string, unknown>): Promise<StreamInfo> {
  const answer = await nc.request(`$JS.API.STREAM.CREATE.${config.name}`, JSON.stringify(config));
  const info = answer.json<StreamInfo & { error?: { description: string } }>();
  if (info.error) throw new Error(`${config.name}: ${info.error.description}`);
  return info;
}

/** The server stores what one connection publishes in order, so the last acknowledgement stands for all. */
async function fill(nc: NatsConnection, bucket: string, count: number, entry: (index: number) => Entry) {
  const most = 2_000;
  for (let index = 0; index < count; index++) {
    const [key, value] = entry(index);
    const subject = `$KV.${bucket}.${key}`;
    if (index % most < most - 1 && index < count - 1) nc.publish(subject, value);
    else await nc.request(subject, value);
  }
}
