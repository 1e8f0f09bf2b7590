import type { StreamView } from '../bucket/stream-view.ts';

/** Of each bucket a subject that had a message when it was last seen. */
const subjects = new WeakMap<StreamView, string>();

/**
 * Notes that something is stored under a subject. An answer that has a message names the stream that it comes from; one without
 * any may be a mirror's, which is late. So who finds nothing asks for this one beside what it asked for.
 */
export function noteWitness(handle: StreamView, subject: string): void {
  subjects.set(handle, subject);
}

/** The subject; it may be gone by now. Undefined: none is known. */
export function witnessOf(handle: StreamView): string | undefined {
  return subjects.get(handle);
}

/** What was noted of a bucket goes on where it is looked up again and is the same. */
export function passWitness(from: StreamView, to: StreamView): void {
  const subject = subjects.get(from);
  if (subject !== undefined) subjects.set(to, subject);
}
