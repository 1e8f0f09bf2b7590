import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { EVENTS_BUCKET } from '../../../../contract/own-buckets.ts';
import { useAction } from '../../api/use-invoke.ts';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { Mono } from '../../components/mono.tsx';
import { plural } from '../../lib/format.ts';
import type { Visitor } from './stored.ts';
import { whereOf } from './visitor-link.tsx';

/** Sets back what was amended for a visitor, after a look at what that means. */
export function UndoDialog({
  bucket,
  visitor,
  rows,
  onClose,
}: {
  bucket: string;
  visitor: Visitor;
  /** Rows that the audit tells of. */
  rows: number;
  onClose(): void;
}) {
  const { anonymousId, destination, namespace } = visitor;
  const undo = useAction('identify-undo', {
    done: ({ restored, unchanged }) =>
      `${plural(restored, 'row')} set back${unchanged > 0 ? `, ${unchanged} left as they are` : ''}. The visitor is anonymous again.`,
  });
  const input = {
    anonymous_id: anonymousId.text,
    ...(destination !== '' && { destination }),
    ...(bucket !== EVENTS_BUCKET && { bucket }),
    namespace,
  };
  return (
    <Modal opened onClose={onClose} title="Undo this recognition">
      <Stack>
        <Text size="sm" component="div">
          <Mono fw={600}>{anonymousId.text}</Mono> in {whereOf(visitor)}: {plural(rows, 'row')} go back to
          what they were, as far as nobody changed them since. The visitor is anonymous again until an event
          names it.
        </Text>
        {destination === '' && (
          <Text size="sm">It is undone in every destination of this namespace that knows the visitor.</Text>
        )}
        {undo.error && <ErrorNotice error={undo.error} />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button
            color="red"
            loading={undo.isPending}
            onClick={() => undo.mutate(input, { onSuccess: onClose })}
            data-autofocus
          >
            Undo recognition
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
