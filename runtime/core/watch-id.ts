import type { KvEndsTold } from './ports/watches.ts';

/** Where a watch stands: a revision, and which bucket of the name gave it. `42-mdw2k8a0`; of old only the number. */
export interface WatchPlace extends Partial<KvEndsTold> {
  after: number;
  /** Undefined in the old form, which does not say. */
  bucketId?: string;
}

/**
 * Behind the revision the bucket's id, `ended`, of eight characters each until 2059, and `endedRevision`. Where the options of the bucket
 * changed by which values end, its id has six characters more, which stand last, and `endedRevision` has eleven. A build that does not
 * know one of them takes the whole for another bucket, and answers `reset`.
 */
const FORM =
  /^(\d{1,16})(?:-([0-9a-z]{8})(?:([0-9a-z]{8})(?:([0-9a-z]{11})(?=[0-9a-z]{6}$)|([0-9a-z]{1,11})$)?)?([0-9a-z]{6})?|-([0-9a-z]+))?$/;
const ID_LENGTH = 8;
const REVISION_LENGTH = 11;

/** The id of an event as text. */
export function writeWatchId({
  after,
  bucketId,
  ended,
  endedRevision = 0,
}: WatchPlace & { bucketId: string }): string {
  const [id, options] = [bucketId.slice(0, ID_LENGTH), bucketId.slice(ID_LENGTH)];
  if (!ended) return `${after}-${id}${options}`;
  // Values end at whole milliseconds: rounded up, those of a millisecond that is still to come would count as told.
  const at = Math.floor(ended).toString(36);
  const revision = endedRevision.toString(36);
  if (options) return `${after}-${id}${at}${revision.padStart(REVISION_LENGTH, '0')}${options}`;
  return `${after}-${id}${at}${endedRevision > 0 ? revision : ''}`;
}

/** An id read, in any form; undefined where it is none. */
export function readWatchId(text: string): WatchPlace | undefined {
  const [, after, bucket, ended, padded, revision, options = '', other] = FORM.exec(text) ?? [];
  if (after === undefined) return undefined;
  const bucketId = bucket === undefined ? other : bucket + options;
  const endedRevision = Number.parseInt(padded ?? revision ?? '0', 36);
  return {
    after: Number(after),
    ...(bucketId !== undefined && { bucketId }),
    ...(ended !== undefined && { ended: Number.parseInt(ended, 36) }),
    ...(endedRevision > 0 && { endedRevision }),
  };
}
