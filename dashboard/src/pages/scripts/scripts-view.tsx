import { Button, Code, Text } from '@mantine/core';
import { IconCode, IconPlus, IconSearchOff } from '@tabler/icons-react';
import type { OutputOf } from '../../api/invoke.ts';
import { refreshFunctions, useInvoke } from '../../api/use-invoke.ts';
import { countColumn, whenColumn } from '../../components/columns.tsx';
import type { Column } from '../../components/data-table/column.ts';
import { DataTable } from '../../components/data-table.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { QueryState } from '../../components/query-state.tsx';
import { StoredName } from '../../components/stored-name.tsx';
import { TryIt } from '../../components/try-it.tsx';
import { follow, Link } from '../../router/link.tsx';
import { pathTo, useQueryState } from '../../router/location.ts';
import { EXAMPLE_SCRIPTS } from '../sessions/examples.ts';
import { SectionTabs } from '../sessions/section-tabs.tsx';

type Script = OutputOf<'transform-script-list'>['scripts'][number];

/** Scripts that are called by a name. */
export default function ScriptsView() {
  const [query, changeQuery] = useQueryState();
  const search = query.get('q') ?? '';
  const asked = useInvoke('transform-script-list', {});
  const { data } = asked;
  const found = data?.scripts.filter(script => mentions(script, search)) ?? [];
  return (
    <>
      <PageHeader
        title="Sessions"
        subtitle="Scripts that transform runs by their name; every change is a version."
        actions={
          <Button
            component="a"
            href={pathTo('sessions', 'new-script')}
            onClick={follow}
            leftSection={<IconPlus size={16} aria-hidden />}
          >
            New script
          </Button>
        }
        search={{ label: 'Search scripts', value: search, onChange: q => changeQuery({ q }) }}
      />
      <SectionTabs section="scripts">
        <QueryState query={asked} what="scripts" title="The scripts cannot be listed" />
        {found.length > 0 && (
          <DataTable
            label="Stored scripts"
            rows={found}
            columns={columns}
            rowId={({ script_id }) => script_id}
            sort={{ id: 'name' }}
          />
        )}
        {data && data.total > 0 && found.length === 0 && (
          <EmptyState icon={IconSearchOff} title="No script fits">
            No name or description contains “{search}”.
          </EmptyState>
        )}
        {data?.total === 0 && (
          <EmptyState
            icon={IconCode}
            title="No stored scripts yet"
            actions={
              <TryIt
                calls={EXAMPLE_SCRIPTS}
                done="The script sessions is stored, in two versions."
                onDone={() => void refreshFunctions('transform-script-list')}
              />
            }
          >
            <Code>transform-script-put</Code> stores a script under a name, and checks its syntax first;
            transform then takes its <Code>script_id</Code>.
          </EmptyState>
        )}
      </SectionTabs>
    </>
  );
}

const columns: readonly Column<Script>[] = [
  {
    id: 'name',
    header: 'Script',
    width: '28%',
    sortBy: ({ script_id }) => script_id,
    cell: ({ script_id }) => (
      <Link to={pathTo('sessions', 'scripts', script_id)} className="mono wrap" fw={600} size="sm">
        <StoredName name={script_id} />
      </Link>
    ),
  },
  {
    id: 'description',
    header: 'Description',
    cell: ({ description = '' }) => (
      <Text size="sm" className="wrap" lineClamp={2}>
        {description}
      </Text>
    ),
  },
  countColumn('version', 'Version', ({ version }) => version),
  whenColumn('stored', 'Stored', ({ created_at }) => created_at),
];

function mentions({ script_id, description = '' }: Script, search: string): boolean {
  return `${script_id}\n${description}`.toLowerCase().includes(search.toLowerCase());
}
