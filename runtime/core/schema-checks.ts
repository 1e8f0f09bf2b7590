import type { FieldError } from '../../contract/errors.ts';
import { requiredWords, unknownWords, withHint } from '../../contract/fault-words.ts';
import { pointerTo } from '../../contract/pointer.ts';
import type { JsonSchema } from './manifest.ts';
import { RULES } from './schema-keywords.ts';
import { typeFaultWords } from './type-fault-words.ts';

/** The faults of a value, with pointers counted from it. */
export type Check<V = unknown> = (value: V) => FieldError[];

type Entries = Readonly<Record<string, unknown>>;

const NO_FAULTS: FieldError[] = [];

const IS: Record<string, (value: unknown) => boolean> = {
  string: value => typeof value === 'string',
  number: Number.isFinite,
  integer: Number.isInteger,
  boolean: value => typeof value === 'boolean',
  null: value => value === null,
  array: Array.isArray,
  object: value => typeof value === 'object' && value !== null && !Array.isArray(value),
};

/** Keywords by the type of the values they are about, in the order in which faults are told. */
const GROUPS: [type: string, keywords: string[]][] = [
  ['any', ['const', 'enum', 'not']],
  ['number', ['maximum', 'minimum']],
  ['string', ['maxLength', 'minLength', 'pattern', 'format']],
  ['array', ['maxItems', 'minItems', 'items', 'uniqueItems']],
  [
    'object',
    ['maxProperties', 'minProperties', 'required', 'propertyNames', 'additionalProperties', 'properties'],
  ],
];
const KNOWN = new Set(['type', ...GROUPS.flatMap(([, keywords]) => keywords)]);
/** Says nothing of whether a value fits. */
const ANNOTATION = /^(title|description|default|examples|writeOnly|contentMediaType|x-[a-z-]+)$/;

/** Those keywords that lead to other schemas, or to more than one fault. */
const CHECKS: Record<string, (schema: JsonSchema) => Check<never>> = {
  not: schema => {
    const check = checkOf(schema.not as JsonSchema);
    return value => (check(value).length > 0 ? NO_FAULTS : fault(schema, 'must NOT be valid'));
  },
  uniqueItems: schema => {
    if (Object(schema.items).type !== 'string') throw new Error('uniqueItems is known of texts alone');
    return (list: unknown[]) => {
      const seen = new Map<unknown, number>();
      for (let at = list.length - 1; at >= 0; at--) {
        const other = seen.get(list[at]);
        if (other !== undefined)
          return fault(schema, `must NOT have duplicate items (items ## ${other} and ${at} are identical)`);
        if (typeof list[at] === 'string') seen.set(list[at], at);
      }
      return NO_FAULTS;
    };
  },
  items: schema => {
    const check = checkOf(schema.items as JsonSchema);
    return (list: unknown[]) => gather(list, (item, index) => under(index, check(item)));
  },
  required: schema => {
    const words = ofEach(schema.properties, ({ description }) => requiredWords(description));
    const missing = (name: string) => [
      { pointer: pointerTo('', name), message: words.get(name) ?? requiredWords(undefined) },
    ];
    return (object: Entries) =>
      gather(schema.required as string[], name => (has(object, name) ? NO_FAULTS : missing(name)));
  },
  propertyNames: schema => {
    const check = checkOf(schema.propertyNames as JsonSchema);
    const faultsOf = (name: string) => {
      const faults = check(name);
      return faults.length > 0 ? [...faults, ...fault(schema, 'property name must be valid')] : NO_FAULTS;
    };
    return (object: Entries) => gather(Object.keys(object), faultsOf);
  },
  additionalProperties: schema => {
    const { additionalProperties: says } = schema;
    if (says === true) return () => NO_FAULTS;
    const known = new Set(Object.keys(Object(schema.properties)));
    const message = unknownWords(known);
    const check = says === false ? () => [{ pointer: '', message }] : checkOf(says as JsonSchema);
    return (object: Entries) =>
      gather(Object.keys(object), name => (known.has(name) ? NO_FAULTS : under(name, check(object[name]))));
  },
  properties: schema => {
    const checks = [...ofEach(schema.properties, checkOf)];
    return (object: Entries) =>
      gather(checks, ([name, check]) => (has(object, name) ? under(name, check(object[name])) : NO_FAULTS));
  },
};

/** Makes the check of a schema. Throws for one with a keyword that none of ours has. */
export function checkOf(schema: JsonSchema): Check {
  const unknown = Object.keys(schema).find(word => !KNOWN.has(word) && !ANNOTATION.test(word));
  if (unknown !== undefined) throw new Error(`unknown keyword "${unknown}" in a schema`);
  const types = [schema.type ?? []].flat() as string[];
  const wrongType: Check = value => fault(schema, typeFaultWords(types, value));
  const checks: Check[] = [];
  let isTypeChecked = types.length === 0;
  for (const [type, keywords] of GROUPS) {
    const own = keywords.filter(word => schema[word] !== undefined).map(word => keywordCheck(word, schema));
    if (own.length === 0) continue;
    const check = together(own);
    const is = IS[type];
    const isOnly = type === schema.type;
    isTypeChecked ||= isOnly;
    checks.push(is ? value => (is(value) ? check(value) : isOnly ? wrongType(value) : NO_FAULTS) : check);
  }
  const fits: Check = value => (types.some(type => IS[type]?.(value)) ? NO_FAULTS : wrongType(value));
  return together(isTypeChecked ? checks : [fits, ...checks]);
}

function keywordCheck(word: string, schema: JsonSchema): Check {
  const rule = RULES[word]?.(schema[word] as never);
  if (!rule) return CHECKS[word]?.(schema) as Check;
  const [fits, words] = rule;
  return value => (fits(value as never) ? NO_FAULTS : fault(schema, words));
}

function together(checks: readonly Check[]): Check {
  const [only = () => NO_FAULTS] = checks;
  return checks.length > 1 ? value => gather(checks, check => check(value)) : only;
}

/** The faults of all parts, one after the other. A loop by numbers: lists of values may be long. */
function gather<P>(parts: readonly P[], faultsOf: (part: P, index: number) => FieldError[]): FieldError[] {
  let all = NO_FAULTS;
  for (let index = 0; index < parts.length; index++) {
    const faults = faultsOf(parts[index] as P, index);
    if (faults.length === 0) continue;
    if (all === NO_FAULTS) all = [];
    for (const one of faults) all.push(one);
  }
  return all;
}

function fault(schema: JsonSchema, words: string): FieldError[] {
  return [{ pointer: '', message: withHint(words, schema['x-hint']) }];
}

/** Faults of what is in a value, as faults of the value. */
function under(name: string | number, faults: FieldError[]): FieldError[] {
  if (faults.length === 0) return faults;
  return faults.map(({ pointer, message }) => ({ pointer: pointerTo('', name) + pointer, message }));
}

/** What is undefined is not there, and no more is what every object has. */
function has(object: Entries, name: string): boolean {
  return object[name] !== undefined && Object.hasOwn(object, name);
}

function ofEach<R>(properties: unknown, make: (schema: JsonSchema) => R): Map<string, R> {
  const entries = Object.entries(Object(properties) as Record<string, JsonSchema>);
  return new Map(entries.map(([name, schema]) => [name, make(schema)]));
}
