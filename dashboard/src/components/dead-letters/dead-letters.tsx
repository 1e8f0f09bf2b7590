import { Group, Stack } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck } from '@tabler/icons-react';
import { type ReactNode, useMemo, useState } from 'react';
import { usePermission } from '../../api/access.ts';
import { invoke } from '../../api/invoke.ts';
import { useOlder } from '../../hooks/use-older.ts';
import { plural } from '../../lib/format.ts';
import type { Column } from '../data-table/column.ts';
import { DataTable } from '../data-table.tsx';
import { EmptyState } from '../empty-state.tsx';
import { ErrorNotice } from '../error-notice.tsx';
import { Guarded } from '../guarded.tsx';
import { Listing } from '../listing.tsx';
import { Notice } from '../notice.tsx';
import { TextBox } from '../text-box.tsx';
import { WorkProgress } from '../work-progress.tsx';
import { deadColumns } from './columns.tsx';
import { DropDialog } from './drop-dialog.tsx';
import type { DeadPart, DeadParts, DeadScope } from './letter.ts';
import { scopeOf, scopeOfOne, WORDS } from './letter.ts';
import { useAllLetters } from './use-all-letters.ts';

/** What {@link DeadLetters} is given. */
export interface DeadLettersProps<Part extends DeadPart> {
  part: Part;
  /** That an API key has to have the right to. */
  bucket: string;
  /** Sent with every call. */
  input?: { bucket?: string };
  /** Says where a letter was to go. */
  where: Column<DeadParts[Part]['letter']>;
  /** What came of a replay, in a sentence. */
  replayed(answer: DeadParts[Part]['replayed']): string;
  /** In what order they come. */
  order: string;
  /** What is to be done before they end. */
  advice: string;
  /** What is kept here, where there is nothing. */
  children: ReactNode;
}

const DAY_MS = 86_400_000;
/** Asked again so often while little of it is shown. */
const REFRESH_MS = 4_000;

/** Events that could not be stored or handled: why, until when they are kept, and what can be done. */
export function DeadLetters<Part extends DeadPart>(props: DeadLettersProps<Part>) {
  type Letter = DeadParts[Part]['letter'];
  const { part, bucket, input = {}, where, replayed, order, advice, children } = props;
  const [owner, setOwner] = useState('');
  const [dropping, setDropping] = useState<Letter | 'all'>();
  const { bucket: within } = input;
  const of = useMemo<DeadScope>(
    () => ({ ...(within !== undefined && { bucket: within }), ...scopeOf(part, owner) }),
    [within, part, owner],
  );
  const words = WORDS[part];
  // What only looks like a queue's is listed with the others: those of one queue are meant, or one of them.
  const isMeant = part !== 'kv-queue' || owner !== '';
  const { reason: refused } = usePermission(`${part}-dead-list`, bucket);
  const found = useOlder<Letter>(
    [`${part}-dead-list`, of],
    async (cursor, signal) => {
      const page = { ...of, ...(typeof cursor === 'string' && { cursor }) };
      const { letters, cursor: next } = await invoke(`${part}-dead-list` as 'transform-dead-list', page, {
        signal,
      });
      return { rows: letters as Letter[], next };
    },
    { refused, everyMs: REFRESH_MS },
  );
  const told = (answer: object) => replayed(answer as DeadParts[Part]['replayed']);
  const replay = useAllLetters(part, `${part}-dead-replay` as 'transform-dead-replay', told);
  const { mutate } = replay;
  const columns = useMemo(() => {
    const onReplay = (letter: Letter) => mutate(scopeOfOne(of, letter));
    return deadColumns<Letter>(where, { part, onReplay, onDrop: setDropping });
  }, [where, part, of, mutate]);
  const letters = found.rows ?? [];
  const ending = letters.filter(({ expires_at }) => endsSoon(expires_at));
  return (
    <Stack>
      <Group justify="space-between" align="end">
        <TextBox
          label={words.owner}
          placeholder="all"
          size="xs"
          value={owner}
          onChange={text => setOwner(text.trim())}
        />
        {letters.length > 0 && isMeant && (
          <Group gap="xs">
            <Guarded
              calls={`${part}-dead-replay`}
              bucket={bucket}
              size="compact-sm"
              loading={replay.isPending}
              onClick={() => replay.mutate(of)}
            >
              Replay all
            </Guarded>
            <Guarded
              calls={`${part}-dead-drop`}
              bucket={bucket}
              size="compact-sm"
              variant="default"
              onClick={() => setDropping('all')}
            >
              Drop all
            </Guarded>
          </Group>
        )}
      </Group>
      {replay.soFar && (
        <WorkProgress
          work="the replay"
          words={`So far: ${told(replay.soFar)}`}
          share={undefined}
          onCancel={replay.stop}
        />
      )}
      {replay.error && <ErrorNotice error={replay.error} />}
      {ending.length > 0 && (
        <Notice icon={IconAlertTriangle} mb={0}>
          {plural(ending.length, words.came)} of those listed end within a day, and are gone then: {advice}
        </Notice>
      )}
      <div>
        <Listing
          found={found}
          what={['dead letter', 'dead letters']}
          order={order}
          more="Show more dead letters"
          empty={
            <EmptyState icon={IconCircleCheck} title="No dead letters">
              {children}
            </EmptyState>
          }
        >
          <DataTable label="Dead letters" rows={letters} columns={columns} rowId={({ key }) => key} />
        </Listing>
      </div>
      {dropping && (
        <DropDialog part={part} letter={dropping} of={of} onClose={() => setDropping(undefined)} />
      )}
    </Stack>
  );
}

function endsSoon(expiresAt: string | undefined): boolean {
  return expiresAt !== undefined && Date.parse(expiresAt) - Date.now() < DAY_MS;
}
