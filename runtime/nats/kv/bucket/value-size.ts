import type { Call } from '../../../core/call.ts';
import type { StreamConfig, StreamInfo } from '../../stream-types.ts';
import { HEADER_ROOM } from '../headers/names.ts';
import { notAside } from './aside.ts';
import type { StreamView } from './stream-view.ts';

/** What was asked for as `max_value_size`: the stream's own limit counts headers too and is larger by their room. */
const MAX_VALUE_SIZE = 'kvflow.max_value_size';

/** Most bytes of a value; -1: no limit. A limit that another client set counts as it is. */
export function valueLimit({ max_msg_size = -1, metadata }: StreamConfig): number {
  if (max_msg_size <= 0) return -1;
  const asked = Number(metadata?.[MAX_VALUE_SIZE]);
  return asked > 0 && withRoom(asked) === max_msg_size ? asked : max_msg_size;
}

/** Whether there is room for headers beside the largest value. */
export function hasHeaderRoom(config: StreamConfig): boolean {
  const limit = valueLimit(config);
  return limit < 0 || limit !== config.max_msg_size;
}

/** The configuration with a limit for values, and room for the headers beside them. `undefined`, 0 and -1: no limit. */
export function withValueLimit(config: StreamConfig, limit: number | null | undefined): StreamConfig {
  const { [MAX_VALUE_SIZE]: _before, ...metadata } = config.metadata ?? {};
  if (!limit || limit < 0) return { ...config, max_msg_size: -1, metadata };
  return {
    ...config,
    max_msg_size: withRoom(limit),
    metadata: { ...metadata, [MAX_VALUE_SIZE]: String(limit) },
  };
}

/** JetStream keeps the limit in 32 bits. */
function withRoom(limit: number): number {
  return Math.min(limit + HEADER_ROOM, 2 ** 31 - 1);
}

/**
 * Gives a bucket room for headers whose limit has none: made by an older kvflow or another client, it would take a value
 * and then refuse its delete marker. Answers whether it has room now that it did not have.
 */
export async function widen(call: Call, { api, stream, bucket }: StreamView): Promise<boolean> {
  const { config } = await notAside(call, api, () => api.streamInfo(call, stream));
  if (hasHeaderRoom(config)) return false;
  try {
    const wider = withValueLimit(config, valueLimit(config));
    await api.ask<StreamInfo>(call, `STREAM.UPDATE.${stream}`, wider, `bucket "${bucket}"`);
    return true;
  } catch {
    // Not ours to change: then its limit is what it is.
    return false;
  }
}
