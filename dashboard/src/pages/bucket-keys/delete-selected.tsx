import { Alert, Checkbox, Code, List, Stack } from '@mantine/core';
import { useState } from 'react';
import type { ApiError } from '../../api/api-error.ts';
import { codeOf } from '../../api/api-error.ts';
import { invokeBatch } from '../../api/invoke.ts';
import { ConfirmByName } from '../../components/confirm-by-name.tsx';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { Muted } from '../../components/muted.tsx';
import { StoredName } from '../../components/stored-name.tsx';
import { plural } from '../../lib/format.ts';
import { notify } from '../../lib/notify.ts';

/** What {@link DeleteSelected} is given. */
export interface DeleteSelectedProps {
  bucket: string;
  /** Keys with the revision they were seen at. */
  keys: ReadonlyMap<string, number>;
  /** Keys that are gone now. */
  onDone(gone: string[]): void;
  onClose(): void;
}

/** From so many keys on a name has to be typed. */
const MANY = 25;
const BATCH = 500;
const SHOWN = 8;

interface Outcome {
  gone: string[];
  changed: string[];
  error: ApiError | undefined;
}

/** Deletes what is selected. A key that somebody has written since it was seen is kept, and said. */
export function DeleteSelected({ bucket, keys, onDone, onClose }: DeleteSelectedProps) {
  const [purge, setPurge] = useState(false);
  const [busy, setBusy] = useState(false);
  const [outcome, setOutcome] = useState<Outcome>();
  const names = [...keys.keys()];

  async function remove(which: readonly string[], checked: boolean): Promise<void> {
    setBusy(true);
    const result = await removeAll(bucket, which, { purge, revisions: checked ? keys : undefined });
    setBusy(false);
    onDone(result.gone);
    if (result.gone.length > 0)
      notify(`${plural(result.gone.length, 'key')} ${purge ? 'purged' : 'deleted'}.`);
    if (result.changed.length === 0 && !result.error) onClose();
    else setOutcome(result);
  }

  if (outcome) {
    return (
      <ConfirmDialog
        title="Not all of them were deleted"
        confirm="Delete them all the same"
        cancel="Close"
        danger
        focus="cancel"
        busy={busy}
        disabled={outcome.changed.length === 0}
        error={outcome.error}
        onConfirm={() => remove(outcome.changed, false)}
        onClose={onClose}
      >
        {outcome.changed.length > 0 && (
          <Alert color="orange" title={`${plural(outcome.changed.length, 'key')} changed since you saw them`}>
            Somebody has written to them meanwhile, so they were kept.
            <Names names={outcome.changed} />
          </Alert>
        )}
      </ConfirmDialog>
    );
  }
  const title = `Delete ${plural(names.length, 'key')}`;
  const body = (
    <Stack gap="xs">
      <Names names={names} />
      <Checkbox
        label="Purge: remove their history too"
        description="Without it, older revisions stay as far as the bucket keeps history, and can be brought back."
        checked={purge}
        onChange={event => setPurge(event.currentTarget.checked)}
      />
    </Stack>
  );
  if (names.length >= MANY) {
    return (
      <ConfirmByName
        name={bucket}
        title={title}
        confirm={title}
        busy={busy}
        onConfirm={() => remove(names, true)}
        onClose={onClose}
      >
        {body}
      </ConfirmByName>
    );
  }
  return (
    <ConfirmDialog
      title={title}
      confirm={title}
      danger
      busy={busy}
      onConfirm={() => remove(names, true)}
      onClose={onClose}
    >
      {body}
    </ConfirmDialog>
  );
}

function Names({ names }: { names: readonly string[] }) {
  return (
    <>
      <List size="sm" my="xs" spacing={2}>
        {names.slice(0, SHOWN).map(name => (
          <List.Item key={name}>
            <Code className="wrap">
              <StoredName name={name} />
            </Code>
          </List.Item>
        ))}
      </List>
      {names.length > SHOWN && <Muted>and {plural(names.length - SHOWN, 'other key')}</Muted>}
    </>
  );
}

async function removeAll(
  bucket: string,
  keys: readonly string[],
  { purge, revisions }: { purge: boolean; revisions: ReadonlyMap<string, number> | undefined },
): Promise<Outcome> {
  const outcome: Outcome = { gone: [], changed: [], error: undefined };
  for (let start = 0; start < keys.length && !outcome.error; start += BATCH) {
    const some = keys.slice(start, start + BATCH);
    // A delete is the one of both that can be refused where the key has changed; the purge of what it left follows.
    await step(some, key => ({ bucket, key, ...(revisions && { expected_revision: revisions.get(key) }) }));
  }
  return outcome;

  async function step(some: readonly string[], input: (key: string) => object): Promise<void> {
    try {
      const deleted = await invokeBatch(some.map(key => ({ function: 'kv-key-delete', input: input(key) })));
      const gone: string[] = [];
      for (const [index, answer] of deleted.entries()) {
        const key = some[index] ?? '';
        if (!('error' in answer)) gone.push(key);
        else if (codeOf(answer.error) === 'REVISION_CONFLICT') outcome.changed.push(key);
        else outcome.error = answer.error;
      }
      outcome.gone.push(...gone);
      if (!purge) return;
      const purged = await invokeBatch(
        gone.map(key => ({ function: 'kv-key-purge', input: { bucket, key } })),
      );
      for (const answer of purged) if ('error' in answer) outcome.error = answer.error;
    } catch (error) {
      outcome.error = error as ApiError;
    }
  }
}
