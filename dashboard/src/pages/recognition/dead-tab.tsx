import { EVENTS_BUCKET } from '../../../../contract/own-buckets.ts';
import type { IdentifyDeadLetter } from '../../../../contract/types.gen.ts';
import type { Column } from '../../components/data-table/column.ts';
import { DeadLetters } from '../../components/dead-letters/dead-letters.tsx';
import { TwoLines } from '../../components/two-lines.tsx';
import { plural } from '../../lib/format.ts';
import { whereOf } from './visitor-link.tsx';

/** Events that a warehouse refused. */
export function DeadTab({ bucket }: { bucket: string }) {
  return (
    <DeadLetters
      part="identify"
      bucket={bucket}
      input={bucket === EVENTS_BUCKET ? {} : { bucket }}
      where={TABLE}
      order="by destination"
      advice="repair the table and replay them."
      replayed={({ stored, failed, pending }) =>
        `${plural(stored, 'event')} stored${failed > 0 ? `, ${failed} refused again` : ''}${pending > 0 ? `, ${pending} wait for the warehouse` : ''}.`
      }
    >
      An event that a warehouse refuses, at once or later, is kept here with the reason until its window ends.
    </DeadLetters>
  );
}

const TABLE: Column<IdentifyDeadLetter> = {
  id: 'table',
  header: 'Table',
  sortBy: letter => `${whereOf(letter)} ${letter.table}`,
  cell: letter => (
    <TwoLines below={letter.table}>
      <b>{whereOf(letter)}</b>
    </TwoLines>
  ),
};
