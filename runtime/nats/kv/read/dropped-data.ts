import type { KvEntry, KvMarker } from '../../../core/ports/items.ts';
import type { StoredMessage } from './stored-message.ts';

const NOTHING = new Uint8Array(0);

/** Lets the value of a message go, which is more than may be answered; how long it was stays. */
export function dropData(message: StoredMessage): void {
  message.dropped = message.data.length;
  message.data = NOTHING;
}

/** What a message is to a reader, with the size of a value that was let go. */
export function withSize(found: KvEntry | KvMarker, { dropped }: StoredMessage): KvEntry | KvMarker {
  return dropped === undefined ? found : { ...found, size: dropped };
}
