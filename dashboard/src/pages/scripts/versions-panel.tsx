import { Group, Skeleton, Stack } from '@mantine/core';
import { useState } from 'react';
import { useInvoke } from '../../api/use-invoke.ts';
import { ScriptDiff, ScriptEditor } from '../../components/code-editor.tsx';
import { CopyButton } from '../../components/copy-button.tsx';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { Muted } from '../../components/muted.tsx';
import { QueryState } from '../../components/query-state.tsx';
import { Segments } from '../../components/segments.tsx';
import { useQueryState } from '../../router/location.ts';
import { ComparePanel } from './compare-panel.tsx';
import { RunScript } from './run-script.tsx';
import type { Bench } from './use-bench.ts';
import type { Version } from './version.ts';
import { VersionActions } from './version-actions.tsx';
import { VersionTable } from './version-table.tsx';

/** The versions of a script: one is shown, or what changed since another, and what both make of the same events. */
export function VersionsPanel({ id, bench }: { id: string; bench: Bench }) {
  const [query, changeQuery] = useQueryState();
  const asked = useInvoke('transform-script-versions', { script_id: id });
  const { data } = asked;
  const [against, setAgainst] = useState<number>();
  if (!data) return <QueryState query={asked} what="the versions" title="The versions cannot be listed" />;
  const { versions } = data;
  const wanted = Number(query.get('version')) || undefined;
  const shown = versions.find(({ version }) => version === wanted) ?? versions[0];
  if (!shown) return null;
  const older = versions.find(({ version }) => version === against) ?? before(versions, shown);
  const isCompared = query.get('show') === 'changes' && older !== undefined;
  return (
    <Stack gap="lg">
      <VersionTable
        versions={versions}
        shown={shown}
        older={older}
        onShow={({ version }) => changeQuery({ version: String(version) })}
        onCompare={({ version }) => setAgainst(version)}
      />
      <section aria-label={`Version ${shown.number}`}>
        <Group justify="space-between" mb={6}>
          <Segments
            label="What to show"
            value={isCompared ? 'changes' : 'versions'}
            onChange={show => changeQuery({ show })}
            of={{ versions: 'Script', changes: 'Changes' }}
            off={older ? [] : ['changes']}
          />
          <VersionActions id={id} version={shown} bench={bench} />
        </Group>
        <Source id={id} shown={shown} older={isCompared ? older : undefined} />
      </section>
      {older && <ComparePanel key={id} id={id} before={older} after={shown} bench={bench} />}
      <RunScript key={`run ${id}`} script={id} version={shown} />
    </Stack>
  );
}

function before(versions: readonly Version[], shown: Version): Version | undefined {
  return versions[versions.indexOf(shown) + 1] ?? versions.find(one => one !== shown);
}

function Source({ id, shown, older }: { id: string; shown: Version; older: Version | undefined }) {
  const right = useInvoke('transform-script-get', { script_id: id, release: String(shown.number) });
  const left = useInvoke(
    'transform-script-get',
    { script_id: id, release: String(older?.number ?? shown.number) },
    { enabled: older !== undefined },
  );
  const failed = right.error ?? (older && left.error);
  if (failed) return <ErrorNotice error={failed} title="The version cannot be read" />;
  if (!right.data || (older && !left.data))
    return <Skeleton role="img" h={260} aria-label="Loading the version" />;
  const { script, description, tests = [] } = right.data;
  return (
    <>
      <Group justify="space-between" mb={4}>
        <Muted className="wrap">
          {[description, tests.length > 0 && `${tests.length} tests`].filter(Boolean).join(' · ')}
        </Muted>
        <CopyButton text={script} label="Copy the script" />
      </Group>
      {older && left.data ? (
        <ScriptDiff
          left={left.data.script}
          right={script}
          leftLabel={`Version ${older.number}`}
          rightLabel={`Version ${shown.number}`}
        />
      ) : (
        <ScriptEditor value={script} label={`Script, version ${shown.number}`} height={260} />
      )}
    </>
  );
}
