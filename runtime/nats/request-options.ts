import type { Msg, MsgHdrs } from '@nats-io/transport-node';
import type { PackError } from '../../contract/errors.ts';
import type { Message } from './pending-requests.ts';

/** How to send one request. */
export interface AskOptions {
  headers?: MsgHdrs | undefined;
  safe?: boolean;
  /**
   * Sent again after each second of silence, and called each time: for a write that the server tells from a new one, by its message
   * id or by the revision it expects. Whichever of its answers comes first is taken. Default: it is sent once.
   */
  again?: (() => void) | undefined;
  /**
   * How one that is sent again is known to have done nothing: where the first answer is the first's, and a refusal, the others are
   * waited for, and `sure` is called where all are.
   */
  refusal?: { is(msg: Msg): boolean; sure(): void } | undefined;
  /** Asked once after a second of silence, for what can tell why: the request fails with an error that it answers. */
  why?: (() => Promise<PackError | undefined>) | undefined;
  /** The answer is gathered from all servers, which takes seconds where one is away: it is asked for again later than others. */
  gathered?: boolean | undefined;
}

/** A message of several that belong together. */
export interface MessageInRow extends Message {
  payload: Uint8Array;
  headers: MsgHdrs;
}
