import type { KvEntry } from '../../../core/ports/items.ts';
import { isEntry } from '../../../core/ports/items.ts';
import type { KvEvent } from '../../../core/ports/watches.ts';
import type { BucketHandle } from '../bucket/handles.ts';
import { GUARD_KEY } from '../guard-key.ts';
import { isLaterForm } from '../headers/form.ts';
import { interpret, isoTime } from '../read/read.ts';
import type { StoredMessage } from '../read/stored-message.ts';

/** What a listing answers for a message; undefined: nothing. Events of which {@link isUnreadable} are named alone. */
export type Picker = (message: StoredMessage) => KvEvent | undefined;

/** A page that is being filled. */
export interface Filling {
  entries: KvEvent[];
  /** Beyond the page, which shows that another follows. */
  rest: StoredMessage[];
  /** Keys that cannot be read. */
  unreadable: Set<string>;
  full(): boolean;
  take(messages: readonly StoredMessage[]): void;
}

const NO_VALUE = new Uint8Array(0);

/**
 * Takes what `pick` makes of messages until the page is full, each key once, as the latest of its messages has it. It ends
 * early, with more to come, once its values have so many `bytes`.
 * @param wasAnswered whether a page before has answered the key.
 */
export function startPage(
  pick: Picker,
  { limit, bytes: most }: { limit: number; bytes: number },
  wasAnswered: (key: string) => boolean = () => false,
): Filling {
  const entries: KvEvent[] = [];
  const rest: StoredMessage[] = [];
  const inPage = new Set<string>();
  let bytes = 0;
  const unreadable = new Set<string>();
  return { entries, rest, unreadable, full: () => rest.length > 0, take };

  function take(messages: readonly StoredMessage[]): void {
    for (const message of messages) {
      const entry = pick(message);
      if (!entry || wasAnswered(entry.key)) continue;
      if (isUnreadable(entry)) {
        unreadable.add(entry.key);
        continue;
      }
      if (inPage.has(entry.key)) {
        if (rest.length > 0) continue;
        // Written once more while the page was read: what came later is what there is.
        const [earlier] = entries.splice(
          entries.findIndex(({ key }) => key === entry.key),
          1,
        );
        bytes -= earlier && isEntry(earlier) ? earlier.value.length : 0;
      }
      const size = isEntry(entry) ? entry.value.length : 0;
      const fits = rest.length === 0 && entries.length < limit && bytes + size <= most;
      if (fits || entries.length === 0) {
        inPage.add(entry.key);
        entries.push(entry);
        bytes += size;
      } else rest.push(message);
    }
  }
}

/** Whether the event only names what a newer kvflow wrote. */
export function isUnreadable(event: KvEvent): boolean {
  return isEntry(event) && event.isUnreadable === true;
}

/** What stands for a message that a newer kvflow wrote in a form that this one would misread. */
export function unreadableOf(message: StoredMessage, key: string): KvEntry {
  const entry = { key, value: NO_VALUE, revision: message.seq, createdAt: isoTime(message.time) };
  return { ...withoutValue(entry, message), isUnreadable: true };
}

/**
 * What a message of a bucket is to a reader: an item or the end of one. Undefined where it is none of this bucket.
 * @param names what cannot be read is named; else it throws UNSUPPORTED.
 */
export function eventOf(
  handle: BucketHandle,
  message: StoredMessage,
  names: boolean | undefined,
): KvEvent | undefined {
  if (!message.subject.startsWith(handle.readPrefix)) return undefined;
  const key = handle.codec.decode(message.subject.slice(handle.readPrefix.length));
  if (key === GUARD_KEY) return undefined;
  if (names && isLaterForm(message)) return unreadableOf(message, key);
  const found = interpret(handle, message, key);
  return isEntry(found) ? found : { ...found, key };
}

/** An item whose value was left out: the server says how long it is. */
export function withoutValue(item: KvEntry, { data, headers }: StoredMessage): KvEntry {
  return { ...item, value: NO_VALUE, size: Number(headers?.get('Nats-Msg-Size') || data.length) };
}
