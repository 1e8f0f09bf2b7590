import type { Call } from '../../../core/call.ts';
import { hasOneCopy } from '../bucket/copies.ts';
import type { BucketHandle } from '../bucket/handles.ts';
import type { BatchReader } from '../read/batch.ts';
import type { StoredMessage } from '../read/stored-message.ts';

/** Of messages read, which are their key's last; the others are past, or were overtaken by a write that comes later. */
export interface StillLast {
  /** Sequence number of each subject's last message; undefined where it has none any more. */
  newest: ReadonlyMap<string, number>;
  /** Where a subject that has no last message is gone for sure: not where a replica may be behind. */
  certain: boolean;
}

/** Asks for the last message of every subject. */
export async function newestOf(
  call: Call,
  handle: BucketHandle,
  batches: BatchReader,
  messages: readonly StoredMessage[],
): Promise<StillLast> {
  const subjects = [...new Set(messages.map(message => message.subject))];
  if (subjects.length === 0) return { newest: new Map(), certain: true };
  const found = await batches.last(call, handle, subjects);
  return { newest: new Map(found.map(({ subject, seq }) => [subject, seq])), certain: hasOneCopy(handle) };
}

/** Messages that are to be answered, and the highest sequence number that overtook another. */
export interface Current {
  messages: StoredMessage[];
  overtakenBy: number;
}

/**
 * Leaves out what is past. A message that was overtaken is left out too, for the one that overtook it is still to be read;
 * but where the stream ended with these messages it was its key's last at that moment, and it is the one that is answered.
 * @param endsAt sequence number of the stream's end, where these messages are its last.
 */
export function currentOf(
  messages: readonly StoredMessage[],
  { newest, certain }: StillLast,
  endsAt: number | undefined,
): Current {
  const lastRead = new Map(messages.map(({ subject, seq }) => [subject, seq]));
  let overtakenBy = 0;
  const current = messages.filter(({ subject, seq }) => {
    const last = newest.get(subject);
    if (lastRead.get(subject) !== seq) return false;
    if (last === undefined) return !certain;
    if (last <= seq || (endsAt !== undefined && last > endsAt)) return true;
    overtakenBy = Math.max(overtakenBy, last);
    return false;
  });
  return { messages: current, overtakenBy };
}
