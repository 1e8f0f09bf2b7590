/** Items that are put later: what is to come waits as a key of its own beside the key it is for. */

/** Begins the key that a waiting item has. */
const WAITING = '_scheduled.';

/** Key of the item that waits to be put under a key. One waits for each: another takes its place. */
export function waitingKey(key: string): string {
  return `${WAITING}${key}`;
}

/** The key that a waiting item is for; undefined: the key is not that of a waiting item. */
export function waitsFor(key: string): string | undefined {
  return key.startsWith(WAITING) ? key.slice(WAITING.length) : undefined;
}

/** An entry of the index of all that waits: which item, and when it is due in milliseconds since 1970. */
export interface ScheduledPlace {
  bucket: string;
  key: string;
  at: number;
}

/** Key of an entry. Every time has one of its own: what is put off has two, and the first finds nothing that is due. */
export function scheduleKey({ bucket, key, at }: ScheduledPlace): string {
  return `${at}/${bucket}/${key}`;
}

/** The entry of such a key; undefined: it is none. */
export function readScheduleKey(text: string): ScheduledPlace | undefined {
  const [, at, bucket, key] = /^(\d{1,16})\/([^/]+)\/(.+)$/s.exec(text) ?? [];
  return bucket === undefined || key === undefined ? undefined : { bucket, key, at: Number(at) };
}
