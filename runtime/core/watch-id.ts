import type { KvEndsTold } from './ports.ts';

/** Where a watch stands: a revision, and which bucket of the name gave it. `42-mdw2k8a0`; of old only the number. */
export interface WatchPlace extends Partial<KvEndsTold> {
  after: number;
  /** Undefined in the old form, which does not say. */
  bucketId?: string;
}

/**
 * Behind the revision the bucket's id, `ended`, of eight characters each until 2059, and `endedRevision`. A build that does not
 * know one of them takes the whole for another bucket, and answers `reset`.
 */
const FORM = /^(\d{1,16})(?:-([0-9a-z]{8})(?:([0-9a-z]{8})([0-9a-z]{1,11})?)?|-([0-9a-z]+))?$/;

/** The id of an event as text. */
export function writeWatchId({
  after,
  bucketId,
  ended,
  endedRevision,
}: WatchPlace & { bucketId: string }): string {
  // Values end at whole milliseconds: rounded up, those of a millisecond that is still to come would count as told.
  const parts = [ended && Math.floor(ended), ended && endedRevision];
  return `${after}-${bucketId}${parts.map(part => part?.toString(36) ?? '').join('')}`;
}

/** An id read, in any form; undefined where it is none. */
export function readWatchId(text: string): WatchPlace | undefined {
  const [, after, bucket, ended, endedRevision, other] = FORM.exec(text) ?? [];
  if (after === undefined) return undefined;
  const bucketId = bucket ?? other;
  return {
    after: Number(after),
    ...(bucketId !== undefined && { bucketId }),
    ...(ended !== undefined && { ended: Number.parseInt(ended, 36) }),
    ...(endedRevision !== undefined && { endedRevision: Number.parseInt(endedRevision, 36) }),
  };
}
