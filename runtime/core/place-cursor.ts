import { invalidField } from '../../contract/errors.ts';

/** What a function needs to go on, as the text that it answers as `cursor`. */
export function writePlace(place: object): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url');
}

/** The place behind a caller's `cursor`. Throws INVALID_INPUT unless it is one. */
export function readPlace<T extends object>(cursor: string, isPlace: (found: Partial<T>) => boolean): T {
  try {
    const found: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (typeof found === 'object' && found !== null && isPlace(found)) return found as T;
  } catch {
    // Said below.
  }
  throw invalidField('/cursor', 'must be the cursor that a call before has answered');
}
