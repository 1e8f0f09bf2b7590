import type { BucketInfo } from '../../../../contract/types.gen.ts';
import type { Call } from '../../../core/call.ts';
import type { JsApi } from '../../js-api.ts';
import type { StreamConfig, StreamInfo } from '../../stream-types.ts';
import { notAside } from './aside.ts';

/** Metadata of a bucket of which revisions were lost: who looks at it knows, in every process and after every restart. */
const DAMAGE = 'kvflow.damage';

/** What was found missing: the bucket had revisions up to `had`, and came back with those up to `has`. */
export interface Loss {
  had: number;
  has: number;
  /** RFC 3339. */
  at: string;
}

/** What is wrong with a bucket's store as far as it can be seen; undefined: nothing. */
export function damageOf({ config, state }: StreamInfo): BucketInfo['damage'] {
  const loss = lossOf(config);
  if (loss) {
    return {
      message: `Revisions ${loss.has + 1} to ${loss.had} were there and are no more; kvflow doctor looks for them in snapshots.`,
      lost_from: loss.has + 1,
      lost_to: loss.had,
      found_at: loss.at,
    };
  }
  const lost = state.lost?.msgs;
  if (lost?.length) {
    const [from = 0, to = 0] = [Math.min(...lost), Math.max(...lost)];
    return {
      message: `The NATS server lost ${lost.length} messages at its start, revisions ${from} to ${to}.`,
      lost_from: from,
      lost_to: to,
    };
  }
  return miscounted(config, state);
}

/** Where one value is kept of each key, there are as many messages as keys. */
function miscounted(config: StreamConfig, state: StreamInfo['state']): BucketInfo['damage'] {
  const { messages, num_subjects } = state;
  if (num_subjects === undefined) return undefined;
  const most =
    (config.max_msgs_per_subject ?? 0) > 0 ? num_subjects * Number(config.max_msgs_per_subject) : messages;
  if (messages >= num_subjects && messages <= most) return undefined;
  return {
    message: `The NATS server counts ${num_subjects} keys and ${messages} messages, which cannot both be true: the index of the store is damaged.`,
  };
}

/** What {@link markLoss} noted. */
export function lossOf({ metadata }: Pick<StreamConfig, 'metadata'>): Loss | undefined {
  const text = metadata?.[DAMAGE];
  if (!text) return undefined;
  try {
    const { had = 0, has = 0, at = '' } = JSON.parse(text) as Partial<Loss>;
    return had > has ? { had, has, at } : undefined;
  } catch {
    return undefined;
  }
}

/** Notes a loss on the bucket itself; undefined: it is made good, or accepted. */
export async function markLoss(
  call: Call,
  api: JsApi,
  stream: string,
  loss: Loss | undefined,
): Promise<void> {
  const { config } = await notAside(call, api, () => api.streamInfo(call, stream));
  const { [DAMAGE]: _before, ...metadata } = config.metadata ?? {};
  const changed = { ...config, metadata: loss ? { ...metadata, [DAMAGE]: JSON.stringify(loss) } : metadata };
  await api.ask(call, `STREAM.UPDATE.${stream}`, changed, `bucket "${stream.slice('KV_'.length)}"`);
}
