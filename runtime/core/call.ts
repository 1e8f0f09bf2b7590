import type { WrittenBy } from '../../contract/written-by.ts';

/** How long a call may take at most: an absolute time. Everything that waits on something outside honours it. */
export interface Call {
  /** `Date.now()` after which the caller no longer waits. */
  readonly deadline: number;
  /** Aborted when the caller is gone: what takes long ends then. */
  readonly signal?: AbortSignal;
  /** Who calls: kept with what the call writes. */
  readonly by?: WrittenBy | undefined;
  /** Bytes of values that the call may answer at most; the rest is left out, and told. Default: {@link ANSWER_BYTES}. */
  readonly answerBytes?: number | undefined;
}

/** Bytes of values that one call answers at most. */
export const ANSWER_BYTES = 8 * 1024 * 1024;

/** Bytes of values that this call may answer. */
export function answerBytesOf({ answerBytes = ANSWER_BYTES }: Call): number {
  return answerBytes;
}
