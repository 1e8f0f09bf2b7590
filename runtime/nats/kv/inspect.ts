import type { BucketInfo } from '../../../contract/types.gen.ts';
import type { Call } from '../../core/call.ts';
import type { JsApi } from '../js-api.ts';
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
  /** Values and markers, past ones too. */
  messages: number;
  consumers: number;
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
  /** Notes on a bucket that revisions of it were lost; undefined: that they are made good. */
  noteLoss(call: Call, bucket: string, loss: Loss | undefined): Promise<void>;
}

/** A backup is done sooner. */
const STALE_MS = 3_600_000;

/** Makes the inspection of one connection. */
export function createInspection(api: JsApi): Inspection {
  return {
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
}

function isStale({ created, ts }: StreamInfo): boolean {
  return (ts ? Date.parse(ts) : Date.now()) - Date.parse(created) > STALE_MS;
}

function report(info: StreamInfo): BucketReport {
  const { config, state, created } = info;
  const damage = damageOf(info);
  const loss = lossOf(config);
  return {
    bucket: config.name.slice('KV_'.length),
    created,
    lastRevision: state.last_seq,
    messages: state.messages,
    consumers: state.consumer_count ?? 0,
    aside: markOf(config) !== undefined,
    follows: config.mirror !== undefined || (config.sources?.length ?? 0) > 0,
    ...(damage && { damage }),
    ...(loss && { loss }),
  };
}
