import { accessSync, constants } from 'node:fs';
import { resolve } from 'node:path';

/** Where a value was read from, as far as its meaning depends on it. */
export interface ParseContext {
  /** Folder that relative paths start from. */
  baseDir: string;
}

/** Turns a value of the environment (always text) or of the file (any YAML value) into what the setting holds. */
export interface Parser<T> {
  (value: unknown, context: ParseContext): T;
  /** What the file may hold, as JSON Schema: for editors that complete and check kvflow.yaml. */
  schema: JsonSchema;
}

/** As much of JSON Schema as settings need. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** The value does not fit; the message completes "must be ...". */
export class BadValue extends Error {
  constructor(allowed: string) {
    super(`must be ${allowed}`);
    this.name = 'BadValue';
  }
}

/** A parser and the schema of what it takes. */
export function parser<T>(
  schema: JsonSchema,
  parse: (value: unknown, context: ParseContext) => T,
): Parser<T> {
  return Object.assign(parse, { schema });
}

/** Text that is not empty. Numbers of a YAML file are taken as written. */
export const text = parser({ type: ['string', 'number'] }, value => {
  const given = typeof value === 'number' ? String(value) : value;
  if (typeof given !== 'string' || given.trim() === '') throw new BadValue('text that is not empty');
  return given.trim();
});

/** A path, made absolute. */
export const path = parser({ type: 'string' }, (value, context) =>
  resolve(context.baseDir, text(value, context)),
);

/** The path of a file that is there and may be read. */
export const existingFile = parser({ type: 'string' }, (value, context) => {
  const file = path(value, context);
  try {
    accessSync(file, constants.R_OK);
    return file;
  } catch (error) {
    const why =
      (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'is not there' : 'may not be read by this user';
    throw new BadValue(`a file that can be read: ${file} ${why}`);
  }
});

/** A whole number between two others, both allowed. */
export function integer(min: number, max: number, unit = ''): Parser<number> {
  return parser({ type: 'integer', minimum: min, maximum: max }, value => {
    const number = typeof value === 'string' && /^\s*[+-]?\d+\s*$/.test(value) ? Number(value) : value;
    if (typeof number === 'number' && Number.isInteger(number) && number >= min && number <= max)
      return number;
    throw new BadValue(`a whole number${unit && ` of ${unit}`} from ${min} to ${max}`);
  });
}

/** A whole number between two others, or `auto` for what fits this machine. */
export function countOrAuto(min: number, max: number, auto: number): Parser<number> {
  const schema = { anyOf: [{ const: 'auto' }, { type: 'integer', minimum: min, maximum: max }] };
  const count = integer(min, max);
  return parser(schema, (value, context) => {
    if (typeof value === 'string' && value.trim().toLowerCase() === 'auto') return Math.min(max, auto);
    try {
      return count(value, context);
    } catch {
      throw new BadValue(`auto, or a whole number from ${min} to ${max}`);
    }
  });
}

/** `true` or `false`, and the words people use for them. */
export const boolean = parser({ type: 'boolean' }, value => {
  if (typeof value === 'boolean') return value;
  const word = typeof value === 'string' ? value.trim().toLowerCase() : '';
  if (['true', '1', 'yes', 'on'].includes(word)) return true;
  if (['false', '0', 'no', 'off'].includes(word)) return false;
  throw new BadValue('true or false');
});

/** One of the given words. */
export function oneOf<const T extends readonly string[]>(words: T): Parser<T[number]> {
  return parser({ enum: words }, value => {
    const word = typeof value === 'string' ? value.trim().toLowerCase() : '';
    const found = words.find(known => known === word);
    if (found === undefined) throw new BadValue(`one of: ${words.join(', ')}`);
    return found;
  });
}

/** Text that fits a pattern; `allowed` says which. */
export function matching(pattern: RegExp, allowed: string): Parser<string> {
  return parser({ type: 'string', pattern: pattern.source }, value => {
    if (typeof value === 'string' && pattern.test(value.trim())) return value.trim();
    throw new BadValue(allowed);
  });
}

/** A list in the file, or comma-separated text. */
export function listOf<T>(item: Parser<T>): Parser<T[]> {
  const list = { type: 'array', items: item.schema, minItems: 1 };
  return parser({ anyOf: [list, { type: 'string' }] }, (value, context) => {
    const items = typeof value === 'string' ? value.split(',').filter(part => part.trim() !== '') : value;
    if (!Array.isArray(items) || items.length === 0) throw new BadValue('a list of at least one entry');
    return items.map(each => item(each, context));
  });
}

/** A name of the IANA time zone database. */
export const timeZone = parser({ type: 'string' }, (value, context) => {
  const name = text(value, context);
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return name;
  } catch {
    throw new BadValue('a time zone, such as Etc/UTC or Europe/Berlin');
  }
});

/** A map of names to values of one kind. */
export function byName<T>(parse: Parser<T>): Parser<Record<string, T>> {
  return parser({ type: 'object', additionalProperties: parse.schema }, (value, context) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new BadValue('values by name, such as "price: widen"');
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, parse(each, context)]));
  });
}

/** A host of others that may be talked to, with a port where it is another. */
export const remoteHost: Parser<string> = matching(
  /^(\*\.)?[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:\d{1,5})?$/,
  'a host such as api.example.com, *.example.com or api.example.com:8443',
);

/** The same, or with `nats://` before it a NATS. */
export const copyHost: Parser<string> = matching(
  /^(nats:\/\/)?(\*\.)?[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:\d{1,5})?$/,
  'a host such as kvflow.example.com, *.example.com, kvflow.example.com:8443 or nats://nats.example.com',
);
