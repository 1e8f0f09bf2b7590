import { isTooLarge } from '../../core/state/pack.ts';

/** Writes again what did not fit. Throws what the last write threw. */
export type Fitting = <T>(write: () => Promise<T>) => Promise<T>;

/**
 * Of a call: somebody may have made the bucket too small, so it is looked at and mended when the first value does not fit. That
 * is done once: what does not fit a bucket that was looked at really is too large.
 */
export function createFitting(mend: () => Promise<void>): Fitting {
  let mending: Promise<void> | undefined;
  let isMended = false;
  return async write => {
    const wasMended = isMended;
    try {
      return await write();
    } catch (error) {
      if (!isTooLarge(error) || wasMended) throw error;
      mending ??= mend().then(() => {
        isMended = true;
      });
      await mending;
      return await write();
    }
  };
}
