import type { BucketInfo } from '../../../contract/types.gen.ts';
import type { Call } from '../../core/call.ts';
import type { JsApi } from '../js-api.ts';
import type { Requests } from '../requests.ts';
import type { StreamInfo } from '../stream-types.ts';
import { isHelper } from './backup/repair.ts';
import { markOf } from './bucket/aside.ts';
import { isBucket } from './bucket/bucket-config.ts';
import type { Loss } from './bucket/damage.ts';
import { damageOf, lossOf, markLoss } from './bucket/damage.ts';

/** What is to be known of a bucket's store to tell whether it is whole. */
export interface BucketReport {
  bucket: string;
  /** RFC 3339; another where it was made again. */
  created: string;
  lastRevision: number;
  /** RFC 3339; when this was so, by the clock that messages are stamped with. Undefined where several servers' clocks do that. */
  seenAt?: string;
  /** Values and markers, past ones too. */
  messages: number;
  consumers: number;
  bytes: number;
  /** Most bytes it may have; 0 or less: any number. */
  maxBytes: number;
  /** It takes no writes, for a backup that is under way or was killed. */
  aside: boolean;
  /** It is written to by its server alone. */
  follows: boolean;
  damage?: NonNullable<BucketInfo['damage']>;
  /** What was noted of it with {@link Inspection.noteLoss}. */
  loss?: Loss;
}

/** The stores of an account at one look. */
export interface StoresReport {
  buckets: BucketReport[];
  /** Streams that nobody answers for. */
  unavailable: string[];
  /** Streams of backups and restores that are not under way any more, by their age. */
  helpers: string[];
}

/** Looks at stores, cheaply: no message is read. */
export interface Inspection {
  inspect(call: Call): Promise<StoresReport>;
  /** The first revision that was written at a time or after it; undefined: none was, or it cannot be told. */
  firstSince(call: Call, bucket: string, time: string): Promise<number | undefined>;
  /** Notes on a bucket that revisions of it were lost; undefined: that they are made good. */
  noteLoss(call: Call, bucket: string, loss: Loss | undefined): Promise<void>;
}

/** A backup is done sooner. */
const STALE_MS = 3_600_000;

/** Makes the inspection of one connection. */
export function createInspection(api: JsApi, requests: Requests): Inspection {
  return {
    firstSince,
    inspect: async call => {
      const { streams, unavailable } = await api.listStreams(call);
      return {
        buckets: streams.filter(isBucket).map(report),
        unavailable,
        helpers: streams.filter(info => isHelper(info) && isStale(info)).map(({ config }) => config.name),
      };
    },
    noteLoss: (call, bucket, loss) => markLoss(call, api, `KV_${bucket}`, loss),
  };

  async function firstSince(call: Call, bucket: string, time: string): Promise<number | undefined> {
    const request = JSON.stringify({ start_time: time, next_by_subj: '>' });
    const msg = await requests.ask(call, `${api.prefix}.DIRECT.GET.KV_${bucket}`, request, { safe: true });
    return Number(msg.headers?.get('Nats-Sequence')) || undefined;
  }
}

/** The last message may have come between the look and its time. */
function afterLast(ts: string, last: string): string {
  return Date.parse(last) >= Date.parse(ts) ? new Date(Date.parse(last) + 1).toISOString() : ts;
}

function isStale({ created, ts }: StreamInfo): boolean {
  return (ts ? Date.parse(ts) : Date.now()) - Date.parse(created) > STALE_MS;
}

function report(info: StreamInfo): BucketReport {
  const { config, state, created, ts } = info;
  const isAlone =
    info.cluster?.name === undefined && config.num_replicas === 1 && config.allow_direct === true;
  const damage = damageOf(info);
  const loss = lossOf(config);
  return {
    bucket: config.name.slice('KV_'.length),
    created,
    lastRevision: state.last_seq,
    ...(ts && isAlone && { seenAt: afterLast(ts, state.last_ts) }),
    messages: state.messages,
    consumers: state.consumer_count ?? 0,
    bytes: state.bytes,
    maxBytes: config.max_bytes ?? -1,
    aside: markOf(config) !== undefined,
    follows: config.mirror !== undefined || (config.sources?.length ?? 0) > 0,
    ...(damage && { damage }),
    ...(loss && { loss }),
  };
}
