import { Box, Select } from '@mantine/core';
import { useState } from 'react';
import type { JsonSchema } from '../../lib/json-schema.ts';
import { fitsSchema } from '../../lib/validate-schema.ts';
import type { FieldProps } from './form-context.ts';
import { useForm } from './form-context.ts';

/** A value that has one of several forms: which one is chosen first. */
export function ChoiceField(props: FieldProps) {
  const { Field } = useForm();
  const { schema, value, onChange, name } = props;
  const branches = schema.anyOf ?? schema.oneOf ?? [];
  const fitting = branches.findIndex(branch => value !== undefined && fitsSchema(branch, value));
  const [chosen, setChosen] = useState(Math.max(0, fitting));
  const branch = branches[chosen] ?? {};
  return (
    <Box>
      <Select
        label={`${name}: form`}
        data={branches.map((one, index) => ({ value: String(index), label: nameOf(one, index) }))}
        value={String(chosen)}
        onChange={index => {
          setChosen(Number(index));
          onChange(undefined);
        }}
        allowDeselect={false}
        mb="xs"
      />
      <Field {...props} schema={{ description: schema.description ?? '', ...branch }} />
    </Box>
  );
}

function nameOf(schema: JsonSchema, index: number): string {
  return schema.title ?? [schema.type].flat().join(' or ') ?? `Form ${index + 1}`;
}
