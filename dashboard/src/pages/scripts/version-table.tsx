import { Badge, Group, Radio, Table } from '@mantine/core';
import { When } from '../../components/amounts.tsx';
import { formatCount, plural } from '../../lib/format.ts';
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
  return (
    <Table.ScrollContainer
      minWidth={440}
      mah={240}
      type="native"
      tabIndex={0}
      role="region"
      aria-label="Versions"
    >
      <Table aria-label={plural(versions.length, 'version')} verticalSpacing={6}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th w={70}>Show</Table.Th>
            {older && <Table.Th w={110}>Compare with</Table.Th>}
            <Table.Th w={110}>Version</Table.Th>
            <Table.Th>Names</Table.Th>
            <Table.Th ta="right">Stored</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {versions.map(one => (
            <Table.Tr key={one.number}>
              <Table.Td>
                <Radio
                  size="xs"
                  name="shown"
                  aria-label={`Show version ${one.number}`}
                  checked={one === shown}
                  onChange={() => onShow(one)}
                />
              </Table.Td>
              {older && (
                <Table.Td>
                  <Radio
                    size="xs"
                    name="older"
                    aria-label={`Compare with version ${one.number}`}
                    checked={one === older}
                    onChange={() => onCompare(one)}
                  />
                </Table.Td>
              )}
              <Table.Td className="num">
                <Group gap={6} wrap="nowrap">
                  {formatCount(one.number)}
                  {one.current && <Name>current</Name>}
                </Group>
              </Table.Td>
              <Table.Td>
                <Group gap={6}>
                  {one.names.map(name => (
                    <Name key={name}>{name}</Name>
                  ))}
                </Group>
              </Table.Td>
              <Table.Td ta="right">
                <When at={one.created_at} fz="sm" />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function Name({ children }: { children: string }) {
  return (
    <Badge size="xs" variant="light" tt="none">
      {children}
    </Badge>
  );
}
