/** Where a watch stands: a revision, and which bucket of the name gave it. `42-mdw2k8a0`; of old only the number. */
export interface WatchPlace {
  after: number;
  /** Undefined in the old form, which does not say. */
  bucketId?: string;
}

const FORM = /^(\d{1,16})(?:-([0-9a-z]+))?$/;

/** The id of an event as text. */
export function writeWatchId(revision: number, bucketId: string): string {
  return `${revision}-${bucketId}`;
}

/** An id read, in either form; undefined where it is none. */
export function readWatchId(text: string): WatchPlace | undefined {
  const [, revision, bucketId] = FORM.exec(text) ?? [];
  if (revision === undefined) return undefined;
  return { after: Number(revision), ...(bucketId !== undefined && { bucketId }) };
}
