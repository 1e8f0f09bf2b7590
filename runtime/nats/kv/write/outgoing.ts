import type { MsgHdrs } from '@nats-io/transport-node';
import type { StoredMessage } from '../read/stored-message.ts';

/** A message on its way into a bucket. */
export interface Outgoing {
  /** Encoded. */
  key: string;
  value: Uint8Array;
  headers?: MsgHdrs | undefined;
}

/**
 * A commit over all that it is sent as: worked out anew after it was refused, it is the same one. The server stores it once, also
 * where what refused it was a former leader, or the commit itself, and others have ended or written over all of it since.
 */
export interface Commit {
  readonly id: string;
  /** How often it was sent. */
  sent: number;
}

/** A message that is stored only on top of a known revision; 0: only where no live item is. */
export interface Conditional extends Outgoing {
  expected: number;
  /** Called each time that it is sent again for want of an answer: from then on it may be stored whatever is answered. */
  again?: () => void;
  /** Called where each time that it was sent was refused: it is not stored, whatever `again` said. */
  notStored?: (() => void) | undefined;
  /** Called where it is refused over another revision, with that one, as far as the server says it. */
  refused?: (over: number | undefined) => void;
  /** What it is part of where it goes with an end marker. Default: a commit of its own each time. */
  commit?: Commit;
}

/**
 * Stored, or not because the key is at another revision; `isPast`: it was when the write was refused, and what was there is gone, so
 * that another try would be a second write.
 */
export type Outcome = { stored: number } | { conflict: LastWritten | undefined; isPast?: true };

/** What a key is at: a live item, or a marker (or an expired item) that stands for none. */
export interface LastWritten {
  seq: number;
  live: boolean;
  /** RFC 3339. */
  at: string;
  message: StoredMessage;
}
