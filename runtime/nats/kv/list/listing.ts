import type { StoredMessage } from '../read/stored-message.ts';
import type { AnsweredKeys } from './answered-keys.ts';
import type { PullConsumer } from './pull-consumer.ts';

/**
 * Where a listing stands. What makes it complete: every live key either was answered, or its last message comes after
 * `readTo` or is among `held`. A write moves a key to the end of the stream, so this stays true whatever is written; and
 * where at one moment nothing comes after `readTo`, every key was answered.
 */
export interface Listing {
  /** Every message up to this sequence number was read. */
  readTo: number;
  /** Read already, but beyond the last page. */
  held: StoredMessage[];
  /** Delivers what comes after `readTo`. */
  consumer?: PullConsumer | undefined;
  /** The consumer delivers what was each key's last message when it was made: what is known of it. */
  latest?: Latest | undefined;
  /** From now on every message is read: what was latest is through, or is in doubt. */
  bySequence?: boolean;
  /** Which keys the pages before answered, where each is to be answered once. */
  answered?: AnsweredKeys;
  /** How the stream stood when all that is held, or was asked for ahead, was each key's last message, or before it was delivered. */
  stood?: Stand | undefined;
  /** So many pages are read without reading ahead, and how many it was the last time. */
  rest?: number;
  rests?: number;
}

/** How a stream stands. Where it stands alike at two moments, nothing was written and nothing removed between them. */
export interface Stand {
  /** Another stream of the same name has another time. */
  created: string;
  lastSeq: number;
  /** Only a write raises the number of messages, and that raises `lastSeq` too. */
  messages: number;
}

/** A consumer of latest messages. */
export interface Latest {
  /** Where the stream stood; nothing later is left out. */
  at: number;
  /** How many of them were not delivered; some may be gone. */
  left: number;
  /** How many may be asked for at once. */
  most: number;
  /** Pulls that delivered nothing. */
  empty: number;
}

/** A listing that begins after a sequence number. */
export function startListing(after: number): Listing {
  return { readTo: after, held: [] };
}

/** Ends what a listing has on the server. */
export function closeListing(listing: Listing): void {
  listing.consumer?.close();
  listing.consumer = undefined;
  listing.latest = undefined;
}
