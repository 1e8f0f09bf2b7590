import { Button, Group, Modal, type ModalProps, Stack } from '@mantine/core';
import type { FormEvent, ReactNode } from 'react';
import { visibleText } from '../lib/visible-text.ts';
import { ErrorNotice } from './error-notice.tsx';

/** What {@link ConfirmDialog} is given. */
export interface ConfirmDialogProps {
  title: string;
  /** What will happen. */
  children: ReactNode;
  /** On the button that does it. */
  confirm: ReactNode;
  /** It takes something away. */
  danger?: boolean;
  /** What Enter does at first. Default: what the button does; `field`: a field of the children has the focus. */
  focus?: 'confirm' | 'cancel' | 'field';
  busy?: boolean;
  disabled?: boolean;
  error?: unknown;
  size?: ModalProps['size'];
  zIndex?: number;
  /** On the button that does not. */
  cancel?: string;
  onConfirm(): void;
  onClose(): void;
  /** What that button does. Default: `onClose`. */
  onCancel?: () => void;
}

/** Asks before something is done: what it means, a way out, and the button, which Enter in a field presses too. */
export function ConfirmDialog({
  title,
  children,
  confirm,
  danger = false,
  focus = 'confirm',
  busy = false,
  disabled = false,
  error,
  size = 'md',
  cancel = 'Cancel',
  zIndex,
  onConfirm,
  onClose,
  onCancel = onClose,
}: ConfirmDialogProps) {
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!disabled && !busy) onConfirm();
  };
  return (
    <Modal opened onClose={onClose} title={visibleText(title)} size={size} {...(zIndex && { zIndex })}>
      <form onSubmit={submit}>
        <Stack>
          {children}
          {error !== undefined && error !== null && <ErrorNotice error={error} />}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onCancel} data-autofocus={focus === 'cancel' || undefined}>
              {cancel}
            </Button>
            <Button
              type="submit"
              {...(danger && { color: 'red' })}
              loading={busy}
              disabled={disabled}
              data-autofocus={focus === 'confirm' || undefined}
            >
              {confirm}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
