/** Changes of a value that follow from the value itself. Each is a {@link KvChange} and whatever it came to. */
import { isUtf8 } from 'node:buffer';
import { invalidField, PackError } from '../../contract/errors.ts';
import type { JsonObject } from './json/exact-json.ts';
import { hasMember, isObject, numberOf, parseExact, setMember } from './json/exact-json.ts';
import type { PatchOperation } from './json/json-patch.ts';
import { copyOf, jsonPatch, tokens } from './json/json-patch.ts';
import { mergePatch } from './json/merge-patch.ts';
import { DEEPEST_JSON, isTooDeep } from './json-depth.ts';
import type { KvEntry } from './ports/items.ts';
import type { KvChange, KvChanged } from './ports/transactions.ts';
import { wellFormed } from './values.ts';

/** Which item is changed, and where its fields are in the input, for messages. */
export interface ChangedItem {
  key: string;
  expectedRevision?: number;
  /** JSON pointer of the operation in the input; `""` where the input is the operation. */
  at: string;
}

/** A change and, once it was made, what it came to. */
export interface Change<T> {
  operation: KvChange;
  result(): T;
}

/** How to patch: one of both. */
export interface PatchBy {
  /** RFC 7396. */
  merge?: unknown;
  /** RFC 6902. */
  patch?: readonly PatchOperation[];
  /** Value of an item that is not there yet; without it there must be one. */
  initial?: unknown;
}

/** A patch of a JSON value. Throws KEY_NOT_FOUND without an item and INVALID_JSON_VALUE where it is no JSON. */
export function patchChange(item: ChangedItem, by: PatchBy): Change<unknown> {
  const { at } = item;
  if ((by.merge === undefined) === (by.patch === undefined)) {
    throw invalidField(`${at}/merge`, 'give merge (RFC 7396) or patch (RFC 6902), one of them');
  }
  return changeOf(item, found => {
    const before = found ? jsonOf(found) : initialOf(item, by);
    const after = by.patch ? jsonPatch(before, by.patch, `${at}/patch`) : mergePatch(before, by.merge);
    if (typeof after !== 'object' || after === null) {
      throw invalidField(
        at,
        'the patched value would be no object or array, which is what can be stored as JSON',
      );
    }
    return { value: JSON.stringify(after), result: after };
  });
}

/** How to count. */
export interface CountBy {
  by: number;
  /** Where a number that is not there begins. */
  initial: number;
  /** Where in a JSON value the number is. Default: the value is the number. */
  pointer?: string;
  min?: number;
  max?: number;
  /** Nanoseconds from the first step. */
  ttl?: number;
}

/** What counting came to; `applied` false: the step would have left the bounds. */
export interface Counted {
  value: number;
  applied: boolean;
}

/** A step of a number. Throws NOT_A_NUMBER where there is something else. */
export function countChange(item: ChangedItem, by: CountBy): Change<Counted> {
  const path = tokens(by.pointer ?? '', `${item.at}/pointer`);
  return changeOf<Counted>(item, found => {
    const holder: JsonObject = {
      root: found ? (path.length > 0 ? jsonOf(found) : numberText(found)) : undefined,
    };
    const { parent, name } = place(holder, path, item);
    const before = parent[name as keyof typeof parent];
    const start = before === undefined ? by.initial : exactInteger(before, item.key);
    const value = start + by.by;
    if (!Number.isSafeInteger(value))
      throw invalidField(`${item.at}/by`, 'would leave the range of exact integers (2^53 - 1)');
    if (value < (by.min ?? value) || value > (by.max ?? value))
      return { result: { value: start, applied: false } };
    if (Array.isArray(parent)) parent[Number(name)] = value;
    else setMember(parent, name, value);
    const ttl = found ? undefined : by.ttl;
    return {
      value: JSON.stringify(holder.root),
      ...(ttl !== undefined && { ttl }),
      result: { value, applied: true },
    };
  });
}

/** How to append. */
export interface AppendBy {
  /** What is added at the end: an item of a list, or text of a text. */
  value: unknown;
  /** Most items, or most characters, kept: the oldest go. */
  max?: number;
  /** Nanoseconds from the first write. */
  ttl?: number;
}

