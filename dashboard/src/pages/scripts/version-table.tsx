import { Group, Radio } from '@mantine/core';
import { whenColumn } from '../../components/columns.tsx';
import type { Column } from '../../components/data-table/column.ts';
import { DataTable } from '../../components/data-table.tsx';
import { Mark } from '../../components/mark.tsx';
import { formatCount } from '../../lib/format.ts';
import type { Version } from './version.ts';

/** What {@link VersionTable} is given. */
export interface VersionTableProps {
  versions: readonly Version[];
  shown: Version;
  /** What it is compared with. */
  older: Version | undefined;
  onShow(version: Version): void;
  onCompare(version: Version): void;
}

/** The versions of a script, the newest first: which one is shown, and which one it is compared with. */
export function VersionTable({ versions, shown, older, onShow, onCompare }: VersionTableProps) {
  const choice = (name: string, chosen: Version | undefined, choose: (version: Version) => void) => ({
    id: name,
    header: name,
    width: 120,
    cell: (one: Version) => (
      <Radio
        size="xs"
        name={name}
        aria-label={`${name} version ${one.number}`}
        checked={one === chosen}
        onChange={() => choose(one)}
      />
    ),
  });
  const columns: Column<Version>[] = [
    choice('Show', shown, onShow),
    ...(older ? [choice('Compare with', older, onCompare)] : []),
    { id: 'version', header: 'Version', width: 110, cell: one => <Numbered version={one} /> },
    { id: 'names', header: 'Names', cell: ({ names }) => <Names names={names} /> },
    { ...whenColumn('stored', 'Stored', ({ created_at }: Version) => created_at), align: 'right' },
  ];
  return (
    <DataTable
      label="Versions"
      rows={versions}
      columns={columns}
      rowId={({ number }) => String(number)}
      minWidth={440}
      maxHeight={240}
    />
  );
}

function Numbered({ version: { number, current } }: { version: Version }) {
  return (
    <Group gap={6} wrap="nowrap" className="num">
      {formatCount(number)}
      {current && <Names names={['current']} />}
    </Group>
  );
}

function Names({ names }: { names: readonly string[] }) {
  return (
    <Group gap={6}>
      {names.map(name => (
        <Mark key={name} size="xs">
          {name}
        </Mark>
      ))}
    </Group>
  );
}
