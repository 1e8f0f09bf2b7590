import { Tabs } from '@mantine/core';
import { SCRIPTS_BUCKET } from '../../../../contract/own-buckets.ts';
import type { OutputOf } from '../../api/invoke.ts';
import { refreshFunctions, useInvoke } from '../../api/use-invoke.ts';
import { useWatch } from '../../api/use-watch.ts';
import { PageHeader } from '../../components/page-header.tsx';
import { QueryState } from '../../components/query-state.tsx';
import { StoredName } from '../../components/stored-name.tsx';
import { useKeys } from '../../hooks/use-keys.ts';
import { navigate, pathTo, useQueryState } from '../../router/location.ts';
import type { PageProps } from '../page-definition.ts';
import { formOfVersion } from './script-form.ts';
import { useBench } from './use-bench.ts';
import { VersionsPanel } from './versions-panel.tsx';
import { Workbench } from './workbench.tsx';

/** One stored script: its editor with the events it is tried on, and its versions. */
export default function ScriptView({ params: { script = '' } }: PageProps) {
  const versions = useInvoke('transform-script-versions', { script_id: script });
  const current = versions.data?.versions.find(one => one.current)?.number;
  const got = useInvoke(
    'transform-script-get',
    { script_id: script, release: String(current) },
    { enabled: current !== undefined, keepLast: true },
  );
  const { data } = got;
  // What another stores meanwhile is known before this page stores; `onSynced` is for what was stored before the watch began.
  const look = () => void refreshFunctions('transform-script-versions');
  useWatch({ bucket: SCRIPTS_BUCKET, filter: script, start: 'new' }, { onChanges: look, onSynced: look });
  useKeys({ u: () => navigate(pathTo('sessions', 'scripts')) });
  return (
    <>
      <PageHeader
        title={<StoredName name={script} className="mono wrap" />}
        subtitle={data?.description}
        crumbs={[
          { label: 'Sessions', to: pathTo('sessions') },
          { label: 'Stored scripts', to: pathTo('sessions', 'scripts') },
        ]}
      />
      <QueryState
        query={{ data, error: versions.error ?? got.error, refetch: versions.refetch }}
        what="the script"
        title="The script cannot be read"
      />
      {data && <Loaded key={script} current={data} />}
    </>
  );
}

function Loaded({ current }: { current: OutputOf<'transform-script-get'> }) {
  const { script_id: id, number } = current;
  const [query, changeQuery] = useQueryState();
  const bench = useBench({ id, stored: formOfVersion(current), number, place: id });
  // Addresses name a version, or what is shown of it.
  const tab = query.has('show') || query.has('version') ? 'versions' : 'script';
  return (
    <Tabs
      value={tab}
      onChange={next =>
        changeQuery({ show: next === 'versions' ? 'versions' : undefined, version: undefined })
      }
    >
      <Tabs.List aria-label="The script and its versions" mb="md">
        <Tabs.Tab value="script">Script</Tabs.Tab>
        <Tabs.Tab value="versions">Versions</Tabs.Tab>
      </Tabs.List>
      <Tabs.Panel value="script">{tab === 'script' && <Workbench bench={bench} id={id} />}</Tabs.Panel>
      <Tabs.Panel value="versions">
        {tab === 'versions' && <VersionsPanel id={id} bench={bench} />}
      </Tabs.Panel>
    </Tabs>
  );
}
