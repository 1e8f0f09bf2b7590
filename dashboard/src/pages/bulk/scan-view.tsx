import { List, Progress, Stack, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { countColumn, textColumn } from '../../components/columns.tsx';
import type { Column } from '../../components/data-table/column.ts';
import { DataTable } from '../../components/data-table.tsx';
import { Mono } from '../../components/mono.tsx';
import { Notice } from '../../components/notice.tsx';
import { formatCount, plural } from '../../lib/format.ts';
import type { Scan } from './scan-file.ts';

const CUT = 160;
const FAULTS_SHOWN = 8;

/** What is in the file, before anything is sent. */
export function ScanView({ scan, size }: { scan: Scan; size: number }) {
  const { records, expired, timed, faults, firstFaults, firstRecords, header, cut, done } = scan;
  const facts = [
    `${plural(records, 'value')}${done ? '' : ' so far'}`,
    ...(timed > 0 ? [`${formatCount(timed)} with a time to live`] : []),
    ...(expired > 0 ? [`${formatCount(expired)} expired already, to be left out`] : []),
  ];
  return (
    <Stack gap="xs" role="group" aria-label="What is in the file">
      {!done && <Progress value={(scan.bytesRead / Math.max(1, size)) * 100} aria-label="Reading the file" />}
      <Text size="sm" role="status">
        {facts.join(', ')}.{' '}
        {header && (
          <>
            An export of <Mono>{header.bucket}</Mono>.
          </>
        )}
      </Text>
      {cut && (
        <Notice icon={IconAlertTriangle} mb={0} title="This export is cut off">
          Its last line is missing. What is there can be imported.
        </Notice>
      )}
      {faults > 0 && (
        <Notice icon={IconAlertTriangle} mb={0} title={`${plural(faults, 'line')} cannot be imported`}>
          <List size="sm">
            {firstFaults.slice(0, FAULTS_SHOWN).map(({ line, message, text }) => (
              <List.Item key={line} className="wrap">
                Line {formatCount(line)} {message}: <code>{shorten(text)}</code>
              </List.Item>
            ))}
          </List>
          {faults > FAULTS_SHOWN && `and ${plural(faults - FAULTS_SHOWN, 'more line')}`}
        </Notice>
      )}
      {firstRecords.length > 0 && (
        <DataTable
          label="The first values of the file"
          rows={firstRecords}
          columns={RECORDS}
          rowId={({ line }) => String(line)}
          minWidth={480}
          maxHeight={260}
        />
      )}
    </Stack>
  );
}

const RECORDS: readonly Column<Scan['firstRecords'][number]>[] = [
  countColumn('line', 'Line', ({ line }) => line),
  textColumn('key', 'Key', ({ record: { key } }) => shorten(key)),
  textColumn('value', 'Value', ({ record: { value } }) =>
    shorten(typeof value === 'string' ? value : JSON.stringify(value)),
  ),
  textColumn('expires', 'Expires', ({ record: { expires_at } }) =>
    expires_at === undefined ? '' : new Date(expires_at).toLocaleString(),
  ),
];

function shorten(text: string): string {
  return text.length > CUT ? `${text.slice(0, CUT)}…` : text;
}
