import type { Call } from '../../../core/call.ts';
import { isEntry } from '../../../core/ports/items.ts';
import { noAnswer } from '../../request-errors.ts';
import type { Requests } from '../../requests.ts';
import type { BucketHandle } from '../bucket/handles.ts';
import type { KeyPatterns } from '../bucket/key-patterns.ts';
import { latestFilter } from '../bucket/key-patterns.ts';
import { GUARD_KEY } from '../guard-key.ts';
import { endMarked } from '../headers/markers.ts';
import { toEntry } from '../read/read.ts';
import type { StoredMessage } from '../read/stored-message.ts';
import type { End } from './end-list.ts';
import { MAX_EMPTY, openPullConsumer } from './pull-consumer.ts';

/** Which keys, and up to which revision. */
export interface PastRange {
  patterns: KeyPatterns;
  upTo: number;
  /** Enough of the oldest. */
  atLeast: number;
  /** Whether nobody waits for it any more. */
  isOver(): boolean;
}

const PULL = 5_000;
/** A consumer that is silent for so long is given up, as that of a watch is; milliseconds. What fails is read again. */
const SILENT_MS = 4_000;

/**
 * Reads the ends of the values that are each key's last up to a revision: of those that live, and, by the marker that was stored
 * before them, of those that the server has taken away. The values themselves stay on the server.
 */
export async function readPastEnds(
  call: Call,
  { requests, handle }: { requests: Requests; handle: BucketHandle },
  { patterns, upTo, atLeast, isOver }: PastRange,
): Promise<End[]> {
  if (upTo === 0) return [];
  const consumer = await openPullConsumer(call, requests, handle, {
    deliver_policy: 'last_per_subject',
    ...latestFilter(patterns),
    headers_only: true,
  });
  try {
    const ends: End[] = [];
    for (
      let [left, empty] = [consumer.begins, 0];
      left > 0 && empty <= MAX_EMPTY && ends.length < atLeast;
    ) {
      if (isOver()) return [];
      const until = Math.min(call.deadline, Date.now() + SILENT_MS);
      const { messages } = await consumer.pull(Math.min(PULL, left), { until });
      if (messages.length === 0 && Date.now() >= until) throw noAnswer();
      left -= messages.length;
      empty = messages.length === 0 ? empty + 1 : 0;
      if (messages.some(({ seq }) => seq > upTo)) left = 0;
      const there = messages.filter(({ seq }) => seq <= upTo).flatMap(message => endOf(handle, message));
      ends.push(...there.filter(({ key }) => patterns.wants(key)));
    }
    return ends;
  } finally {
    consumer.close();
  }
}

function endOf(handle: BucketHandle, message: StoredMessage): End[] {
  const key = handle.codec.decode(message.subject.slice(handle.readPrefix.length));
  if (key === GUARD_KEY) return [];
  const marked = endMarked(message);
  // Value and marker were stored one after the other, in one commit.
  if (marked !== undefined) return [{ key, at: marked, revision: message.seq + 1 }];
  const entry = toEntry(handle, message, key);
  const at = isEntry(entry) && entry.expiresAt ? Date.parse(entry.expiresAt) : undefined;
  return at === undefined ? [] : [{ key, at, revision: message.seq }];
}
