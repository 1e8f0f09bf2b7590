import type { ErrorObject } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import type { FieldError } from '../../contract/errors.ts';
import {
  choiceWords,
  PATTERN_WORDS,
  requiredWords,
  TIME_WORDS,
  typeWords,
  unknownWords,
  withHint,
} from '../../contract/fault-words.ts';
import { pointerTo } from '../../contract/pointer.ts';
import type { JsonSchema } from './manifest.ts';

/** A few bytes can have a fault each: more than so many are not looked at. */
export const MAX_COUNTED = 10_000;

/** Answers every fault of a value, {@link MAX_COUNTED} at most, an empty list when there is none. */
export type Validator = (value: unknown) => FieldError[];

const NUMBER = /^-?\d{1,20}(\.\d{1,20})?$/;
const NO_FAULTS: FieldError[] = [];
const [FIRST_MS, LAST_MS] = [Date.parse('0000-01-01T00:00:00Z'), Date.parse('9999-12-31T23:59:59.999Z')];
const { validate: isWritten } = formats.default.get('date-time') as { validate(text: string): boolean };

/**
 * A compiler of our own schemas. Nothing is coerced, no default is written into the caller's object. That they are schemas is
 * tested, not checked at each start: compiling the schema of schemas takes longer than compiling most of ours.
 */
export function createCompiler(): (schema: JsonSchema) => Validator {
  const ajv = new Ajv2020({
    allErrors: true,
    verbose: true,
    allowUnionTypes: true,
    ownProperties: true,
    validateSchema: false,
  });
  ajv.addFormat('date-time', isTime);
  // Says in a schema what to change when a value does not fit.
  ajv.addKeyword('x-hint');
  // Annotations of the generated types and of the hosts' widgets.
  const words = [
    'x-about',
    'x-unit',
    'x-widget',
    'x-kvflow-names',
    'x-kvflow-person',
    'x-kvflow-unless',
    'x-kvflow-counts',
    'x-kvflow-answers-much',
  ];
  for (const word of words) ajv.addKeyword(word);
  return schema => {
    const check = ajv.compile(schema);
    return value => (check(value) ? NO_FAULTS : toFieldErrors(check.errors ?? []));
  };
}

/** RFC 3339, and a moment that is counted from 1970 and told in four digits of a year: leap seconds are not. */
function isTime(text: string): boolean {
  if (!isWritten(text)) return false;
  const at = Date.parse(text);
  return at >= FIRST_MS && at <= LAST_MS;
}

/** What ajv found, as faults of fields, each once, and no more than {@link MAX_COUNTED}. */
export function toFieldErrors(errors: ErrorObject[]): FieldError[] {
  const faults = new Map<string, FieldError>();
  for (const error of errors) {
    if (isSummary(error)) continue;
    const fault = toFieldError(error);
    const id = `${fault.pointer}\n${fault.message}`;
    if (!faults.has(id)) faults.set(id, fault);
    if (faults.size === MAX_COUNTED) break;
  }
  return [...faults.values()];
}

/** `if`, `anyOf` and the like only repeat that a branch failed; the branch's own faults say why. */
function isSummary(error: ErrorObject): boolean {
  return error.keyword === 'if' || error.keyword === 'anyOf' || error.keyword === 'oneOf';
}

function toFieldError(error: ErrorObject): FieldError {
  const at = error.instancePath;
  switch (error.keyword) {
    case 'required':
      return { pointer: pointerTo(at, error.params.missingProperty), message: requiredMessage(error) };
    case 'additionalProperties':
    case 'unevaluatedProperties':
      return { pointer: pointerTo(at, unknownName(error)), message: unknownMessage(error) };
    default:
      return { pointer: at, message: withHint(plainMessage(error), error.parentSchema?.['x-hint']) };
  }
}

function requiredMessage(error: ErrorObject): string {
  const name = String(error.params.missingProperty);
  return requiredWords(
    (error.parentSchema?.properties as Record<string, JsonSchema> | undefined)?.[name]?.description,
  );
}

function unknownName(error: ErrorObject): string {
  return String(error.params.additionalProperty ?? error.params.unevaluatedProperty);
}

function unknownMessage(error: ErrorObject): string {
  return unknownWords(Object.keys((error.parentSchema?.properties as object | undefined) ?? {}));
}

function plainMessage(error: ErrorObject): string {
  if (error.keyword === 'type') return typeMessage(error);
  if (error.keyword === 'enum') return choiceWords(error.params.allowedValues);
  if (error.keyword === 'pattern') return PATTERN_WORDS;
  if (error.keyword === 'format' && error.params.format === 'date-time') return TIME_WORDS;
  return error.message ?? 'is not valid';
}

/** Templates write numbers as text: who fills one in sees no difference. */
function typeMessage({ params, data }: ErrorObject): string {
  const types = [params.type].flat().map(String);
  const message = typeWords(types);
  const isNumber = types.some(type => type === 'integer' || type === 'number');
  if (!isNumber || typeof data !== 'string' || !NUMBER.test(data)) return message;
  return `${message}, not the text "${data}": write it without quotes, also where a template fills it in`;
}
