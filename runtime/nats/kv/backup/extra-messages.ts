import type { Call } from '../../../core/call.ts';
import type { JsApi } from '../../js-api.ts';
import type { StreamInfo } from '../../stream-types.ts';

/** More gaps than this are not gone through while writes wait. */
const MAX_GAPS = 200_000;
const MAX_EXTRA = 2_000;

interface Details {
  state: StreamInfo['state'] & { deleted?: number[] };
}

/**
 * Sequence numbers that a copy has and its origin has not any more: a mirror hears of writes, and of no purge and no end. The copy
 * has all that the origin has, so that equal numbers of messages mean that there are none. Undefined: it cannot be told.
 */
export async function extraMessages(
  call: Call,
  api: JsApi,
  origin: StreamInfo,
  copy: StreamInfo,
): Promise<number[] | undefined> {
  const more = copy.state.messages - origin.state.messages;
  if (more === 0) return [];
  if (more < 0 || more > MAX_EXTRA) return undefined;
  const [of, on] = await Promise.all([origin, copy].map(info => details(call, api, info)));
  if (!of || !on) return undefined;
  const gone = new Set(on.state.deleted);
  const extra = removedFrom(of, on).filter(seq => !gone.has(seq));
  return extra.length === more ? extra : undefined;
}

async function details(call: Call, api: JsApi, { config, state }: StreamInfo): Promise<Details | undefined> {
  if ((state.num_deleted ?? 0) > MAX_GAPS) return undefined;
  return await api.ask<Details>(call, `STREAM.INFO.${config.name}`, { deleted_details: true }, config.name);
}

/** What the origin had between the copy's first and last message and has no more. */
function removedFrom({ state }: Details, { state: on }: Details): number[] {
  const removed = (state.deleted ?? []).filter(seq => seq >= on.first_seq && seq <= on.last_seq);
  const first = state.messages === 0 ? on.last_seq + 1 : state.first_seq;
  if (first - on.first_seq > MAX_GAPS) return [];
  for (let seq = on.first_seq; seq < first; seq++) removed.push(seq);
  return [...new Set(removed)];
}
