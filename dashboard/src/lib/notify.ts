import { notifications } from '@mantine/notifications';
import { visibleText } from './visible-text.ts';

/** Says in the corner what was done; gone after a few seconds. */
export function notify(message: string): void {
  notifications.show({
    message: visibleText(message),
    color: 'teal',
    autoClose: 3_500,
    closeButtonProps: { 'aria-label': 'Close this notice' },
  });
}

/** Says in the corner what went wrong, where there is no better place for it. It stays until it is closed. */
export function notifyError(title: string, message: string): void {
  notifications.show({
    title,
    message: visibleText(message),
    color: 'red',
    autoClose: false,
    closeButtonProps: { 'aria-label': 'Close this notice' },
  });
}
