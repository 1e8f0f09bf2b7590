/** A bucket's schema of values: JSON Schema 2020-12, checked on every write, by regular expressions that end in time. */

import { isUtf8 } from 'node:buffer';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { RE2JS } from 're2js';
import type { FieldError } from '../../contract/errors.ts';
import { invalidField, PackError } from '../../contract/errors.ts';
import { stringifyExact } from '../../contract/exact-json.ts';
import { namesOfPointer } from '../../contract/pointer.ts';
import { DEEPEST_JSON, isTooDeep } from './json-depth.ts';
import type { JsonSchema } from './manifest.ts';
import type { Checked, Inexact } from './schema-numbers.ts';
import { addExactKeywords, exactText, readInexact } from './schema-numbers.ts';
import { toFieldErrors } from './validate.ts';

/** Throws INVALID_INPUT with the places in the value that do not fit; `pointer` is where the value is in the input. */
export type ValueCheck = (value: string | Uint8Array, pointer: string) => void;

const MAX_BYTES = 16_384;
/** Schemas in the schema, those that `$ref` leads to counted each time: what a check may cost. */
const MAX_SCHEMAS = 1_000;
const MAX_FAULTS = 20;
/** Of larger values the first fault is told, which is found in the time the value takes to read. */
const ALL_FAULTS_BYTES = 65_536;
const MAX_KNOWN = 200;
const POINTER = '/value_schema';
const known = new Map<string, ValueCheck>();

/** The schema as it is kept. Throws INVALID_INPUT at `/value_schema` for one that is none, is too large or leads back to itself. */
export function formatValueSchema(schema: JsonSchema): string {
  return usable(schema).text;
}

/** The schema as it is kept, and what checks by it. Throws as {@link formatValueSchema}. */
function usable(schema: JsonSchema): { text: string; validate: ReturnType<typeof compile> } {
  const [rounded] = readInexact(stringifyExact(schema))?.tokens ?? [];
  if (rounded)
    throw invalidField(
      POINTER + rounded[0],
      `is ${rounded[1]}, which JSON Schema's numbers would round; give a number of at most 15 digits`,
    );
  const text = JSON.stringify(schema);
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_BYTES)
    throw invalidField(POINTER, `has ${bytes} bytes as JSON and ${MAX_BYTES} are allowed`);
  countSchemas(schema, schema, { left: MAX_SCHEMAS, open: new Set([schema]) });
  try {
    return { text, validate: compile(schema) };
  } catch (error) {
    throw invalidField(
      POINTER,
      `is no JSON Schema (2020-12) that can be checked: ${(error as Error).message}`,
    );
  }
}

/** The check of a schema as {@link formatValueSchema} keeps it. One that another program wrote and that cannot be used refuses every write. */
export function valueCheckOf(text: string): ValueCheck {
  const before = known.get(text);
  if (before) return before;
  if (known.size >= MAX_KNOWN) known.clear();
  const check = makeCheck(text);
  known.set(text, check);
  return check;
}

function makeCheck(text: string): ValueCheck {
  let validate: ReturnType<typeof compile>;
  try {
    validate = usable(JSON.parse(text) as JsonSchema).validate;
  } catch (cause) {
    return () => {
      throw new PackError(
        'UNSUPPORTED',
        `The value_schema of the bucket cannot be used: ${(cause as Error).message}. Change it with kv-bucket-update.`,
        { cause },
      );
    };
  }
  return (value, pointer) => {
    const faults = validate(textOf(value, pointer), Buffer.byteLength(value) <= ALL_FAULTS_BYTES);
    if (faults.length > 0) throw refusal(faults.slice(0, MAX_FAULTS), pointer);
  };
}

function refusal(faults: readonly FieldError[], at: string): PackError {
  const errors = faults.map(({ pointer, message }) => ({ pointer: at + pointer, message }));
  const list = errors.map(({ pointer, message }) => `${pointer || 'it'} ${message}`).join('; ');
  return new PackError('INVALID_INPUT', `The value does not fit the value_schema of the bucket: ${list}`, {
    errors,
  });
}

function textOf(value: string | Uint8Array, pointer: string): string {
  if (typeof value !== 'string' && !isUtf8(value)) {
    throw invalidField(pointer, 'is no text, and the value_schema of the bucket asks for JSON');
  }
  const text = typeof value === 'string' ? value : Buffer.from(value).toString('utf8');
  if (isTooDeep(text)) throw invalidField(pointer, `nests objects and lists more than ${DEEPEST_JSON} deep`);
  return text;
}

/** What the JSON of a text holds; text that is no JSON is a text. */
function readText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

let ofSchemas: Ajv2020 | undefined;

