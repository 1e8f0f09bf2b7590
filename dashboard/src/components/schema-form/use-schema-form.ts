import { useMemo, useState } from 'react';
import type { Fault } from '../../api/api-error.ts';
import type { JsonSchema } from '../../lib/json-schema.ts';
import { validateSchema } from '../../lib/validate-schema.ts';

/** A form's value and what is wrong with it. */
export interface SchemaFormState {
  schema: JsonSchema;
  /** What was entered: no more than that, and nothing for what was left empty. This is the JSON to send. */
  value: Record<string, unknown>;
  set(value: Record<string, unknown>): void;
  /** Everything that is wrong, what the server said included. */
  faults: Fault[];
  valid: boolean;
  /** Shows what is missing too, which would be rude before; answers whether the value may be sent. */
  submit(): boolean;
  submitted: boolean;
  /** What the server found; it is shown at its fields until something is changed. */
  reject(faults: readonly Fault[]): void;
  /** A field whose text is no value at all, such as half-written JSON. Undefined: it is one again. */
  setUnreadable(pointer: string, message: string | undefined): void;
}

/** Keeps the value of a form. */
export function useSchemaForm(schema: JsonSchema, initial: Record<string, unknown> = {}): SchemaFormState {
  const [value, setValue] = useState(initial);
  const [submitted, setSubmitted] = useState(false);
  const [rejected, reject] = useState<readonly Fault[]>([]);
  const [unreadable, setAllUnreadable] = useState<Record<string, string>>({});
  const own = useMemo(() => validateSchema(schema, value), [schema, value]);
  const texts = Object.entries(unreadable).map(([pointer, message]) => ({ pointer, message }));
  const faults = [...texts, ...own, ...rejected];
  const valid = own.length === 0 && texts.length === 0;
  return {
    schema,
    value,
    faults,
    valid,
    submitted,
    set(next) {
      setValue(next);
      reject([]);
    },
    submit() {
      setSubmitted(true);
      return valid;
    },
    reject,
    setUnreadable(pointer, message) {
      setAllUnreadable(({ [pointer]: _before, ...rest }) =>
        message === undefined ? rest : { ...rest, [pointer]: message },
      );
    },
  };
}
