import type { BucketHandle } from '../bucket/handles.ts';

/** Of each bucket a subject that had a message when it was last seen. */
const subjects = new WeakMap<BucketHandle, string>();

/**
 * Notes that something is stored under a subject. An answer that has a message names the stream that it comes from; one without
 * any may be a mirror's, which is late. So who finds nothing asks for this one beside what it asked for.
 */
export function noteWitness(handle: BucketHandle, subject: string): void {
  subjects.set(handle, subject);
}

/** The subject; it may be gone by now. Undefined: none is known. */
export function witnessOf(handle: BucketHandle): string | undefined {
  return subjects.get(handle);
}
