/** How a path of an event becomes the name of a column. */
import { hash } from 'node:crypto';
import type { Table } from '../engine.ts';

/**
 * `plain`: lower case, letters and digits of every script are kept, anything else is `_`; `snake`: the same, with `_`
 * between the words of camelCase (`anonymousId` is `anonymous_id`); `exact`: as it is written, keys joined with `_`.
 */
export type Naming = 'plain' | 'snake' | 'exact';

/** What names are made for. */
export interface NamesOptions {
  naming?: Naming | undefined;
  /** Most characters, or bytes, of a name. */
  longest: number;
  inBytes?: boolean | undefined;
  /** The warehouse does not tell upper from lower case. */
  foldsCase?: boolean | undefined;
  /** The warehouse has no characters above U+FFFF in names. */
  isBasicOnly?: boolean | undefined;
}

/** A place in events: what its column is called. Made once, as events repeat their keys. */
export interface Place {
  /** Whole, however long. */
  name: string;
  /** What builds before this one made of it: only a-z, 0-9 and _ were kept. */
  legacy: string;
  below: Map<string, Place>;
}

/** Names of columns of one warehouse. */
export interface Names {
  /** Where an event begins. Kept for one event at most: it is made anew where too many keys were seen. */
  root(): Place;
  under(place: Place, key: string): Place;
  /**
   * The column of a place. A table that an earlier build may have made keeps its names: where it has the column that was
   * made then and not the one that would be made now, it goes on. In one that is marked such a column is another field's. Too long names are cut, with a hash of the whole at the end.
   */
  column(place: Place, table?: Table): string;
  /** The column of the second of two fields that would share one: with a hash of the field's path, so that it stays. */
  apart(column: string, pointer: string): string;
  ofPath(path: readonly string[], table?: Table): string;
  /** The column that a primary key field means: a column's name, or a path such as `/user/id`. */
  ofField(field: string, table?: Table): string;
}

const MAX_KNOWN = 5_000;
const LONGEST_KNOWN = 200;
const HASH_LENGTH = 8;

/** Names as an engine and the destination's settings want them. */
export function createNames(options: NamesOptions): Names {
  const { longest, inBytes = false } = options;
  const part = partOf(options);
  const measure = inBytes ? (text: string) => Buffer.byteLength(text) : (text: string) => text.length;
  let first = newPlace('', '');
  let count = 0;

  function under(place: Place, key: string): Place {
    const found = place.below.get(key);
    if (found) return found;
    const isRoot = place === first;
    const join = (parent: string, name: string) => (isRoot ? name : `${parent}_${name}`);
    const made = newPlace(join(place.name, part(key)), join(place.legacy, legacyPart(key)));
    if (key.length <= LONGEST_KNOWN && place.name.length <= LONGEST_KNOWN) {
      place.below.set(key, made);
      count += 1;
    }
    return made;
  }

  function fitted(name: string): string {
    if (name.length * 3 <= longest || measure(name) <= longest) return named(name);
    return ended(name, name);
  }

  function ended(name: string, hashed: string): string {
    const end = `_${hash('sha256', hashed, 'hex').slice(0, HASH_LENGTH)}`;
    let start = '';
    for (const character of name.slice(0, longest)) {
      if (measure(start + character) + end.length > longest) break;
      start += character;
    }
    return `${start}${end}`;
  }

  function column({ name, legacy }: Place, table?: Table): string {
    const now = fitted(name);
    if (!table || table.isMarked || now === legacy || table.columns.has(now)) return now;
    const before = named(legacy);
    return table.columns.has(before) ? before : now;
  }

  const ofPath = (path: readonly string[], table?: Table) => column(path.reduce(under, first), table);
  return {
    root: () => {
      // Keys that never come again must not fill the memory.
      if (count > MAX_KNOWN) [first, count] = [newPlace('', ''), 0];
      return first;
    },
    under,
    column,
    apart: (name, pointer) => ended(name, pointer),
    ofPath,
    ofField: (field, table) => ofPath(field.startsWith('/') ? field.slice(1).split('/') : [field], table),
  };
}

function newPlace(name: string, legacy: string): Place {
  return { name, legacy, below: new Map() };
}

/** An event's empty key at the root would be a column without a name. */
function named(column: string): string {
  return column === '' ? '_' : column;
}

function partOf({ naming = 'plain', foldsCase = false, isBasicOnly = false }: NamesOptions) {
  const basic = (text: string) => (isBasicOnly ? text.replace(/[\u{10000}-\u{10ffff}]/gu, '_') : text);
  if (naming === 'exact') {
    const exact = (key: string) => basic(key).replaceAll('\0', '_').toWellFormed();
    return foldsCase ? (key: string) => exact(key).toLowerCase() : exact;
  }
  const words = naming === 'snake' ? snake : (key: string) => key;
  return (key: string) =>
    /^[a-z0-9_]*$/.test(key)
      ? key
      : basic(words(key).normalize('NFC').toLowerCase()).replace(/[^\p{L}\p{M}\p{N}_]/gu, '_');
}

/** `userID` is `user_id`, `HTMLPage2` is `html_page2`. */
function snake(key: string): string {
  return key.replace(/(\p{Lu}+)(\p{Lu}\p{Ll})/gu, '$1_$2').replace(/([\p{Ll}\p{N}])(\p{Lu})/gu, '$1_$2');
}

function legacyPart(key: string): string {
  return key.toLowerCase().replace(/[^a-z0-9_]/gu, '_');
}
