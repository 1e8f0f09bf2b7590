import { PackError } from '../../../../contract/errors.ts';
import type { Call } from '../../../core/call.ts';
import type { KvTransactPut } from '../../../core/ports/transactions.ts';
import type { KvPutAnswer } from '../../../core/ports/writes.ts';
import type { BucketHandle } from '../bucket/handles.ts';
import { checkSize } from '../write/refusals.ts';
import { endMarker } from '../write/ttl.ts';
import { expiryFromNow } from '../write/writer.ts';
import type { BatchMessage } from './batch.ts';
import { putMessage } from './plan.ts';

/** What became of one of many puts. */
export type PutAnswer = KvPutAnswer | PackError;

/** A put of many as it is sent, and its place among the answers. */
export interface PreparedPut {
  index: number;
  put: KvTransactPut;
  message: BatchMessage;
  marker: BatchMessage | undefined;
  /** With an end marker, when it ends as it is told: the marker says when. */
  expiresAt: string | undefined;
}

/** Lays out many puts. What cannot be put is answered at its place, and is not among them. */
export function preparePuts(
  { by }: Pick<Call, 'by'>,
  handle: BucketHandle,
  { puts, answers, maxPayload }: Unprepared,
): PreparedPut[] {
  const prepared: PreparedPut[] = [];
  for (const [index, put] of puts.entries()) {
    try {
      const message = putMessage(handle, by ? { ...put, by } : put);
      checkSize(handle, message.value, maxPayload);
      const expiresAt = endOf(handle, put);
      const marker = endMarker(handle, message);
      prepared.push({ index, put, message, marker, expiresAt: marker && expiresAt });
    } catch (error) {
      answers[index] = packError(error);
    }
  }
  return prepared;
}

interface Unprepared {
  puts: readonly KvTransactPut[];
  answers: (PutAnswer | undefined)[];
  maxPayload: number;
}

/** When a put that is sent now ends, as it is told; undefined: it has no ttl. */
export function endOf(handle: BucketHandle, { ttl }: KvTransactPut): string | undefined {
  return ttl === undefined ? undefined : expiryFromNow(handle, ttl);
}

/** An error that is the answer; others are thrown on. */
export function packError(error: unknown): PackError {
  if (error instanceof PackError) return error;
  throw error;
}
