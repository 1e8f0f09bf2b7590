import { isEntry } from '../../../core/ports/items.ts';
import type { KvEvent, KvWatchRange } from '../../../core/ports/watches.ts';
import type { BucketHandle } from '../bucket/handles.ts';
import { GUARD_KEY } from '../guard-key.ts';
import { isLaterForm } from '../headers/form.ts';
import { endMarked } from '../headers/markers.ts';
import { toEntry } from '../read/read.ts';
import type { StoredMessage } from '../read/stored-message.ts';
import { unreadableOf, withoutValue } from './page-filling.ts';

/** Ends by now of values whose marker came without them: they were written and ended before the watch came to them. */
export function endsOfUnseen(messages: readonly StoredMessage[], now: number): number[] {
  return messages.flatMap((message, at) => {
    const end = endMarked(message);
    const next = messages[at + 1];
    const isFollowed = next?.seq === message.seq + 1 && next.subject === message.subject;
    return end === undefined || end > now || isFollowed ? [] : [end];
  });
}

/** What a watch answers of a message: nothing for what the form of a commit or of a ttl needs beside the values. */
export function toEvents(
  handle: BucketHandle,
  message: StoredMessage,
  { headersOnly, namesUnreadable }: Pick<KvWatchRange, 'headersOnly' | 'namesUnreadable'>,
): KvEvent[] {
  if (endMarked(message) !== undefined) return [];
  const whole = toEvent(handle, message, namesUnreadable);
  const event = headersOnly && isEntry(whole) ? withoutValue(whole, message) : whole;
  return event.key === GUARD_KEY ? [] : [event];
}

function toEvent(handle: BucketHandle, message: StoredMessage, names: boolean | undefined): KvEvent {
  const key = handle.codec.decode(message.subject.slice(handle.readPrefix.length));
  if (names && isLaterForm(message)) return unreadableOf(message, key);
  const entry = toEntry(handle, message, key);
  return isEntry(entry) ? entry : { ...entry, key };
}
