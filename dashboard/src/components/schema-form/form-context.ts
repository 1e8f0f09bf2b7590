import type { ComponentType } from 'react';
import { createContext, useContext, useEffect, useRef } from 'react';
import type { JsonSchema } from '../../lib/json-schema.ts';
import type { SchemaFormState } from './use-schema-form.ts';

/** What every field of a form knows. */
export interface FormContext {
  form: SchemaFormState;
  /** Why a field cannot be changed, by its pointer. */
  locked: Record<string, string>;
  /** The field for one value, whatever its schema: what holds other values shows them with it. */
  Field: ComponentType<FieldProps>;
}

/** One value of a form. */
export interface FieldProps {
  schema: JsonSchema;
  /** Where it is, as a JSON pointer. */
  pointer: string;
  /** Shown as its label. */
  name: string;
  required: boolean;
  value: unknown;
  /** Undefined: it is left out. */
  onChange(value: unknown): void;
}

const Context = createContext<FormContext | undefined>(undefined);

/** Gives the fields below it their form. */
export const FormProvider = Context.Provider;

/** The form a field is in. */
export function useForm(): FormContext {
  const context = useContext(Context);
  if (!context) throw new Error('A field of a schema is shown in a SchemaForm.');
  return context;
}

/**
 * How a field says that its text is no value, which blocks sending until it is one; undefined: it is one again. A field
 * that goes away takes its fault with it.
 */
export function useUnreadable({ pointer }: FieldProps): (fault: string | undefined) => void {
  const { form } = useForm();
  const current = useRef(form);
  current.current = form;
  useEffect(() => () => current.current.setUnreadable(pointer, undefined), [pointer]);
  return fault => form.setUnreadable(pointer, fault);
}

/** What label, help and error of a field are. Something missing is no error before it was tried to send it. */
export function useFieldTexts({ schema, pointer, name, required, value }: FieldProps) {
  const { form, locked } = useForm();
  const reason = locked[pointer];
  const fault = form.faults.find(one => one.pointer === pointer);
  const shown = fault && (value !== undefined || form.submitted);
  return {
    label: name,
    description: reason ?? schema.description,
    withAsterisk: required,
    disabled: reason !== undefined,
    error: shown ? fault.message : undefined,
  };
}
