import { isExactNumber } from '../../../contract/exact-number.ts';
import { isJson, jsonTokens } from './json-text.ts';

const ENTRIES = Symbol('entries');
const SOURCE = Symbol('source');

/** A JSON object as its text has it: in the order of the text, and with a name as often as it is there. */
export interface OrderedObject {
  readonly [ENTRIES]: [name: string, value: unknown][];
}

/** A number that JavaScript would round, or write otherwise. */
interface ExactNumber {
  readonly [SOURCE]: string;
}

type Open = { list: unknown[] } | { entries: [string, unknown][]; name: string | undefined };

/**
 * JSON for showing it: objects are {@link OrderedObject}, lists are lists, and numbers keep their digits. Works on the text alone,
 * however deep it is. Throws as JSON.parse does.
 */
export function parseOrdered(text: string): unknown {
  if (!isJson(text)) return JSON.parse(text);
  const open: Open[] = [];
  let root: unknown;
  for (const token of jsonTokens(text)) {
    const inside = open.at(-1);
    if (token === '}' || token === ']') open.pop();
    else if (token === ',') {
      if (inside && 'entries' in inside) inside.name = undefined;
    } else if (token === '{') begin({ entries: [], name: undefined });
    else if (token === '[') begin({ list: [] });
    else if (token !== ':') {
      if (inside && 'entries' in inside && inside.name === undefined)
        inside.name = JSON.parse(token) as string;
      else add(scalar(token));
    }
  }
  return root;

  function begin(container: Open): void {
    add('list' in container ? container.list : { [ENTRIES]: container.entries });
    open.push(container);
  }

  function add(value: unknown): void {
    const inside = open.at(-1);
    if (!inside) root = value;
    else if ('list' in inside) inside.list.push(value);
    else inside.entries.push([inside.name ?? '', value]);
  }
}

/** Names and values of what has an inside; undefined for what has none. */
export function entriesOf(value: unknown): [name: string, value: unknown][] | undefined {
  if (typeof value !== 'object' || value === null || sourceOf(value) !== undefined) return undefined;
  return ENTRIES in value ? (value as OrderedObject)[ENTRIES] : Object.entries(value);
}

/** The digits of a number that is kept as it was written. */
export function sourceOf(value: unknown): string | undefined {
  if (isExactNumber(value)) return value.rawJSON;
  return typeof value === 'object' && value !== null && SOURCE in value
    ? (value as ExactNumber)[SOURCE]
    : undefined;
}

/** A value that was parsed here, or any JSON, as text without spaces. */
export function writeOrdered(value: unknown): string {
  const source = sourceOf(value);
  if (source !== undefined) return source;
  if (Array.isArray(value)) return `[${value.map(writeOrdered).join(',')}]`;
  const inside = entriesOf(value);
  if (!inside) return JSON.stringify(value) ?? 'null';
  return `{${inside.map(([name, inner]) => `${JSON.stringify(name)}:${writeOrdered(inner)}`).join(',')}}`;
}

function scalar(token: string): unknown {
  const value = JSON.parse(token) as unknown;
  return typeof value === 'number' && String(value) !== token ? { [SOURCE]: token } : value;
}
