import type { ComponentType } from 'react';
import {
  BooleanField,
  BytesAmount,
  DurationAmount,
  EnumField,
  NullField,
  NumberAmount,
} from './amount-fields.tsx';
import type { FieldKind } from './field-kind.ts';
import { fieldKind } from './field-kind.ts';
import type { FieldProps } from './form-context.ts';
import { JsonField, TextOrJsonField } from './json-fields.tsx';
import { ListField } from './list-field.tsx';
import { MapField } from './map-field.tsx';
import { ObjectField } from './object-field.tsx';
import { BucketField, CodeField, TextField, TextOrNumberField, TextsField } from './text-fields.tsx';

const FIELDS: Record<FieldKind, ComponentType<FieldProps>> = {
  enum: EnumField,
  boolean: BooleanField,
  duration: DurationAmount,
  bytes: BytesAmount,
  number: NumberAmount,
  null: NullField,
  text: TextField,
  bucket: BucketField,
  code: CodeField,
  texts: TextsField,
  'text-or-number': TextOrNumberField,
  'text-or-json': TextOrJsonField,
  json: JsonField,
  object: ObjectField,
  map: MapField,
  list: ListField,
};

/** The field for one value, whatever its schema. */
export function SchemaField(props: FieldProps) {
  const Field = FIELDS[fieldKind(props.schema)];
  return <Field {...props} />;
}
