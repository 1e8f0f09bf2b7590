import { Alert, Box, Group } from '@mantine/core';
import { useMemo, useState } from 'react';
import { beginning, CodeBlock } from '../../components/code-block.tsx';
import { CopyButton } from '../../components/copy-button.tsx';
import { JsonTree } from '../../components/json-tree.tsx';
import { Muted } from '../../components/muted.tsx';
import { Segments } from '../../components/segments.tsx';
import { formatCount } from '../../lib/format.ts';
import { writeVisible } from '../../lib/visible-json.ts';
import { visibleText } from '../../lib/visible-text.ts';
import type { Run } from './runs.ts';
import { StatusBadge } from './status-badge.tsx';

/** The envelope of a call: status, time, invocation id, and what it holds as a tree or as text. */
export function AnswerPane({ run, stale }: { run: Run | undefined; stale: boolean }) {
  const [mode, setMode] = useState('tree');
  const text = useMemo(() => (run ? writeVisible(run.envelope, 2) : ''), [run]);
  return (
    <Box
      component="section"
      aria-label="Answer"
      aria-live="polite"
      className="pane"
      style={{ opacity: stale ? 0.6 : 1 }}
    >
      {run ? (
        <>
          <Group justify="space-between" mb="sm">
            <Group gap="sm">
              <StatusBadge status={run.status} />
              <Muted className="num">{milliseconds(run.tookMs)}</Muted>
            </Group>
            <Group gap={6}>
              <Segments
                label="Answer as"
                value={mode}
                onChange={setMode}
                of={{ tree: 'Tree', text: 'Text' }}
              />
              <CopyButton text={text} label="Copy the answer" />
            </Group>
          </Group>
          <Failure run={run} />
          {mode === 'tree' ? (
            <JsonTree value={run.envelope} label="Envelope" openDepth={3} height="min(56vh, 560px)" />
          ) : (
            <CodeBlock label="Envelope" className="wrap" mah="56vh">
              {beginning(text)}
            </CodeBlock>
          )}
          {run.invocationId !== undefined && (
            <Group gap={4} mt={6}>
              <Muted size="xs" ff="monospace">
                {run.invocationId}
              </Muted>
              <CopyButton text={run.invocationId} label="Copy the invocation id" size="xs" />
            </Group>
          )}
        </>
      ) : (
        <Muted ta="center" py="xl">
          The answer shows here, whole, with its status and time.
        </Muted>
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
