import { invalidField } from '../contract/errors.ts';
import type { KvBucketDiffInput, KvBucketDiffOutput } from '../contract/types.gen.ts';
import { defineFunction } from '../runtime/core/define-function.ts';
import { detailsOf } from '../runtime/core/items.ts';
import { lookUntil } from '../runtime/core/look-time.ts';
import type { StateThen } from '../runtime/core/moments.ts';
import {
  changedKeys,
  isAlike,
  isBefore,
  isSame,
  momentOf,
  sinceMade,
  stateAt,
} from '../runtime/core/moments.ts';
import { readValue } from '../runtime/core/values.ts';

/** A call answers what it has found after this long, in milliseconds. */
const LOOK_MS = 5_000;
/** A page ends early once its values have so many bytes. */
const MAX_BYTES = 4 * 1024 * 1024;

type Item = KvBucketDiffOutput['items'][number];
type Side = NonNullable<Item['before']>;

export default defineFunction<KvBucketDiffInput, KvBucketDiffOutput>({
  timeoutMs: 20_000,
  async run(input, ctx) {
    const { bucket, filter = '>', limit = 100, start_seq = 0, values = false } = input;
    const asked = momentsOf(input);
    const info = await ctx.kv.bucketInfo(ctx, bucket, { count: false });
    const { history } = info;
    const since = sinceMade(asked.since, info);
    const until = asked.until && sinceMade(asked.until, info);
    if (until && isSame(since, until)) return { items: [], next_seq: start_seq, has_more: false };
    const end = lookUntil(ctx, LOOK_MS);
    const items: Item[] = [];
    let [bytes, after] = [0, start_seq];
    for (;;) {
      const range = { bucket, filter, since, until, history };
      const page = await changedKeys(ctx, range, { after, limit: limit - items.length });
      for (const { key, revision, kept } of page.keys) {
        const [before, now] = [stateAt(kept, since, history), stateAt(kept, until ?? LATEST, history)];
        const item = differenceOf(before, now, values);
        if (!item) continue;
        items.push({ key, ...item });
        bytes += (item.before?.size ?? 0) + (item.after?.size ?? 0);
        if (values && bytes > MAX_BYTES) return { items, next_seq: revision, has_more: true };
      }
      after = page.next;
      if (!page.hasMore || items.length >= limit || Date.now() >= end)
        return { items, next_seq: after, has_more: page.hasMore };
    }
  },
});

const LATEST = { revision: Number.POSITIVE_INFINITY };

function momentsOf({ since, since_revision, until, until_revision }: KvBucketDiffInput) {
  const at = { at: '/since', revision: '/since_revision' };
  const from = momentOf({ at: since, revision: since_revision }, at);
  if (until === undefined && until_revision === undefined) return { since: from, until: undefined };
  const to = { at: '/until', revision: '/until_revision' };
  const later = momentOf({ at: until, revision: until_revision }, to);
  if (isBefore(later, from))
    throw invalidField('at' in later ? to.at : to.revision, 'must not be before since or since_revision');
  return { since: from, until: later };
}

/** Undefined: the two are alike, whatever was between them. */
function differenceOf(before: StateThen, after: StateThen, values: boolean): Omit<Item, 'key'> | undefined {
  const sides = { ...sideOf('before', before, values), ...sideOf('after', after, values) };
  if (before === 'unknown' || after === 'unknown') return { change: 'unknown', ...sides };
  if (!before && !after) return undefined;
  if (!before) return { change: 'added', ...sides };
  if (!after) return { change: 'removed', ...sides };
  return isAlike(before, after) ? undefined : { change: 'changed', ...sides };
}

function sideOf(
  name: 'before' | 'after',
  state: StateThen,
  values: boolean,
): { [side in typeof name]?: Side } {
  if (!state || state === 'unknown') return {};
  const side = {
    sequence: state.revision,
    size: state.value.length,
    ...detailsOf(state),
    ...(state.by && { by: state.by }),
    ...(values && readValue(state.value)),
  };
  return { [name]: side };
}
