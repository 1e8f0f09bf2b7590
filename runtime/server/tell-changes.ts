import type { KvWatch } from '../core/ports/watches.ts';
import type { EventFormat } from './cloud-event.ts';
import { toCloudEvent } from './cloud-event.ts';
import type { EventStream } from './event-stream.ts';
import { changeEvent, resetEvent } from './watch-events.ts';

/** A watch that is open, and how its changes are told. */
export interface Told {
  watch: KvWatch;
  bucket: string;
  format: EventFormat;
  /** The client's own name of it, in a stream of many. */
  name?: string;
}

/** Changes written at once; the reader's pace decides when the next are fetched. */
const BATCH = 256;
/** How often an open stream looks whether it is to end, in milliseconds. */
export const STEP_MS = 500;

/**
 * Writes the changes of a watch to a stream until `isOver`; `afterStep` is told how many came with each step. `synced` is sent
 * once, when all that was there at the start has been sent, and again after a `reset`.
 */
export async function tellChanges(
  { watch, bucket, format, name }: Told,
  stream: EventStream,
  { isOver, afterStep }: { isOver(): boolean; afterStep?(count: number): void },
): Promise<void> {
  const named = name === undefined ? {} : { watch: name };
  let synced = false;
  while (!isOver()) {
    if (!synced && !watch.hasMore()) {
      stream.event({ event: 'synced', data: { ...named, revision: watch.startedAt() } });
      synced = true;
    }
    const changes = await watch.next(BATCH, STEP_MS);
    if (stream.closed()) return;
    const reset = resetEvent(watch);
    if (reset) synced = false;
    const events = changes.map(change => changeEvent(change, watch.bucketId()));
    for (const event of [...(reset ? [reset] : []), ...events]) {
      const told = { ...event, data: { ...named, ...event.data } };
      stream.event(format === 'cloudevents' ? toCloudEvent(told, bucket) : told);
    }
    afterStep?.(changes.length);
    await stream.drained();
  }
}
