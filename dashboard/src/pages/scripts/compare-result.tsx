import { Stack, Text } from '@mantine/core';
import { useState } from 'react';
import type { OutputOf } from '../../api/invoke.ts';
import { CodeBlock } from '../../components/code-block.tsx';
import { DiffEditor } from '../../components/code-editor.tsx';
import { SmallButton } from '../../components/small-button.tsx';
import { plural } from '../../lib/format.ts';
import { written } from './case.ts';
import classes from './scripts.module.css';
import { visibleLines } from './visible-lines.ts';

type Result = OutputOf<'transform-script-compare'>;

/** Editors are heavy: so many are shown until more are asked for. */
const SHOWN = 5;

/** Events that two versions made something else of, side by side, and what they would write otherwise to `$kv`. */
export function CompareResult({ result, before, after }: { result: Result; before: string; after: string }) {
  const [most, setMost] = useState(SHOWN);
  const { same, different, kv_differences: kv } = result;
  return (
    <Stack gap="sm">
      <Text size="sm" fw={600}>
        {different.length === 0
          ? `Both make the same of ${plural(same, 'event')}.`
          : `${plural(different.length, 'event')} of ${same + different.length} ${different.length === 1 ? 'differs' : 'differ'}.`}
      </Text>
      {kv.length > 0 && (
        <div>
          <Text size="sm">What they would write to $kv differs:</Text>
          <CodeBlock label="Differences in $kv" className="wrap" mah={160}>
            {visibleLines(kv.join('\n'))}
          </CodeBlock>
        </div>
      )}
      {different.slice(0, most).map(one => (
        <section key={one.index} aria-label={`Event ${one.index + 1}`} className={classes.event ?? ''}>
          <Text size="sm" fw={600} mb={4}>
            Event {one.index + 1}
          </Text>
          <DiffEditor
            language="json"
            left={textOf(one.before)}
            right={textOf(one.after)}
            leftLabel={`${before}, event ${one.index + 1}`}
            rightLabel={`${after}, event ${one.index + 1}`}
            height={240}
          />
        </section>
      ))}
      {different.length > most && (
        <SmallButton onClick={() => setMost(most + 2 * SHOWN)}>
          {`Show more of ${plural(different.length, 'event')}`}
        </SmallButton>
      )}
    </Stack>
  );
}

function textOf({ events, error }: Result['different'][number]['before']): string {
  return [...events.map(written), ...(error === undefined ? [] : [error])].join('\n');
}
