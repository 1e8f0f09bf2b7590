import { Code } from '@mantine/core';
import type { QueueDeadLetter } from '../../../../contract/types.gen.ts';
import { BucketHeader } from '../../components/bucket-header.tsx';
import type { Column } from '../../components/data-table/column.ts';
import { DeadLetters } from '../../components/dead-letters/dead-letters.tsx';
import { TwoLines } from '../../components/two-lines.tsx';
import { plural } from '../../lib/format.ts';
import { visibleText } from '../../lib/visible-text.ts';
import type { PageProps } from '../page-definition.ts';

/** Items that the queues of a bucket put aside. */
export default function DeadPage({ params: { bucket = '' } }: PageProps) {
  return (
    <>
      <BucketHeader
        bucket={bucket}
        open="dead"
        subtitle="Items that queues of the bucket put aside, each with the reason."
      />
      <DeadLetters
        part="kv-queue"
        bucket={bucket}
        input={{ bucket }}
        where={QUEUE}
        order="by queue"
        advice="push them again."
        replayed={({ replayed, failed }) =>
          `${plural(replayed, 'item')} pushed again${failed > 0 ? `, ${failed} stayed` : ''}.`
        }
      >
        An item that is taken too often from a queue (<Code>kv-queue-take</Code>) is kept here until it is
        pushed again or dropped.
      </DeadLetters>
    </>
  );
}

const QUEUE: Column<QueueDeadLetter> = {
  id: 'queue',
  header: 'Queue',
  sortBy: ({ queue, id }) => `${queue} ${id}`,
  cell: ({ queue, id }) => (
    <TwoLines below={visibleText(id)}>
      <b>{visibleText(queue)}</b>
    </TwoLines>
  ),
};
