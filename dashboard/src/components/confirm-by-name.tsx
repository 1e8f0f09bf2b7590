import { Code, Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { ConfirmDialog } from './confirm-dialog.tsx';
import { StoredName } from './stored-name.tsx';
import { TextBox } from './text-box.tsx';

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
  return (
    <ConfirmDialog
      title={title}
      confirm={confirm}
      danger
      focus="field"
      busy={busy}
      disabled={!fits}
      error={error}
      onConfirm={onConfirm}
      onClose={onClose}
    >
      <Text size="sm" component="div">
        {children}
      </Text>
      <TextBox
        label={
          <>
            Type{' '}
            <Code className="wrap">
              <StoredName name={name} />
            </Code>{' '}
            to confirm
          </>
        }
        value={typed}
        onChange={setTyped}
        data-autofocus
      />
    </ConfirmDialog>
  );
}
