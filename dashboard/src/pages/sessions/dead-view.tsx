import { Code } from '@mantine/core';
import { DEAD_BUCKET } from '../../../../contract/own-buckets.ts';
import type { TransformDeadLetter } from '../../../../contract/types.gen.ts';
import type { Column } from '../../components/data-table/column.ts';
import { DeadLetters } from '../../components/dead-letters/dead-letters.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { TwoLines } from '../../components/two-lines.tsx';
import { plural } from '../../lib/format.ts';
import { visibleText } from '../../lib/visible-text.ts';
import { SectionTabs } from './section-tabs.tsx';

/** Events that scripts failed at. */
export default function DeadView() {
  return (
    <>
      <PageHeader title="Sessions" subtitle="Events that a script failed at, each with the reason." />
      <SectionTabs section="dead">
        <DeadLetters
          part="transform"
          bucket={DEAD_BUCKET}
          where={SCRIPT}
          order="by namespace and script"
          advice="mend the script and replay them."
          replayed={({ replayed, failed }) =>
            `${plural(replayed, 'event')} went well${failed > 0 ? `, ${failed} failed again` : ''}.`
          }
        >
          An event that a script fails at in a call with <Code>on_error</Code> dead is kept here for 31 days.
        </DeadLetters>
      </SectionTabs>
    </>
  );
}

const SCRIPT: Column<TransformDeadLetter> = {
  id: 'script',
  header: 'Script',
  sortBy: ({ namespace, script_id = '' }) => `${namespace} ${script_id}`,
  cell: ({ namespace, script_id }) => (
    <TwoLines below={visibleText(namespace)}>
      <b>{script_id ?? 'of the call'}</b>
    </TwoLines>
  ),
};
