import { toChange } from '../core/items.ts';
import type { KvEvent, KvWatch } from '../core/ports/watches.ts';
import { readWatchId, writeWatchId } from '../core/watch-id.ts';

/** A change as an event; its id is the revision and which bucket of the name gave it. */
export function changeEvent(change: KvEvent, bucketId: string) {
  return {
    id: writeWatchId({ after: change.revision, ...change.place, bucketId }),
    event: 'value' in change ? 'put' : change.operation,
    data: { key: change.key, ...toChange(change) },
  };
}

/** What was told before does not hold any more; undefined where it still does. */
export function resetEvent(watch: KvWatch) {
  const reset = watch.takeReset();
  if (!reset) return undefined;
  const { reason, after } = reset;
  return { id: writeWatchId({ after, bucketId: watch.bucketId() }), event: 'reset', data: { reason } };
}

/** The input that goes on after an id of either form; what is none stays text, which the schema then refuses by its name. */
export function resumeFrom(id: unknown): object {
  if (typeof id !== 'string' || !/^\d+-/.test(id)) return { after: toRevision(id) };
  return readWatchId(id) ? { after_id: id } : { after: id };
}

function toRevision(id: unknown): unknown {
  return typeof id === 'string' && /^-?\d+(\.\d+)?$/.test(id) ? Number(id) : id;
}
