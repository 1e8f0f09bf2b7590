import { Group, Text } from '@mantine/core';
import { CodeBlock } from '../../components/code-block.tsx';
import { Mark } from '../../components/mark.tsx';
import { writeVisible } from '../../lib/visible-json.ts';
import classes from './scripts.module.css';
import type { Tested } from './use-tester.ts';
import { visibleLines } from './visible-lines.ts';

const COLOURS = { ok: 'teal', skipped: 'gray', error: 'red' } as const;

/** What one event became: events, nothing, or an error; and what the script printed meanwhile. */
export function EventResult({ tested, index }: { tested: Tested; index: number }) {
  const { outcome, count = 0, error } = tested.results[index] ?? { outcome: 'ok' as const };
  const from = tested.results.slice(0, index).reduce((sum, one) => sum + one.count, 0);
  const events = tested.events.slice(from, from + count);
  const logs = tested.logs.filter(line => line.index === index);
  const name = `Event ${index + 1}`;
  return (
    <section aria-label={name} className={classes.event ?? ''}>
      <Group gap="xs" mb={4}>
        <Text size="sm" fw={600}>
          {name}
        </Text>
        <Mark size="sm" color={COLOURS[outcome]}>
          {outcome}
        </Mark>
      </Group>
      {error && (
        <CodeBlock label={`What went wrong in event ${index + 1}`} className="wrap" c="var(--kv-bad)">
          {visibleLines(`${error.code}: ${error.message}${error.stack ? `\n${error.stack}` : ''}`)}
        </CodeBlock>
      )}
      {events.length > 0 && (
        <CodeBlock label={`What came of event ${index + 1}`} mah={220}>
          {events.map(event => writeVisible(event, 2)).join('\n')}
        </CodeBlock>
      )}
      {logs.length > 0 && (
        <CodeBlock label={`What event ${index + 1} printed`} mt={4} mah={160} className="wrap">
          {visibleLines(logs.map(({ level, message }) => `${level}: ${message}`).join('\n'))}
        </CodeBlock>
      )}
    </section>
  );
}
