import { Button, Group, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { durationWords } from '../../../../contract/duration.ts';
import { CodeBlock } from '../../components/code-block.tsx';
import { DiffEditor } from '../../components/code-editor.tsx';
import { textColumn } from '../../components/columns.tsx';
import type { Column } from '../../components/data-table/column.ts';
import { DataTable } from '../../components/data-table.tsx';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { Mark } from '../../components/mark.tsx';
import { Muted } from '../../components/muted.tsx';
import { SmallButton } from '../../components/small-button.tsx';
import { plural } from '../../lib/format.ts';
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
          {tester.ran !== form.script && <Muted size="xs">The script was changed since.</Muted>}
          <Result bench={bench} result={result} />
        </>
      )}
      {!result && tester.error === undefined && (
        <Muted>
          What the script makes of the events comes here. It is a dry run: nothing is stored in $kv.
        </Muted>
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
            <Mark color={result.passed ? 'teal' : 'red'}>{result.passed ? 'Passed' : 'Failed'}</Mark>
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
        <CodeBlock label="Differences" className="wrap" mah={160}>
          {visibleLines(result.differences.join('\n'))}
        </CodeBlock>
      )}
      <Expected bench={bench} result={result} />
      {result.results.slice(0, most).map(one => (
        <EventResult key={one.index} tested={result} index={one.index} />
      ))}
      {result.results.length > most && (
        <SmallButton onClick={() => setMost(most + 10 * SHOWN)}>
          {`Show more of the ${plural(result.results.length, 'event')}`}
        </SmallButton>
      )}
      {result.writes.length > 0 && (
        <DataTable
          label="$kv writes"
          rows={result.writes}
          columns={WRITES}
          rowId={({ key }) => key}
          minWidth={240}
          maxHeight={220}
        />
      )}
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

type Write = Tested['writes'][number];

const WRITES: readonly Column<Write>[] = [
  textColumn('key', 'Key of $kv', ({ key }) => key),
  textColumn('value', 'Value', ({ value }) => (value === null ? 'deleted' : JSON.stringify(value))),
  { id: 'kept', header: 'Kept for', width: 110, cell: keptFor },
];

function keptFor({ value, ttl_ms }: Write): string {
  if (value === null) return '';
  return ttl_ms === undefined ? 'for good' : durationWords(ttl_ms * 1e6);
}

/** What was written last to each key. */
function heldAfter({ writes }: Tested): Record<string, unknown> {
  return Object.fromEntries(writes.map(({ key, value }) => [key, value]));
}
