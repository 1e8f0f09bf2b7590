import { Alert, Box, List, Progress, Stack, Table, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { Mono } from '../../components/mono.tsx';
import { formatCount, plural } from '../../lib/format.ts';
import classes from './bulk.module.css';
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
        <Notice title="This export is cut off">
          Its last line is missing. What is there can be imported.
        </Notice>
      )}
      {faults > 0 && (
        <Notice title={`${plural(faults, 'line')} cannot be imported`}>
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
        <Box className={classes.lines} tabIndex={0} role="region" aria-label="The first values of the file">
          <Table verticalSpacing={4} fz="sm">
            <Table.Thead>
              <Table.Tr>
                <Table.Th ta="right">Line</Table.Th>
                <Table.Th>Key</Table.Th>
                <Table.Th>Value</Table.Th>
                <Table.Th>Expires</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {firstRecords.map(({ line, record: { key, value, expires_at } }) => (
                <Table.Tr key={line}>
                  <Table.Td ta="right" c="dimmed" className="num">
                    {formatCount(line)}
                  </Table.Td>
                  <Table.Td className="mono">{shorten(key)}</Table.Td>
                  <Table.Td className="mono">
                    {shorten(typeof value === 'string' ? value : JSON.stringify(value))}
                  </Table.Td>
                  <Table.Td>{expires_at === undefined ? '' : new Date(expires_at).toLocaleString()}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Box>
      )}
    </Stack>
  );
}

function Notice({ title, children }: { title: string; children: React.ReactNode }) {
  return (
    <Alert
      color="orange"
      variant="light"
      py={8}
      title={title}
      icon={<IconAlertTriangle size={18} aria-hidden />}
    >
      {children}
    </Alert>
  );
}

function shorten(text: string): string {
  return text.length > CUT ? `${text.slice(0, CUT)}…` : text;
}
