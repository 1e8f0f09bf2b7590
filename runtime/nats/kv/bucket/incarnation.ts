import type { Call } from '../../../core/call.ts';
import type { Handles } from './handles.ts';

/** The incarnation of a bucket where it is known without asking; else asks, for the next time. */
export function incarnationOf(handles: Handles, call: Call, bucket: string): string | undefined {
  const opened = handles.open(call, bucket);
  if (opened instanceof Promise) {
    opened.catch(() => undefined); // Whoever reads or writes is told.
    return undefined;
  }
  return opened.origin.stream === opened.stream ? opened.incarnation : undefined;
}
