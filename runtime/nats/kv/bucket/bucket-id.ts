import { endsOptionsId } from './ends-options.ts';
import type { BucketHandle } from './handles.ts';

/** Another where the bucket was made again, and with another end where the options changed by which its values end. */
export function bucketIdOf(handle: BucketHandle): string {
  return createdId(handle) + endsOptionsId(handle);
}

function createdId({ created }: BucketHandle): string {
  return Date.parse(created).toString(36);
}

/** Whether a bucket gave an id. */
export function isOf(handle: BucketHandle, bucketId: string): boolean {
  const created = createdId(handle);
  return bucketId.slice(0, created.length) === created;
}
