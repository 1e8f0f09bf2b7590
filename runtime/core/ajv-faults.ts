import type { ErrorObject } from 'ajv';
import type { FieldError } from '../../contract/errors.ts';
import {
  choiceWords,
  PATTERN_WORDS,
  requiredWords,
  TIME_WORDS,
  unknownWords,
  withHint,
} from '../../contract/fault-words.ts';
import { pointerTo } from '../../contract/pointer.ts';
import { eachOnce } from './each-once.ts';
import type { JsonSchema } from './manifest.ts';
import { typeFaultWords } from './type-fault-words.ts';

/** What ajv found, as faults of fields, each once. */
export function toFieldErrors(errors: ErrorObject[]): FieldError[] {
  return eachOnce(errors.filter(error => !isSummary(error)).map(toFieldError));
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
  if (error.keyword === 'type') return typeFaultWords([error.params.type].flat().map(String), error.data);
  if (error.keyword === 'enum') return choiceWords(error.params.allowedValues);
  if (error.keyword === 'pattern') return PATTERN_WORDS;
  if (error.keyword === 'format' && error.params.format === 'date-time') return TIME_WORDS;
  return error.message ?? 'is not valid';
}
