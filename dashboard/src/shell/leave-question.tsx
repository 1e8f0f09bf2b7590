import { Button, Group, Modal, Stack, Text } from '@mantine/core';
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
  return (
    <Modal opened={asked !== undefined} onClose={stay} title="Not saved yet" zIndex={OVER_DIALOGS}>
      <Stack>
        <Text size="sm" className="wrap">
          You have not saved {asked?.what}.
        </Text>
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={go}>
            Leave
          </Button>
          <Button onClick={stay} data-autofocus>
            Stay
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
