import { Box, Group, Stack } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { pointerTo } from '../../../../contract/pointer.ts';
import { typesOf } from '../../lib/json-schema.ts';
import { IconButton } from '../icon-button.tsx';
import type { FieldProps } from './form-context.ts';
import { useForm } from './form-context.ts';
import { FieldGroup } from './group.tsx';

/** A list of values of one form. */
export function ListField(props: FieldProps) {
  const { Field } = useForm();
  const { schema, value, onChange, pointer, name, required } = props;
  const inner = schema.items ?? {};
  const list: unknown[] = Array.isArray(value) ? value : [];
  const empty = typesOf(inner).includes('object') ? {} : undefined;
  const change = (next: unknown[]) => onChange(next.length === 0 && !required ? undefined : next);
  const full = schema.maxItems !== undefined && list.length >= schema.maxItems;
  return (
    <FieldGroup
      field={props}
      addLabel={`Add to ${name}`}
      onAdd={full ? undefined : () => change([...list, empty ?? ''])}
    >
      <Stack gap="xs" mt={list.length > 0 ? 'xs' : 0}>
        {list.map((one, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a position is all an item has
          <Group key={index} align="flex-start" wrap="nowrap" gap="xs">
            <Box flex={1} miw={0}>
              <Field
                schema={inner}
                name={`${name} ${index + 1}`}
                pointer={pointerTo(pointer, index)}
                required
                value={one}
                onChange={changed => change(list.with(index, changed ?? empty ?? ''))}
              />
            </Box>
            <IconButton
              icon={IconTrash}
              label={`Remove ${name} ${index + 1}`}
              mt={4}
              onClick={() => change(list.toSpliced(index, 1))}
            />
          </Group>
        ))}
      </Stack>
    </FieldGroup>
  );
}
