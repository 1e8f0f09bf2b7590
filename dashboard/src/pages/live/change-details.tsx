import { Box, CloseButton, Group, Stack, Text } from '@mantine/core';
import { type ReactNode, useMemo } from 'react';
import { Bytes, Countdown, When } from '../../components/amounts.tsx';
import { beginning, CodeBlock } from '../../components/code-block.tsx';
import { CopyButton } from '../../components/copy-button.tsx';
import { JsonTree } from '../../components/json-tree.tsx';
import { Mono } from '../../components/mono.tsx';
import { Muted } from '../../components/muted.tsx';
import { WrittenBy } from '../../components/written-by.tsx';
import { formatCount } from '../../lib/format.ts';
import { parseOrdered } from '../../lib/ordered-json.ts';
import { visibleText } from '../../lib/visible-text.ts';
import { Link } from '../../router/link.tsx';
import { pathTo, withQuery } from '../../router/location.ts';
import type { Row } from './feed.ts';
import { OPERATIONS, OperationBadge } from './operation.tsx';

/** One change with the whole of its value. It stays while newer ones come, until it is closed. */
export function ChangeDetails({ row, onClose }: { row: Row; onClose(): void }) {
  const { bucket, operation, key, revision, value, created_at, expires_at, encoding, by } = row;
  return (
    <Box component="section" className="pane" aria-label={`Revision ${revision} of ${visibleText(key)}`}>
      <Group justify="space-between" wrap="nowrap" mb="xs">
        <Group gap="xs">
          <OperationBadge operation={operation} />
          <Muted size="xs">{OPERATIONS[operation].meaning}</Muted>
        </Group>
        <CloseButton size="sm" aria-label="Close the details" onClick={onClose} />
      </Group>
      <Stack gap={6}>
        <Line name="Key">
          <Link to={pathTo('buckets', bucket, 'keys', key)} size="sm">
            <Mono>{key}</Mono>
          </Link>{' '}
          <CopyButton text={key} label="Copy key" size="xs" />
        </Line>
        <Line name="Revision">
          {operation === 'put' ? (
            <Link to={withQuery(pathTo('buckets', bucket, 'keys', key), { revision })} size="sm">
              {formatCount(revision)}
            </Link>
          ) : (
            formatCount(revision)
          )}
        </Line>
        <Line name="Written">
          <When at={created_at} />
        </Line>
        {by && (
          <Line name="By">
            <WrittenBy by={by} />
          </Line>
        )}
        {expires_at !== undefined && (
          <Line name="Expires in">
            <Countdown until={expires_at} />
          </Line>
        )}
        {value !== undefined && (
          <Line name="Value">
            <Bytes bytes={new Blob([value]).size} /> {encoding ? 'as base64' : ''}{' '}
            <CopyButton text={value} label="Copy value" size="xs" />
          </Line>
        )}
      </Stack>
      <Box mt="sm">
        <Value row={row} />
      </Box>
    </Box>
  );
}

function Value({ row: { value, encoding, forgotten } }: { row: Row }) {
  const json = useMemo(() => (encoding ? undefined : readJson(value)), [value, encoding]);
  if (forgotten)
    return (
      <Muted>Many large values came after this one, so it is not kept here. Its revision leads to it.</Muted>
    );
  if (value === undefined) return null;
  if (json !== undefined) return <JsonTree value={json} label="Value" height="min(52vh, 520px)" />;
  return (
    <CodeBlock label="Value" className="wrap" mah="52vh">
      {beginning(value)}
    </CodeBlock>
  );
}

function Line({ name, children }: { name: string; children: ReactNode }) {
  return (
    <Group gap="xs" wrap="nowrap" align="baseline">
      <Muted size="xs" w={72} style={{ flexShrink: 0 }}>
        {name}
      </Muted>
      <Text size="sm" component="div" className="wrap" miw={0}>
        {children}
      </Text>
    </Group>
  );
}

/** An object or a list; anything else is better shown as the text it is. */
function readJson(text: string | undefined): unknown {
  if (text === undefined || !/^\s*[[{]/.test(text)) return undefined;
  try {
    return parseOrdered(text);
  } catch {
    return undefined;
  }
}
