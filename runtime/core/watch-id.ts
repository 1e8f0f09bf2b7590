/** Where a watch stands: a revision, and which bucket of the name gave it. `42-mdw2k8a0`; of old only the number. */
export interface WatchPlace {
  after: number;
  /** Undefined in the old form, which does not say. */
  bucketId?: string;
  /** Up to when ends were told that the server tells nobody of, in milliseconds since 1970 by its clock; see {@link KvPlace}. */
  ended?: number;
}

/** Bucket ids have eight characters until 2059. A build that knows no `ended` takes the whole for another bucket, and answers `reset`. */
const FORM = /^(\d{1,16})(?:-([0-9a-z]{8})([0-9a-z]{8})?|-([0-9a-z]+))?$/;

/** The id of an event as text. */
export function writeWatchId({ after, bucketId, ended }: WatchPlace & { bucketId: string }): string {
  return `${after}-${bucketId}${ended === undefined ? '' : Math.ceil(ended).toString(36)}`;
}

/** An id read, in any form; undefined where it is none. */
export function readWatchId(text: string): WatchPlace | undefined {
  const [, after, bucket, ended, other] = FORM.exec(text) ?? [];
  if (after === undefined) return undefined;
  const bucketId = bucket ?? other;
  return {
    after: Number(after),
    ...(bucketId !== undefined && { bucketId }),
    ...(ended !== undefined && { ended: Number.parseInt(ended, 36) }),
  };
}
