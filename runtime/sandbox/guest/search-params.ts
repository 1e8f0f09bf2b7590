import { percentDecodeBytes } from 'whatwg-url';
import { codecs } from './text.ts';

type Pair = [name: string, value: string];

/** Characters that a form leaves as they are; a space becomes a plus. */
const AS_IT_IS = /^[A-Za-z0-9*\-._ ]*$/;

/** The `URLSearchParams` of scripts: what the standard calls application/x-www-form-urlencoded. */
export class SearchParams {
  #list: Pair[];
  #changed: (text: string) => void;
  constructor(init: unknown = '', changed: (text: string) => void = () => {}) {
    this.#list = pairsOf(init);
    this.#changed = changed;
  }
  #update(list: Pair[]): void {
    this.#list = list;
    this.#changed(this.toString());
  }
  get size(): number {
    return this.#list.length;
  }
  append(name: unknown, value: unknown): void {
    this.#update([...this.#list, [textOf(name), textOf(value)]]);
  }
  delete(name: unknown, value?: unknown): void {
    const [key, text] = [textOf(name), value === undefined ? undefined : textOf(value)];
    this.#update(this.#list.filter(([k, v]) => k !== key || (text !== undefined && v !== text)));
  }
  get(name: unknown): string | null {
    const key = textOf(name);
    return this.#list.find(([k]) => k === key)?.[1] ?? null;
  }
  getAll(name: unknown): string[] {
    const key = textOf(name);
    return this.#list.filter(([k]) => k === key).map(([, v]) => v);
  }
  has(name: unknown, value?: unknown): boolean {
    const [key, text] = [textOf(name), value === undefined ? undefined : textOf(value)];
    return this.#list.some(([k, v]) => k === key && (text === undefined || v === text));
  }
  set(name: unknown, value: unknown): void {
    const [key, text] = [textOf(name), textOf(value)];
    const at = this.#list.findIndex(([k]) => k === key);
    if (at < 0) this.#update([...this.#list, [key, text]]);
    else
      this.#update(
        this.#list.flatMap(([k, v], i): Pair[] => (k !== key ? [[k, v]] : i === at ? [[k, text]] : [])),
      );
  }
  sort(): void {
    this.#update([...this.#list].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
  }
  forEach(call: (value: string, name: string, self: SearchParams) => void, self?: unknown): void {
    for (const [name, value] of this) call.call(self, value, name, this);
  }
  *keys(): Generator<string> {
    for (const [name] of this) yield name;
  }
  *values(): Generator<string> {
    for (const [, value] of this) yield value;
  }
  /** What is added or taken while it is gone through is seen, as the standard has it. */
  *entries(): Generator<Pair> {
    for (let at = 0; at < this.#list.length; at++) yield [...(this.#list[at] as Pair)];
  }
  [Symbol.iterator](): Generator<Pair> {
    return this.entries();
  }
  toString(): string {
    return this.#list.map(([name, value]) => `${encode(name)}=${encode(value)}`).join('&');
  }
  get [Symbol.toStringTag](): string {
    return 'URLSearchParams';
  }
}

/** As the web's interfaces take texts: halves of surrogate pairs become the replacement character. */
export function textOf(value: unknown): string {
  return `${value}`.toWellFormed();
}

function pairsOf(init: unknown): Pair[] {
  if (init === null || (typeof init !== 'object' && typeof init !== 'function'))
    return formOf(textOf(init).replace(/^\?/, ''));
  if (!(Symbol.iterator in init)) {
    const pairs = Reflect.ownKeys(init)
      .filter(key => Object.getOwnPropertyDescriptor(init, key)?.enumerable)
      .map((key): Pair => [textOf(key), textOf((init as Record<PropertyKey, unknown>)[key])]);
    // Names that differ in halves of surrogate pairs alone are one name then; the last goes.
    return [...new Map(pairs)];
  }
  return Array.from(init as Iterable<Iterable<unknown>>, pair => {
    const [name, value, ...more] = isIterable(pair) ? [...pair] : [];
    if (value === undefined || more.length > 0)
      throw Object.assign(new TypeError('Each query pair must be an iterable [name, value] tuple'), {
        code: 'ERR_INVALID_TUPLE',
      });
    return [textOf(name), textOf(value)];
  });
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.iterator in value;
}

/** The pairs of a form's text. */
export function formOf(text: string): Pair[] {
  return text
    .split('&')
    .filter(pair => pair !== '')
    .map(pair => {
      const cut = pair.indexOf('=');
      return cut < 0 ? [decode(pair), ''] : [decode(pair.slice(0, cut)), decode(pair.slice(cut + 1))];
    });
}

function decode(part: string): string {
  const text = part.replaceAll('+', ' ');
  return text.includes('%') ? codecs.decode(percentDecodeBytes(codecs.encode(text))) : text;
}

function encode(text: string): string {
  if (AS_IT_IS.test(text)) return text.replaceAll(' ', '+');
  // What encodeURIComponent leaves out of it, and what it should not.
  return encodeURIComponent(text)
    .replace(/[!'()~]/g, char => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+');
}
