import { nameOfToken } from '../../../contract/pointer.ts';

/** Places in an event, as `/user/email` or `/ctx/user/id||/user/id`. */

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
