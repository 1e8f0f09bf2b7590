import { PackError } from '../../../contract/errors.ts';

/** What is read of a bucket of ours, or undefined where the bucket or the key was never written. */
export async function orNone<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof PackError && ['BUCKET_NOT_FOUND', 'KEY_NOT_FOUND'].includes(error.code))
      return undefined;
    throw error;
  }
}
