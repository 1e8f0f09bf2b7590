import type { MsgHdrs } from '@nats-io/transport-node';
import type { KvChange, KvOperation } from '../../../core/ports/transactions.ts';

/** An operation with nothing left to be worked out. `unchanged`: nothing is to be written. */
export type Resolved =
  | Exclude<KvOperation, KvChange>
  | {
      op: 'changed';
      key: string;
      value: string | Uint8Array;
      headers: MsgHdrs | undefined;
      expiresAt?: string;
    }
  | { op: 'unchanged'; key: string; revision: number };

/** What a key has to be at. */
export interface Guard {
  /** As the caller names it. */
  key: string;
  expected: number;
  /** Revision of the stream that stands for `expected`: of a deleted key, which is expected not to be there, its marker's. */
  sent: number;
}

/** Guards by encoded key. */
export type Guards = Map<string, Guard>;
