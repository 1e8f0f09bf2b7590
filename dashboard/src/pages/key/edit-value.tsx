import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { type KeyboardEvent, useState } from 'react';
import type { BucketInfo } from '../../../../contract/types.gen.ts';
import { codeOf, toApiError } from '../../api/api-error.ts';
import { invoke } from '../../api/invoke.ts';
import { refreshFunctions } from '../../api/use-invoke.ts';
import { CodeEditor } from '../../components/code-editor.tsx';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { Muted } from '../../components/muted.tsx';
import { SmallButton } from '../../components/small-button.tsx';
import { useKeptDraft } from '../../hooks/use-draft.ts';
import { useUnsaved } from '../../hooks/use-unsaved.ts';
import { isJson } from '../../lib/json-text.ts';
import { notify } from '../../lib/notify.ts';
import { visibleText } from '../../lib/visible-text.ts';
import { leave } from '../../router/leaving.ts';
import { Conflict } from './conflict.tsx';
import { editableText } from './editable-text.ts';
import { conflictsIn } from './merge3.ts';
import type { StoredItem } from './stored-item.ts';
import { readItem } from './stored-item.ts';
import { chosenTtl, firstChoice, TtlField } from './ttl-choice.tsx';

/** What {@link EditValue} is given. */
export interface EditValueProps {
  /** As it was when editing began. */
  item: StoredItem;
  /** What a draft held; the item is then as it was when the draft was begun. */
  drafted: string | undefined;
  /** Name of the API key, under which drafts are kept. */
  owner: string;
  /** Revision that is current by now. */
  currentRevision: number | undefined;
  info: BucketInfo;
  onClose(): void;
}

/** What another has made of the item meanwhile; undefined: it is gone. */
type Theirs = { item: StoredItem | undefined };

/**
 * Edits a value on top of the revision that was loaded. Where another has written meanwhile nothing is overwritten: both
 * changes are shown and merged.
 */
export function EditValue({ item, drafted, owner, currentRevision, info, onClose }: EditValueProps) {
  const [base, setBase] = useState(item);
  const kind = editableText(base);
  const [text, setText] = useState(() => drafted ?? kind.shown(item.value));
  const [choice, setChoice] = useState(() => firstChoice(item, info));
  const [theirs, setTheirs] = useState<Theirs>();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const changed = text !== kind.shown(base.value);
  const left = conflictsIn(text);
  const brokenJson = kind.language === 'json' && !isJson(text);
  const place = { owner, bucket: base.bucket, key: base.key };
  const { value: before, encoding, revision } = base;
  const forget = useKeptDraft(place, changed ? { text, base: before, encoding, revision } : undefined);
  useUnsaved(changed ? `your changes of ${visibleText(base.key)}` : undefined, { drafted: true });
  const late = currentRevision !== undefined && currentRevision > base.revision;

  const unsavable = left > 0 || (!changed && base === item) || (choice.mode === 'other' && !choice.ttl);

  async function save(on: StoredItem, expected: number): Promise<void> {
    setBusy(true);
    setError(undefined);
    const ttl = chosenTtl(choice, on);
    try {
      await invoke('kv-key-put', {
        bucket: base.bucket,
        key: base.key,
        value: kind.stored(text),
        ...(kind.binary && { encoding: 'base64' as const }),
        ...(ttl !== undefined && { ttl }),
        ...(on.content_type && { content_type: on.content_type }),
        ...(on.metadata && { metadata: on.metadata }),
        expected_revision: expected,
      });
      notify('Saved.');
      forget();
      await refreshFunctions('kv-key-get', 'kv-key-history', 'kv-key-list');
      onClose();
    } catch (thrown) {
      if (codeOf(thrown) === 'REVISION_CONFLICT') await compare();
      else setError(toApiError(thrown));
    } finally {
      setBusy(false);
    }
  }

  function discard(): void {
    forget();
    onClose();
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (event.key !== 's' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    if (!unsavable && !busy) void save(base, base.revision);
  }

  /** Looks at what the other has written. */
  async function compare(): Promise<void> {
    try {
      setTheirs({ item: await readItem(base.bucket, base.key) });
    } catch (thrown) {
      setError(toApiError(thrown));
    }
  }

  if (theirs?.item) {
    return (
      <Conflict
        base={base}
        theirs={theirs.item}
        mine={kind.stored(text)}
        onDiscard={discard}
        onMerged={(merged, next) => {
          // From now on theirs is what we change, and what a third one changes meanwhile is noticed again.
          setTheirs(undefined);
          setBase(next);
          setText(editableText(next).shown(merged));
        }}
      />
    );
  }
  return (
    <Stack gap="sm" onKeyDown={onKeyDown}>
      {theirs && (
        <Alert color="orange" title="Deleted by somebody else meanwhile">
          <Group gap="xs" mt="xs">
            <SmallButton disabled={unsavable} onClick={() => save(base, 0)}>
              Write it again
            </SmallButton>
            <Button size="compact-sm" variant="subtle" onClick={discard}>
              Discard my changes
            </Button>
          </Group>
        </Alert>
      )}
      {late && !theirs && (
        <Alert color="orange" title={`Somebody has written revision ${currentRevision} meanwhile`}>
          <SmallButton onClick={compare}>Compare and merge</SmallButton>
        </Alert>
      )}
      {kind.note && <Muted size="xs">{kind.note}</Muted>}
      <CodeEditor
        label="New value"
        language={kind.language}
        value={text}
        onChange={setText}
        height="max(220px, calc(100dvh - 470px))"
      />
      <Faults left={left} brokenJson={brokenJson} />
      <TtlField item={base} info={info} choice={choice} onChange={setChoice} />
      {error !== undefined && <ErrorNotice error={error} />}
      <Group gap="xs" justify="space-between">
        <Muted size="xs" className="num wrap">
          Saved only on top of revision {base.revision}.
        </Muted>
        <Group gap="xs">
          <Button variant="default" onClick={() => leave(onClose)}>
            Cancel
          </Button>
          <Button loading={busy} disabled={unsavable} onClick={() => save(base, base.revision)}>
            Save
          </Button>
        </Group>
      </Group>
    </Stack>
  );
}

function Faults({ left, brokenJson }: { left: number; brokenJson: boolean }) {
  if (left > 0) {
    return (
      <Text size="sm" c="var(--kv-warn)" role="status">
        {left} marked {left === 1 ? 'place is' : 'places are'} to be decided.
      </Text>
    );
  }
  if (!brokenJson) return null;
  return (
    <Text size="sm" c="var(--kv-warn)" role="status">
      It was JSON and is none now; it would be saved as text.
    </Text>
  );
}