/** Something added to a list or a text. Answers how long it is then. */
export function appendChange(item: ChangedItem, as: 'list' | 'text', by: AppendBy): Change<number> {
  return changeOf(item, found => {
    const ttl = found || by.ttl === undefined ? {} : { ttl: by.ttl };
    if (as === 'text') {
      const text = (found ? wholeTextOf(found) : '') + wellFormed(String(by.value), `${item.at}/value`);
      const [kept, length] = lastCharacters(text, by.max);
      return { value: kept, ...ttl, result: length };
    }
    const list = found ? jsonOf(found) : [];
    if (!Array.isArray(list)) {
      throw new PackError(
        'INVALID_JSON_VALUE',
        `The value of key "${item.key}" is no list (JSON array). Append to it with as: "text", or take another key.`,
      );
    }
    list.push(by.value);
    const kept = by.max === undefined ? list : list.slice(-by.max);
    return { value: JSON.stringify(kept), ...ttl, result: kept.length };
  });
}

type Worked<T> = Partial<KvChanged> & { result: T };

/** A change that `work` works out; without a value the item stays as it is. */
export function changeOf<T>(item: ChangedItem, work: (found: KvEntry | undefined) => Worked<T>): Change<T> {
  let last: { result: T } | undefined;
  return {
    operation: {
      op: 'change',
      key: item.key,
      ...(item.expectedRevision !== undefined && { expectedRevision: item.expectedRevision }),
      change: found => {
        const { value, result, ...more } = work(found);
        last = { result };
        return value === undefined ? undefined : { value, ...more };
      },
    },
    result: () => {
      if (!last) throw new Error('a change that was never made');
      return last.result;
    },
  };
}

/** Throws INVALID_INPUT where the bytes are no text: as text they would become other bytes. */
function wholeTextOf({ key, value }: KvEntry): string {
  if (isUtf8(value)) return Buffer.from(value).toString('utf8');
  throw invalidField('/as', `the value of key "${key}" is no UTF-8 text, to which text could be appended`);
}

function textOf({ value }: KvEntry): string {
  return Buffer.from(value).toString('utf8');
}

function jsonOf(entry: KvEntry): unknown {
  const text = textOf(entry);
  if (isTooDeep(text)) throw notJson(entry, `nests objects and lists more than ${DEEPEST_JSON} deep`);
  try {
    return parseExact(text);
  } catch (cause) {
    throw notJson(entry, 'is no JSON', cause);
  }
}

function notJson({ key }: KvEntry, why: string, cause?: unknown): PackError {
  return new PackError('INVALID_JSON_VALUE', `The value of key "${key}" ${why}.`, {
    details: { key },
    cause,
  });
}

function numberText(entry: KvEntry): number {
  const text = textOf(entry);
  if (/^-?\d{1,16}$/.test(text)) return Number(text);
  throw notANumber(entry.key);
}

function initialOf({ key }: ChangedItem, { initial }: PatchBy): unknown {
  if (initial !== undefined) return copyOf(initial);
  throw new PackError(
    'KEY_NOT_FOUND',
    `There is no key "${key}" to patch. Give initial, the value it begins with.`,
  );
}

/** Where a number is; objects on the way to it are made. */
function place(holder: JsonObject, path: readonly string[], { key, at }: ChangedItem) {
  let parent: JsonObject | unknown[] = holder;
  let name = 'root';
  for (const token of path) {
    if (!Array.isArray(parent) && !hasMember(parent, name)) setMember(parent, name, {});
    if (!Array.isArray(parent) && parent[name] === undefined) setMember(parent, name, {});
    const next: unknown = Array.isArray(parent) ? parent[Number(name)] : parent[name];
    if (Array.isArray(next)) {
      if (!/^(0|[1-9]\d*)$/.test(token) || Number(token) >= next.length) {
        throw invalidField(`${at}/pointer`, `"${token}" is no place in the array of key "${key}"`);
      }
    } else if (!isObject(next)) throw notANumber(key);
    parent = next;
    name = token;
  }
  return { parent, name };
}

function exactInteger(value: unknown, key: string): number {
  const number = numberOf(value);
  if (number !== undefined && Number.isSafeInteger(number)) return number;
  throw notANumber(key);
}

function notANumber(key: string): PackError {
  return new PackError(
    'NOT_A_NUMBER',
    `What is to be counted in key "${key}" is no integer from -9007199254740991 to 9007199254740991. Put one there, or take another key or pointer.`,
  );
}

/** The last characters (Unicode code points) of a text, and how many they are. */
function lastCharacters(text: string, most = Number.POSITIVE_INFINITY): [kept: string, length: number] {
  let length = text.length - (text.match(/[\uD800-\uDBFF]/g)?.length ?? 0);
  let start = 0;
  for (; length > most; length--) start += (text.codePointAt(start) ?? 0) > 0xffff ? 2 : 1;
  return [text.slice(start), length];
}
