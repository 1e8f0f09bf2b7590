/**
 * What records of recognition are checked with when they are read: a bucket that a call names may hold items of others, and an
 * item may be damaged. What has not the shape of a record is none.
 */
import { isObject } from '../event/nodes.ts';

/** The fields of an object; none of anything else. */
export function fieldsOf(value: unknown): Record<string, unknown> {
  return isObject(value) ? value : {};
}

/** A list of which each one is as asked. */
export function isListOf(value: unknown, isOne: (one: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(isOne);
}

/** A text. */
export function isText(value: unknown): value is string {
  return typeof value === 'string';
}

/** Milliseconds since 1970, or any other number. */
export function isTime(value: unknown): value is number {
  return typeof value === 'number';
}
