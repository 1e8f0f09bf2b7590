import { Text } from '@mantine/core';
import { EVENTS_BUCKET } from '../../../../contract/own-buckets.ts';
import { useAction } from '../../api/use-invoke.ts';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { Mono } from '../../components/mono.tsx';
import { plural } from '../../lib/format.ts';
import type { NamedVisitor } from './names.ts';
import { whereOf } from './visitor-link.tsx';

/** Sets back what was amended for a visitor, after a look at what that means. */
export function UndoDialog({
  bucket,
  visitor,
  rows,
  onClose,
}: {
  bucket: string;
  visitor: NamedVisitor & { anonymous_id: string };
  /** Rows that the audit tells of. */
  rows: number;
  onClose(): void;
}) {
  const { anonymous_id, destination, namespace } = visitor;
  const undo = useAction('identify-undo', {
    done: ({ restored, unchanged }) =>
      `${plural(restored, 'row')} set back${unchanged > 0 ? `, ${unchanged} left as they are` : ''}. The visitor is anonymous again.`,
  });
  const input = {
    anonymous_id,
    ...(destination !== undefined && { destination }),
    ...(bucket !== EVENTS_BUCKET && { bucket }),
    namespace,
  };
  return (
    <ConfirmDialog
      title="Undo this recognition"
      confirm="Undo recognition"
      danger
      busy={undo.isPending}
      error={undo.error}
      onConfirm={() => undo.mutate(input, { onSuccess: onClose })}
      onClose={onClose}
    >
      <Text size="sm" component="div">
        <Mono fw={600}>{anonymous_id}</Mono> in {whereOf(visitor)}: {plural(rows, 'row')} go back to what they
        were, as far as nobody changed them since. The visitor is anonymous again until an event names it.
      </Text>
      {destination === undefined && (
        <Text size="sm">It is undone in every destination of this namespace that knows the visitor.</Text>
      )}
    </ConfirmDialog>
  );
}