function compile(schema: JsonSchema): (text: string, all: boolean) => FieldError[] {
  // One for all: to know what a schema is takes longer than most schemas do.
  ofSchemas ??= createAjv(true, { isOfSchemas: true });
  ofSchemas.validateSchema(schema, true);
  const [all, first] = [true, false].map(allErrors => createAjv(allErrors).compile(schema));
  // Such a check answers later, and what it then throws nobody would catch.
  if (first && '$async' in first) throw new Error('"$async" is no part of JSON Schema');
  const checkExactly = compileExactly(schema);
  return (text, wanted) => {
    const value = readText(text);
    const inexact = value === text ? undefined : readInexact(text);
    if (inexact) return checkExactly(inexact);
    if (first?.(value)) return [];
    const check = wanted ? all : first;
    check?.(value);
    return toFieldErrors(check?.errors ?? []);
  };
}

/** For values with numbers that JavaScript would round. It tells the first fault. */
function compileExactly(schema: JsonSchema): (value: Inexact) => FieldError[] {
  const checked: { now: Checked } = { now: NONE };
  let check: ReturnType<Ajv2020['compile']> | undefined;
  return inexact => {
    check ??= createAjv(false, { exact: checked }).compile(schema);
    checked.now = inexact;
    try {
      return check(inexact.value) ? [] : toFieldErrors(check.errors ?? []);
    } finally {
      checked.now = NONE;
    }
  };
}

const NONE: Checked = { tokens: new Map(), holders: new Set() };

function createAjv(
  allErrors: boolean,
  { exact, isOfSchemas = false }: { exact?: { now: Checked }; isOfSchemas?: boolean } = {},
): Ajv2020 {
  const ajv = new Ajv2020({
    allErrors,
    meta: isOfSchemas,
    validateSchema: isOfSchemas,
    verbose: true,
    strict: false,
    logger: false,
    ownProperties: true,
    addUsedSchema: false,
    code: { regExp },
  });
  formats.default(ajv, { mode: 'fast' });
  // Compared two by two, a long list would take hours.
  ajv.removeKeyword('uniqueItems');
  ajv.addKeyword({
    keyword: 'uniqueItems',
    type: 'array',
    schemaType: 'boolean',
    validate: (wanted: boolean, list: unknown[], _parent: unknown, at?: { instancePath: string }) => {
      const textOfItem = (item: unknown, index: number) =>
        exactText(item, `${at?.instancePath ?? ''}/${index}`, { ...(exact?.now ?? NONE), canonical });
      return !wanted || new Set(list.map(textOfItem)).size === list.length;
    },
    error: { message: 'must not hold the same item twice' },
  });
  if (exact) addExactKeywords(ajv, exact, canonical);
  return ajv;
}

/** RE2 takes time in proportion to the text, whatever the expression. */
const regExp = Object.assign(
  (pattern: string) => {
    const compiled = RE2JS.compile(pattern);
    // Told apart by their text: ajv keeps one of each.
    return { test: (text: string) => compiled.matcher(text).find(), toString: () => pattern };
  },
  { code: 'regExp' },
) as never;

/** The same text for values that are equal. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_name, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}

/** Change what a `$ref` leads to. */
const UNCOUNTED = ['$id', '$anchor', '$dynamicAnchor', '$dynamicRef', '$recursiveRef'];

/** Throws where a check could take longer than the value is long, many times over. */
function countSchemas(node: unknown, root: JsonSchema, count: { left: number; open: Set<unknown> }): void {
  if (typeof node !== 'object' || node === null) return;
  count.left -= 1;
  if (count.left < 0)
    throw invalidField(
      POINTER,
      `has more than ${MAX_SCHEMAS} parts, those that $ref leads to counted each time`,
    );
  const { $ref, ...parts } = node as JsonSchema;
  for (const name of UNCOUNTED) {
    if (typeof parts[name] === 'string' && (node !== root || name !== '$id'))
      throw invalidField(POINTER, `has ${name}, which cannot be checked; use $ref and $defs`);
  }
  if (typeof $ref === 'string') follow($ref, root, count);
  for (const part of Object.values(parts)) countSchemas(part, root, count);
}

function follow(ref: string, root: JsonSchema, count: { left: number; open: Set<unknown> }): void {
  const target = ref.startsWith('#') ? resolve(root, ref.slice(1)) : undefined;
  if (target === undefined)
    throw invalidField(
      POINTER,
      `$ref "${ref}" leads nowhere; refer to a part of the schema itself as in #/$defs/name`,
    );
  if (count.open.has(target))
    throw invalidField(POINTER, `$ref "${ref}" leads back to itself, which has no bound`);
  count.open.add(target);
  countSchemas(target, root, count);
  count.open.delete(target);
}

function resolve(root: JsonSchema, pointer: string): unknown {
  if (pointer !== '' && !pointer.startsWith('/')) return undefined;
  let at: unknown = root;
  for (const name of namesOfPointer(decodeURIComponent(pointer))) {
    at =
      typeof at === 'object' && at !== null && Object.hasOwn(at, name) ? (at as JsonSchema)[name] : undefined;
  }
  return at;
}
