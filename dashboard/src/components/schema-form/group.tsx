import { Fieldset, Group, Text } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { IconButton } from '../icon-button.tsx';
import { Muted } from '../muted.tsx';
import { SmallButton } from '../small-button.tsx';
import type { FieldProps } from './form-context.ts';
import { useFieldTexts } from './form-context.ts';

/** What {@link FieldGroup} is given, beside what its field is. */
export interface FieldGroupProps {
  field: FieldProps;
  /** On the button that adds it or to it. */
  addLabel: string;
  onAdd?: (() => void) | undefined;
  /** Missing: it cannot be taken away. */
  onRemove?: (() => void) | undefined;
  children?: ReactNode;
}

/** Fields that belong together, with their name, help and what is wrong with them as a whole. */
export function FieldGroup({ field, addLabel, onAdd, onRemove, children }: FieldGroupProps) {
  const { label, description, error, withAsterisk, disabled } = useFieldTexts(field);
  return (
    <Fieldset
      p="sm"
      radius="md"
      disabled={disabled}
      legend={
        <Text span size="sm" fw={500} px={4}>
          {label}
          {withAsterisk && ' *'}
        </Text>
      }
    >
      <Group justify="space-between" align="flex-start" wrap="nowrap">
        <Muted size="xs">{description}</Muted>
        {onRemove && <IconButton icon={IconTrash} label={`Leave out ${label}`} onClick={onRemove} />}
      </Group>
      {children}
      {onAdd && (
        <SmallButton mt="xs" leftSection={<IconPlus size={14} aria-hidden />} onClick={onAdd}>
          {addLabel}
        </SmallButton>
      )}
      {error && (
        <Text size="xs" c="var(--mantine-color-error)" mt={4} role="alert">
          {error}
        </Text>
      )}
    </Fieldset>
  );
}
