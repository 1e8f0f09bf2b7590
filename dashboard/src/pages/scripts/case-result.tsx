import { Badge, Button, Code, Group, Stack, Table, Text } from '@mantine/core';
import { useState } from 'react';
import { durationWords } from '../../../../contract/duration.ts';
import { DiffEditor } from '../../components/code-editor.tsx';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { writeVisible } from '../../lib/exact-json.ts';
import { plural } from '../../lib/format.ts';
import { visibleText } from '../../lib/visible-text.ts';
import { readCase, written } from './case.ts';
import { EventResult } from './event-result.tsx';
import type { Bench } from './use-bench.ts';
import type { Tested } from './use-tester.ts';
import { visibleLines } from './visible-lines.ts';

/** Events that are shown until more are asked for. */
const SHOWN = 20;

/** What came of the events that are shown: each event's output, what `$kv` would hold, and what was expected otherwise. */
export function CaseResult({ bench, result }: { bench: Bench; result: Tested | undefined }) {
  const { tester, form } = bench;
  return (
    <Stack gap="sm" aria-live="polite" aria-label="Result" role="region">
      {tester.error !== undefined && <ErrorNotice error={tester.error} title="It was not run" />}
      {result && (
        <>
          {tester.ran !== form.script && (
            <Text size="xs" c="dimmed">
              The script was changed since.
            </Text>
          )}
          <Result bench={bench} result={result} />
        </>
      )}
      {!result && tester.error === undefined && (
        <Text size="sm" c="dimmed">
          What the script makes of the events comes here. It is a dry run: nothing is stored in $kv.
        </Text>
      )}
    </Stack>
  );
}

function Result({ bench, result }: { bench: Bench; result: Tested }) {
  const [most, setMost] = useState(SHOWN);
  const { shownCase, changeCase } = bench;
  const isJudged = shownCase.expect !== '' || shownCase.expect_kv !== '';
  const expect = () =>
    changeCase({
      ...shownCase,
      expect: written(result.events),
      expect_kv: result.writes.length > 0 ? written(heldAfter(result)) : '',
    });
  return (
    <>
      <Group gap="xs" justify="space-between">
        <Group gap="xs">
          {(isJudged || !result.passed) && (
            <Badge color={result.passed ? 'teal' : 'red'} variant="light" tt="none">
              {result.passed ? 'Passed' : 'Failed'}
            </Badge>
          )}
          <Text size="sm">{`${plural(result.events.length, 'event')} came out`}</Text>
        </Group>
        <Button size="compact-xs" variant="default" onClick={expect}>
          Expect this
        </Button>
      </Group>
      {(result.warnings ?? []).map(line => (
        <Text key={line} size="sm" c="var(--kv-warn)" className="wrap">
          {line}
        </Text>
      ))}
      {result.differences.length > 0 && (
        <Code block className="wrap" aria-label="Differences" tabIndex={0} mah={160}>
          {visibleLines(result.differences.join('\n'))}
        </Code>
      )}
      <Expected bench={bench} result={result} />
      {result.results.slice(0, most).map(one => (
        <EventResult key={one.index} tested={result} index={one.index} />
      ))}
      {result.results.length > most && (
        <Button variant="default" size="compact-sm" onClick={() => setMost(most + 10 * SHOWN)}>
          {`Show more of the ${plural(result.results.length, 'event')}`}
        </Button>
      )}
      {result.writes.length > 0 && <Writes writes={result.writes} />}
    </>
  );
}

/** What was expected beside what came, where that differs. */
function Expected({ bench: { shownCase }, result }: { bench: Bench; result: Tested }) {
  const read = readCase(shownCase);
  const expect = 'test' in read ? read.test.expect : undefined;
  if (!expect || !result.differences.some(line => line.startsWith('events'))) return null;
  return (
    <DiffEditor
      language="json"
      left={written(expect)}
      right={written(result.events)}
      leftLabel="Expected"
      rightLabel="Came"
      height={220}
    />
  );
}

function Writes({ writes }: { writes: Tested['writes'] }) {
  return (
    <Table.ScrollContainer
      minWidth={240}
      mah={220}
      type="native"
      tabIndex={0}
      role="region"
      aria-label="$kv writes"
    >
      <Table aria-label="What it would write to $kv" verticalSpacing={4} layout="fixed">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Key of $kv</Table.Th>
            <Table.Th>Value</Table.Th>
            <Table.Th w={110}>Kept for</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {writes.map(write => (
            <Table.Tr key={write.key}>
              <Table.Td className="mono wrap">{visibleText(write.key)}</Table.Td>
              <Table.Td className="mono wrap">
                {write.value === null ? 'deleted' : writeVisible(write.value)}
              </Table.Td>
              <Table.Td className="num">{keptFor(write)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function keptFor({ value, ttl_ms }: Tested['writes'][number]): string {
  if (value === null) return '';
  return ttl_ms === undefined ? 'for good' : durationWords(ttl_ms * 1e6);
}

/** What was written last to each key. */
function heldAfter({ writes }: Tested): Record<string, unknown> {
  return Object.fromEntries(writes.map(({ key, value }) => [key, value]));
}
