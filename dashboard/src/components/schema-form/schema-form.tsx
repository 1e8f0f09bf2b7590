import { SimpleGrid, Stack } from '@mantine/core';
import { pointerTo } from '../../../../contract/pointer.ts';
import { fieldKind, isWide } from './field-kind.ts';
import { FormProvider } from './form-context.ts';
import { SchemaField } from './schema-field.tsx';
import type { SchemaFormState } from './use-schema-form.ts';
import { withProperty } from './with-property.ts';

/** What {@link SchemaForm} is given. */
export interface SchemaFormProps {
  /** Made by `useSchemaForm`. */
  form: SchemaFormState;
  /** Properties that are not asked for, such as one that is fixed. */
  hidden?: readonly string[];
  /** Properties that are shown and cannot be changed, with the reason. */
  locked?: Record<string, string>;
}

/**
 * Fields for an object's properties, made from its JSON Schema: checked while typing, the descriptions as help. Fields
 * left empty are left out. The form's element, its button and `JsonPreview` are the page's.
 */
export function SchemaForm({ form, hidden = [], locked = {} }: SchemaFormProps) {
  const { properties = {}, required = [] } = form.schema;
  const shown = Object.entries(properties).filter(([name]) => !hidden.includes(name));
  const field = ([name, schema]: (typeof shown)[number]) => (
    <SchemaField
      key={name}
      schema={schema}
      pointer={pointerTo('', name)}
      name={name}
      required={required.includes(name)}
      value={form.value[name]}
      onChange={value => form.set(withProperty(form.value, name, value))}
    />
  );
  const wide = shown.filter(([, schema]) => isWide(fieldKind(schema)));
  const narrow = shown.filter(entry => !wide.includes(entry));
  const byPointer = Object.fromEntries(
    Object.entries(locked).map(([name, why]) => [pointerTo('', name), why]),
  );
  return (
    <FormProvider value={{ form, locked: byPointer, Field: SchemaField }}>
      <Stack gap="md">
        <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="md" verticalSpacing="md">
          {narrow.map(field)}
        </SimpleGrid>
        {wide.map(field)}
      </Stack>
    </FormProvider>
  );
}
