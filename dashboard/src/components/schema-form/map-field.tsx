import { Group, Stack } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { pointerTo } from '../../../../contract/pointer.ts';
import { isObject } from '../../lib/is-object.ts';
import { visibleText } from '../../lib/visible-text.ts';
import { IconButton } from '../icon-button.tsx';
import { TextBox } from '../text-box.tsx';
import type { FieldProps } from './form-context.ts';
import { useForm, useUnreadable } from './form-context.ts';
import { FieldGroup } from './group.tsx';

type Row = [name: string, value: string];

/** Names with texts. Rows may share a name while they are typed, and cannot be sent as long as they do. */
export function MapField(props: FieldProps) {
  const { value, onChange, name } = props;
  const { form } = useForm();
  const [rows, setRows] = useState<Row[]>(() => rowsOf(value));
  const shown = same(toObject(rows), value) ? rows : rowsOf(value);
  const setUnreadable = useUnreadable(props);
  function change(next: Row[]) {
    setRows(next);
    setUnreadable(rowFault(next));
    onChange(next.length === 0 && !props.required ? undefined : toObject(next));
  }
  const faultOf = (key: string) =>
    key === ''
      ? undefined
      : form.faults.find(({ pointer }) => pointer === pointerTo(props.pointer, key))?.message;
  return (
    <FieldGroup field={props} addLabel={`Add to ${name}`} onAdd={() => change([...shown, ['', '']])}>
      <Stack gap="xs" mt={shown.length > 0 ? 'xs' : 0}>
        {shown.map(([key, text], index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: its name changes with every letter
          <Group key={index} gap="xs" wrap="nowrap" align="flex-start">
            <TextBox
              flex={1}
              aria-label={`${name}: name ${index + 1}`}
              placeholder="Name"
              value={key}
              error={faultOf(key)}
              onChange={text => change(shown.with(index, [text, text]))}
            />
            <TextBox
              flex={2}
              aria-label={`${name}: value ${index + 1}`}
              placeholder="Value"
              value={text}
              onChange={text => change(shown.with(index, [key, text]))}
            />
            <IconButton
              icon={IconTrash}
              label={`Remove ${name} ${index + 1}`}
              tip={`Remove ${visibleText(key) || 'this row'}`}
              mt={4}
              onClick={() => change(shown.toSpliced(index, 1))}
            />
          </Group>
        ))}
      </Stack>
    </FieldGroup>
  );
}

function rowsOf(value: unknown): Row[] {
  return isObject(value) ? Object.entries(value).map(([name, text]) => [name, String(text)]) : [];
}

/** What would be dropped without a word: a text without a name, and all but the last of rows with one name. */
function rowFault(rows: Row[]): string | undefined {
  const names = rows.map(([name]) => name).filter(name => name !== '');
  if (rows.some(([name, text]) => name === '' && text !== '')) return 'Give each value a name';
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  return twice === undefined ? undefined : `${twice} is there twice`;
}

/** A row without a name is not there yet. */
function toObject(rows: Row[]): Record<string, string> {
  return Object.fromEntries(rows.filter(([name]) => name !== ''));
}

function same(object: Record<string, string>, value: unknown): boolean {
  return JSON.stringify(object) === JSON.stringify(value ?? {});
}
