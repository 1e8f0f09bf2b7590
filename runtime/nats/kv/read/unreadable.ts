import type { Call } from '../../../core/call.ts';
import type { BucketHandle } from '../bucket/handles.ts';

/**
 * Whether an empty answer of a direct batch says that it met a record which the server cannot read: the batch ends there
 * with 404 Message Not Found, whatever follows (ADR-31). 404 No Results says that there is nothing, and is an end.
 */
export function isCut(headers: { code: number; description: string } | undefined): boolean {
  return headers?.code === 404 && /not found/i.test(headers.description);
}

/** Of subjects of which no message was found, those that the stream has a record of all the same. */
export async function unreadable(call: Call, handle: BucketHandle, silent: string[]): Promise<string[]> {
  const known = await Promise.all(
    silent.map(subjects_filter =>
      handle.api.subjects(call, handle.stream, { subjects_filter, offset: 0 }, `bucket "${handle.bucket}"`),
    ),
  );
  return silent.filter((_subject, index) => (known[index]?.subjects.length ?? 0) > 0);
}
