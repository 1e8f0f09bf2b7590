import { Loader } from '@mantine/core';
import { IconCircleCheck, IconPlugConnectedX } from '@tabler/icons-react';
import { durationWords } from '../../../../contract/duration.ts';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { Mark } from '../../components/mark.tsx';
import { Notice } from '../../components/notice.tsx';
import { useNow } from '../../hooks/use-now.ts';
import { formatCount } from '../../lib/format.ts';
import type { Absence, Connection } from './use-connection.ts';

/** Says when changes cannot come, that they come again, and that none was missed. */
export function ConnectionNotice({
  connection,
  back,
  onDismiss,
  onRetry,
}: {
  connection: Connection;
  back: Absence | undefined;
  onDismiss(): void;
  onRetry(): void;
}) {
  if (connection.state === 'failed')
    return <ErrorNotice error={connection.error} title="This cannot be watched" onRetry={onRetry} mb="md" />;
  if (connection.state === 'away') return <Away connection={connection} />;
  if (!back) return null;
  return (
    <Notice
      color="teal"
      icon={IconCircleCheck}
      withCloseButton
      closeButtonLabel="Close this notice"
      onClose={onDismiss}
    >
      Connected again after {seconds(back.lasted)}. It went on {place(back.revision)}: nothing was missed.
    </Notice>
  );
}

function Away(props: { connection: Extract<Connection, { state: 'away' }> }) {
  const {
    connection: { reason, since, revision },
  } = props;
  const now = useNow(1_000);
  return (
    <Notice icon={IconPlugConnectedX}>
      Reconnecting for {seconds(Math.max(0, now - since))}: {reason}. It will go on {place(revision)}, so that
      nothing is missed.
    </Notice>
  );
}

/** The state in a word. */
export function ConnectionBadge({ connection, paused }: { connection: Connection; paused: boolean }) {
  const [color, text] = badgeOf(connection, paused);
  return (
    <Mark
      color={color}
      size="lg"
      leftSection={text.endsWith('ing') ? <Loader size={10} color="currentColor" aria-hidden /> : undefined}
    >
      {text}
    </Mark>
  );
}

function badgeOf({ state }: Connection, paused: boolean): [color: string, text: string] {
  if (state === 'failed') return ['red', 'Stopped'];
  if (state === 'away') return ['orange', 'Reconnecting'];
  if (paused) return ['yellow', 'Paused'];
  return state === 'live' ? ['teal', 'Live'] : ['gray', 'Connecting'];
}

function place(revision: number): string {
  return revision === 0 ? 'where it was' : `after revision ${formatCount(revision)}`;
}

function seconds(ms: number): string {
  return durationWords(Math.max(1, Math.round(ms / 1_000)) * 1_000_000_000);
}
