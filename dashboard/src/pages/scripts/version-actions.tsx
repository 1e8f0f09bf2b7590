import { Group, Text } from '@mantine/core';
import { useState } from 'react';
import { useAction } from '../../api/use-invoke.ts';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { Guarded } from '../../components/guarded.tsx';
import { TextBox } from '../../components/text-box.tsx';
import type { Bench } from './use-bench.ts';
import type { Version } from './version.ts';

const READ_AGAIN = ['transform-script-versions', 'transform-script-get', 'transform-script-list'];
const NAME = /^(?!\d+$)[A-Za-z0-9_-]{1,64}$/;

/** What can be done with a version: it is given a name, or stored again as the newest. */
export function VersionActions({ id, version, bench }: { id: string; version: Version; bench: Bench }) {
  const [asks, setAsks] = useState<'name' | 'rollback'>();
  const close = () => setAsks(undefined);
  return (
    <Group gap="xs">
      <Guarded
        calls="transform-script-name"
        variant="default"
        size="compact-sm"
        onClick={() => setAsks('name')}
      >
        Name it
      </Guarded>
      <Guarded
        calls="transform-script-rollback"
        variant="default"
        size="compact-sm"
        blocked={version.current ? 'It is the current version.' : undefined}
        onClick={() => setAsks('rollback')}
      >
        Roll back to it
      </Guarded>
      {asks === 'name' && <NameDialog id={id} version={version} onClose={close} />}
      {asks === 'rollback' && (
        <RollbackDialog id={id} version={version} unsaved={bench.changed} onClose={close} />
      )}
    </Group>
  );
}

function NameDialog({ id, version, onClose }: { id: string; version: Version; onClose(): void }) {
  const [name, setName] = useState('');
  const act = useAction('transform-script-name', {
    done: `Version ${version.number} is called ${name}.`,
    refresh: READ_AGAIN,
  });
  return (
    <ConfirmDialog
      title={`Name version ${version.number}`}
      confirm="Name it"
      focus="field"
      busy={act.isPending}
      disabled={!NAME.test(name)}
      error={act.error ?? undefined}
      onClose={onClose}
      onConfirm={() =>
        act.mutate(
          { script_id: id, release: String(version.number), version_name: name },
          { onSuccess: onClose },
        )
      }
    >
      <TextBox
        label="Name"
        description="Letters, digits, - and _; not digits alone"
        placeholder="stable"
        value={name}
        onChange={setName}
        data-autofocus
      />
      <Text size="sm">
        Calls take it as script_release, imports as lib:{id}@{name || 'stable'}. It moves from the version
        that had it.
      </Text>
    </ConfirmDialog>
  );
}

function RollbackDialog(props: { id: string; version: Version; unsaved: boolean; onClose(): void }) {
  const { id, version, unsaved, onClose } = props;
  const act = useAction('transform-script-rollback', {
    done: ({ number, from }) => `Version ${from} is stored again, as version ${number}.`,
    refresh: READ_AGAIN,
  });
  return (
    <ConfirmDialog
      title={`Roll ${id} back to version ${version.number}?`}
      confirm="Roll back"
      busy={act.isPending}
      error={act.error ?? undefined}
      onClose={onClose}
      onConfirm={() => act.mutate({ script_id: id, release: String(version.number) }, { onSuccess: onClose })}
    >
      <Text size="sm">
        It is stored again, as the newest version: calls without a version run it from then on. What is pinned
        to a version stays with it.{unsaved && ' Your changes in the editor stay there.'}
      </Text>
    </ConfirmDialog>
  );
}
