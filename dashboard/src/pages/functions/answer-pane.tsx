import { Alert, Box, Code, Group, SegmentedControl, Text } from '@mantine/core';
import { useMemo, useState } from 'react';
import { CopyButton } from '../../components/copy-button.tsx';
import { JsonTree } from '../../components/json-tree.tsx';
import { writeVisible } from '../../lib/exact-json.ts';
import { formatCount } from '../../lib/format.ts';
import { visibleText } from '../../lib/visible-text.ts';
import classes from './functions.module.css';
import type { Run } from './runs.ts';
import { StatusBadge } from './status-badge.tsx';

/** More text than this is not put into one element; the tree shows all of it. */
const LONGEST = 200_000;

/** The envelope of a call: status, time, invocation id, and what it holds as a tree or as text. */
export function AnswerPane({ run, stale }: { run: Run | undefined; stale: boolean }) {
  const [mode, setMode] = useState('tree');
  const text = useMemo(() => (run ? writeVisible(run.envelope, 2) : ''), [run]);
  return (
    <Box
      component="section"
      aria-label="Answer"
      aria-live="polite"
      className={classes.pane}
      style={{ opacity: stale ? 0.6 : 1 }}
    >
      {run ? (
        <>
          <Group justify="space-between" mb="sm">
            <Group gap="sm">
              <StatusBadge status={run.status} />
              <Text size="sm" c="dimmed" className="num">
                {milliseconds(run.tookMs)}
              </Text>
            </Group>
            <Group gap={6}>
              <SegmentedControl
                size="xs"
                aria-label="Answer as"
                value={mode}
                onChange={setMode}
                data={[
                  { value: 'tree', label: 'Tree' },
                  { value: 'text', label: 'Text' },
                ]}
              />
              <CopyButton text={text} label="Copy the answer" />
            </Group>
          </Group>
          <Failure run={run} />
          {mode === 'tree' ? (
            <JsonTree value={run.envelope} label="Envelope" openDepth={3} height="min(56vh, 560px)" />
          ) : (
            <Code
              block
              tabIndex={0}
              aria-label="Envelope"
              className="wrap"
              mah="56vh"
              style={{ overflow: 'auto' }}
            >
              {text.length > LONGEST
                ? `${text.slice(0, LONGEST)}…\n(${formatCount(text.length)} characters; copy has all)`
                : text}
            </Code>
          )}
          {run.invocationId !== undefined && (
            <Group gap={4} mt={6}>
              <Text size="xs" c="dimmed" ff="monospace">
                {run.invocationId}
              </Text>
              <CopyButton text={run.invocationId} label="Copy the invocation id" size="xs" />
            </Group>
          )}
        </>
      ) : (
        <Text size="sm" c="dimmed" ta="center" py="xl">
          The answer shows here, whole, with its status and time.
        </Text>
      )}
    </Box>
  );
}

function Failure({ run: { code, envelope } }: { run: Run }) {
  if (code === undefined) return null;
  const { error } = envelope as { error: { message: string } };
  return (
    <Alert color="red" variant="light" mb="sm" py={8} title={<span className="mono">{code}</span>}>
      <span className="wrap">{visibleText(error.message)}</span>
    </Alert>
  );
}

function milliseconds(ms: number): string {
  return ms < 10 ? `${ms.toFixed(1)} ms` : `${formatCount(Math.round(ms))} ms`;
}
