import { Badge, Group, Radio, SegmentedControl, Skeleton, Stack, Table, Text } from '@mantine/core';
import { useState } from 'react';
import { SCRIPTS_BUCKET } from '../../../../contract/own-buckets.ts';
import { useInvoke } from '../../api/use-invoke.ts';
import { When } from '../../components/amounts.tsx';
import { CodeEditor, DiffEditor } from '../../components/code-editor.tsx';
import { CopyButton } from '../../components/copy-button.tsx';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { StoredName } from '../../components/stored-name.tsx';
import { useKeys } from '../../hooks/use-keys.ts';
import { formatCount, plural } from '../../lib/format.ts';
import { navigate, pathTo, useQueryState } from '../../router/location.ts';
import type { PageProps } from '../page-definition.ts';
import { RunScript } from './run-script.tsx';
import { readVersions, type ScriptVersion } from './script-versions.ts';

/** One stored script: its versions, what changed between them, and a run on an event. */
export default function ScriptView({ params: { script = '' } }: PageProps) {
  const [query, changeQuery] = useQueryState();
  const { data, error, refetch } = useInvoke('kv-key-history', { bucket: SCRIPTS_BUCKET, key: script });
  const versions = readVersions(data?.items ?? []);
  const asked = Number(query.get('version')) || undefined;
  const shown = versions.find(({ version }) => version === asked) ?? versions[0];
  const [against, setAgainst] = useState<number>();
  const older = versions.find(({ version }) => version === against) ?? before(versions, shown);
  const compare = query.get('show') === 'changes';
  useKeys({ u: () => navigate(pathTo('sessions', 'scripts')) });
  return (
    <>
      <PageHeader
        title={<StoredName name={script} className="mono wrap" />}
        subtitle={shown?.description}
        crumbs={[
          { label: 'Sessions', to: pathTo('sessions') },
          { label: 'Stored scripts', to: pathTo('sessions', 'scripts') },
        ]}
      />
      {error && !data && <ErrorNotice error={error} title="The script cannot be read" onRetry={refetch} />}
      {!data && !error && <Skeleton role="img" h={300} aria-label="Loading the script" />}
      {shown && (
        <Stack gap="lg">
          <Versions
            versions={versions}
            shown={shown}
            older={compare ? older : undefined}
            onShow={version => changeQuery({ version: String(version) })}
            onCompare={setAgainst}
          />
          <section aria-label={`Version ${shown.version}`}>
            <Group justify="space-between" mb={6}>
              <SegmentedControl
                size="xs"
                aria-label="What to show"
                value={compare ? 'changes' : 'script'}
                onChange={show => changeQuery({ show: show === 'changes' ? show : undefined })}
                data={[
                  { value: 'script', label: 'Script' },
                  { value: 'changes', label: 'Changes', disabled: !older },
                ]}
              />
              <CopyButton text={shown.script} label="Copy the script" />
            </Group>
            {compare && older ? (
              <DiffEditor
                left={older.script}
                right={shown.script}
                leftLabel={`Version ${older.version}`}
                rightLabel={`Version ${shown.version}`}
              />
            ) : (
              <CodeEditor value={shown.script} label={`Script, version ${shown.version}`} height={260} />
            )}
          </section>
          <RunScript key={script} script={script} version={shown.version} />
        </Stack>
      )}
    </>
  );
}

function before(versions: readonly ScriptVersion[], shown: ScriptVersion | undefined) {
  return shown && (versions[versions.indexOf(shown) + 1] ?? versions.find(one => one !== shown));
}

interface VersionsProps {
  versions: readonly ScriptVersion[];
  shown: ScriptVersion;
  older: ScriptVersion | undefined;
  onShow(version: number): void;
  onCompare(version: number): void;
}

function Versions({ versions, shown, older, onShow, onCompare }: VersionsProps) {
  return (
    <Table.ScrollContainer
      minWidth={480}
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
            <Table.Th w={140}>Version</Table.Th>
            <Table.Th>Description</Table.Th>
            <Table.Th ta="right">Stored</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {versions.map(one => (
            <Table.Tr key={one.version}>
              <Table.Td>
                <Radio
                  size="xs"
                  name="shown"
                  aria-label={`Show version ${one.version}`}
                  checked={one === shown}
                  onChange={() => onShow(one.version)}
                />
              </Table.Td>
              {older && (
                <Table.Td>
                  <Radio
                    size="xs"
                    name="older"
                    aria-label={`Compare with version ${one.version}`}
                    checked={one === older}
                    onChange={() => onCompare(one.version)}
                  />
                </Table.Td>
              )}
              <Table.Td className="num">
                <Group gap={6}>
                  {formatCount(one.version)}
                  {one === versions[0] && (
                    <Badge size="xs" variant="light" tt="none">
                      current
                    </Badge>
                  )}
                </Group>
              </Table.Td>
              <Table.Td>
                <Text size="sm" className="wrap" lineClamp={1}>
                  {one.description}
                </Text>
              </Table.Td>
              <Table.Td ta="right">
                <When at={one.at} fz="sm" />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
