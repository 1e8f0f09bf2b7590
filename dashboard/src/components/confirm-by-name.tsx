import { Button, Code, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import { ErrorNotice } from './error-notice.tsx';

/** What {@link ConfirmByName} is given. */
export interface ConfirmByNameProps {
  /** What has to be typed, letter by letter. */
  name: string;
  title: string;
  /** What will happen, and that there is no way back. */
  children: ReactNode;
  /** On the button: "Delete bucket". */
  confirm: string;
  onConfirm(): void;
  onClose(): void;
  busy?: boolean;
  error?: unknown;
}

/** A dialog for what cannot be undone: its button works once the name was typed. */
export function ConfirmByName({
  name,
  title,
  children,
  confirm,
  onConfirm,
  onClose,
  busy = false,
  error,
}: ConfirmByNameProps) {
  const [typed, setTyped] = useState('');
  const fits = typed === name;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (fits) onConfirm();
  };
  return (
    <Modal opened onClose={onClose} title={title}>
      <form onSubmit={submit}>
        <Stack gap="md">
          <Text size="sm" component="div">
            {children}
          </Text>
          <TextInput
            label={
              <>
                Type <Code className="wrap">{name}</Code> to confirm
              </>
            }
            value={typed}
            onChange={event => setTyped(event.currentTarget.value)}
            autoComplete="off"
            spellCheck={false}
            data-autofocus
          />
          {error !== undefined && error !== null && <ErrorNotice error={error} />}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" color="red" disabled={!fits} loading={busy}>
              {confirm}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
