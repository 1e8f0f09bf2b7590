import type { WrittenBy } from '../../contract/written-by.ts';

/** How long a call may take at most: an absolute time. Everything that waits on something outside honours it. */
export interface Call {
  /** `Date.now()` after which the caller no longer waits. */
  readonly deadline: number;
  /** Aborted when the caller is gone: what takes long ends then. */
  readonly signal?: AbortSignal;
  /** Who calls: kept with what the call writes. */
  readonly by?: WrittenBy | undefined;
}
