import type { FieldError } from '../../contract/errors.ts';
import { eachOnce } from './each-once.ts';
import type { JsonSchema } from './manifest.ts';
import { checkOf } from './schema-checks.ts';

/** Answers every fault of a value, each once; an empty list when there is none. */
export type Validator = (value: unknown) => FieldError[];

/**
 * Makes the validator of one of our own schemas. Nothing is coerced, no default is written into the caller's object. It
 * goes along the schema: to make code of one takes more of the processor than most processes spend on all their calls.
 * Schemas of users, which know more keywords, are for value-schema.ts.
 * @throws Error for a schema with a keyword that none of ours has.
 */
export function compileSchema(schema: JsonSchema): Validator {
  const check = checkOf(schema);
  return value => {
    const faults = check(value);
    return faults.length > 1 ? eachOnce(faults) : faults;
  };
}
