import { usageError } from './exit-codes.ts';

/** An item on the command line. */
export interface Address {
  bucket: string;
  key: string;
}

/** Reads BUCKET/KEY: the bucket ends at the first slash, and the key may have more of them. */
export function readAddress(text: string): Address {
  const { bucket, rest } = readPlace(text);
  if (rest) return { bucket, key: rest };
  throw usageError(`"${text}" names no key: must be BUCKET/KEY, such as users/ada`);
}

/** Reads BUCKET or BUCKET/REST; `rest` is empty where there is none. */
export function readPlace(text: string): { bucket: string; rest: string } {
  const slash = text.indexOf('/');
  const bucket = slash < 0 ? text : text.slice(0, slash);
  if (bucket === '') throw usageError(`"${text}" names no bucket: must be BUCKET/KEY, such as users/ada`);
  return { bucket, rest: slash < 0 ? '' : text.slice(slash + 1) };
}

/** Reads BUCKET or BUCKET/PATTERN as a filter of keys; a pattern that ends with a dot means all that begins so. */
export function readPattern(text: string): { bucket: string; filter: string } {
  const { bucket, rest } = readPlace(text);
  if (rest === '') return { bucket, filter: '>' };
  return { bucket, filter: rest.endsWith('.') ? `${rest}>` : rest };
}
