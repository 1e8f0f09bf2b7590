/** What stands where in an event, and when it happened; the shapes of what is read back. */

import { nameOfToken } from '../../contract/pointer.ts';

/** An event, or an object in one. */
export type Json = Readonly<Record<string, unknown>>;

/** A place in an event, with the alternatives that are looked at in order. */
export interface EventNode {
  /** As it was given. */
  text: string;
  /** Keys from the event's root. */
  alternatives: readonly (readonly string[])[];
}

/** Reads a node; each alternative is a JSON pointer (RFC 6901). */
export function parseNode(text: string): EventNode {
  return { text, alternatives: text.split('||').map(parsePointer) };
}

/** Keys of a JSON pointer. */
export function parsePointer(pointer: string): string[] {
  const keys = pointer.trim().slice(1).split('/');
  return pointer.includes('~') ? keys.map(nameOfToken) : keys;
}

/** What stands at a path: through an event's own objects only, never into text, arrays or what objects inherit. */
export function valueAt(event: Json, path: readonly string[]): unknown {
  let at: unknown = event;
  for (const key of path) {
    if (!isObject(at) || !Object.hasOwn(at, key)) return undefined;
    at = at[key];
  }
  return at;
}

/** The first of a node's values that `take` makes something of. */
export function firstValue<T>(
  event: Json,
  node: EventNode,
  take: (value: unknown) => T | undefined,
): T | undefined {
  for (const path of node.alternatives) {
    const taken = take(valueAt(event, path));
    if (taken !== undefined) return taken;
  }
  return undefined;
}

/**
 * Where an event gets its value of a node: where it has one already, an empty one too; else where it has the object around
 * it; else where the event had it that named the user.
 */
export function placeFor(event: Json, { alternatives }: EventNode, said = 0): readonly string[] {
  const [first = []] = alternatives;
  if (alternatives.length === 1) return first;
  return (
    alternatives.find(path => valueAt(event, path) !== undefined) ??
    alternatives.find(path => path.length > 1 && isObject(valueAt(event, path.slice(0, -1)))) ??
    alternatives[said] ??
    first
  );
}

/** The event without the value at a path. */
export function withoutValue(event: Json, path: readonly string[]): Json {
  const [key, ...rest] = path;
  if (key === undefined || !Object.hasOwn(event, key)) return event;
  if (rest.length > 0) {
    const inner = event[key];
    return isObject(inner) ? define({ ...event }, key, withoutValue(inner, rest)) : event;
  }
  const { [key]: _, ...others } = event;
  return others;
}

/** The event with a value put in; the event itself where something that is no object stands in the way. */
export function withValue(event: Json, path: readonly string[], value: unknown): Json {
  const [key, ...rest] = path;
  if (key === undefined) return event;
  const copy = { ...event };
  if (rest.length === 0) return define(copy, key, value);
  const inner = Object.hasOwn(event, key) ? event[key] : {};
  if (inner === null || inner === undefined) return define(copy, key, withValue({}, rest, value));
  return isObject(inner) ? define(copy, key, withValue(inner, rest, value)) : event;
}

const { isRawJSON } = JSON as unknown as { isRawJSON?: (value: unknown) => boolean };

/** Whether a value has keys of its own to look at; a number that is kept as its text has none. */
export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isRawJSON?.(value);
}

/** By assignment all but the one key that it does not make. */
function define(object: Record<string, unknown>, key: string, value: unknown): Json {
  if (key !== '__proto__') {
    object[key] = value;
    return object;
  }
  return Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
}

/** A device whose clock is wrong by more than this is not believed. */
const AHEAD_MS = 86_400_000;
/** 1990: before it there was nothing to track. */
const EARLIEST_MS = 631_152_000_000;
const NUMBER = /^\d+(\.\d+)?$/;
const DAY = String.raw`(\d{4}-\d\d-\d\d)`;
const TIME = String.raw`(\d\d:\d\d)(?::(\d\d)(?:[.,](\d+))?)?`;
const ZONE = String.raw`(?:z|utc|gmt|([+-])(\d\d)(?::?(\d\d))?)`;
const WRITTEN = new RegExp(`^${DAY}(?:[t ]${TIME}\\s?${ZONE}?)?$`, 'i');

/**
 * When an event happened, in milliseconds since 1970, by its own words; undefined where it does not say, or says what
 * cannot be. Text is RFC 3339, or as databases write it (`2026-01-02 03:04:05.678901+00`), to the microsecond, in UTC
 * where it names no zone; numbers are seconds, milli-, micro- or nanoseconds since 1970. `arrivedAt` (milliseconds): what
 * is a day later than it is a clock gone wrong.
 */
export function eventTime(event: Json, node: EventNode, arrivedAt: number): number | undefined {
  return firstValue(event, node, value => {
    const time = toTime(value);
    return time !== undefined && time >= EARLIEST_MS && time <= arrivedAt + AHEAD_MS ? time : undefined;
  });
}

function toTime(value: unknown): number | undefined {
  if (typeof value === 'number') return fromEpoch(value);
  if (typeof value !== 'string') return undefined;
  const text = value.trim();
  if (NUMBER.test(text)) return fromEpoch(Number(text));
  return fromText(text);
}

function fromText(text: string): number | undefined {
  const match = WRITTEN.exec(text);
  if (!match) return undefined;
  const [, day, time = '00:00', second = '00', fraction = '', sign, hours, minutes = '00'] = match;
  const isLeap = second === '60';
  const zone = sign ? `${sign}${hours}:${minutes}` : 'Z';
  const at = Date.parse(`${day}T${time}:${isLeap ? '59' : second}${zone}`);
  if (Number.isNaN(at)) return undefined;
  // The second after a leap second is the same to clocks that count from 1970.
  return isLeap ? at + 1_000 : at + Number(fraction.slice(0, 6).padEnd(6, '0')) / 1_000;
}

/** The unit by the size: a time of our days is told from every other so. */
function fromEpoch(value: number): number | undefined {
  if (!Number.isFinite(value)) return undefined;
  if (value < 1e11) return value * 1_000;
  if (value < 1e14) return value;
  return value < 1e17 ? value / 1_000 : value / 1_000_000;
}

/**
 * The fields of an object; none of anything else. What records are checked with when they are read: a bucket that a call names may
 * hold items of others, and an item may be damaged. What has not the shape of a record is none.
 */
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
