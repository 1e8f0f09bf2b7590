import { Text } from '@mantine/core';
import { ConfirmDialog } from '../components/confirm-dialog.tsx';
import { useStore } from '../lib/store.ts';
import { leaving } from '../router/leaving.ts';

/** What is not saved may have been typed into a dialog; those have 200. */
const OVER_DIALOGS = 400;

/** Asks before a page with unsaved changes is left. */
export function LeaveQuestion() {
  const asked = useStore(leaving);
  const stay = () => leaving.set(undefined);
  const go = () => {
    stay();
    asked?.go();
  };
  if (!asked) return null;
  return (
    <ConfirmDialog
      title="Not saved yet"
      confirm="Stay"
      cancel="Leave"
      zIndex={OVER_DIALOGS}
      onConfirm={stay}
      onCancel={go}
      onClose={stay}
    >
      <Text size="sm" className="wrap">
        You have not saved {asked.what}.
      </Text>
    </ConfirmDialog>
  );
}
