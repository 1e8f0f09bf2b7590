import { Tabs } from '@mantine/core';
import type { ComponentType } from 'react';
import { EVENTS_BUCKET } from '../../../../contract/own-buckets.ts';
import type { BucketInfo } from '../../../../contract/types.gen.ts';
import { BucketChoice } from '../../components/bucket-choice.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { useQueryState } from '../../router/location.ts';
import { AuditTab } from './audit-tab.tsx';
import { CountersTab } from './counters-tab.tsx';
import { DeadTab } from './dead-tab.tsx';
import { IdentitiesTab } from './identities-tab.tsx';
import { useLookup } from './lookup.tsx';
import { PendingTab } from './pending-tab.tsx';
import { RememberedTab } from './remembered-tab.tsx';

const VIEWS: [name: string, label: string, view: ComponentType<{ bucket: string }>][] = [
  ['counters', 'Counters', CountersTab],
  ['remembered', 'Remembered visitors', RememberedTab],
  ['identities', 'Identities', IdentitiesTab],
  ['pending', 'Pending', PendingTab],
  ['dead', 'Dead letters', DeadTab],
  ['audit', 'Audit', AuditTab],
];
const FIRST = 'counters';

/** What identify knows and does: who is remembered, who is whom, what waits, what was changed. */
export default function RecognitionView() {
  const [query, changeQuery] = useQueryState();
  const bucket = query.get('bucket') ?? EVENTS_BUCKET;
  const asked = query.get('view') ?? FIRST;
  const view = VIEWS.some(([name]) => name === asked) ? asked : FIRST;
  const search = useLookup(bucket);
  return (
    <>
      <PageHeader
        title="Recognition"
        subtitle="Visitors that identify remembers, and who they turned out to be."
        search={search}
        actions={
          <BucketChoice
            bucket={bucket}
            usual={EVENTS_BUCKET}
            fits={holdsEvents}
            onChange={next => changeQuery({ bucket: next })}
          />
        }
      />
      <Tabs
        value={view}
        onChange={next => changeQuery({ view: next === FIRST || next === null ? undefined : next })}
        keepMounted
      >
        <Tabs.List mb="md" aria-label="Views of recognition">
          {VIEWS.map(([name, label]) => (
            <Tabs.Tab key={name} value={name}>
              {label}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {VIEWS.map(([name, , View]) => (
          <Tabs.Panel key={name} value={name}>
            {name === view && <View bucket={bucket} />}
          </Tabs.Panel>
        ))}
      </Tabs>
    </>
  );
}

/** Whether identify could remember events there. */
function holdsEvents({ bucket, history, key_ttl, key_encoding }: BucketInfo): boolean {
  return history === 1 && key_ttl && key_encoding === 'none' && !bucket.startsWith('recognition_');
}
