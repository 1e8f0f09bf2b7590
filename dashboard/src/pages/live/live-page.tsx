import { useState } from 'react';
import { PageHeader } from '../../components/page-header.tsx';
import { useQueryState } from '../../router/location.ts';
import type { Range, Start } from './range.ts';
import { RecentBuckets } from './recent-buckets.tsx';
import { STARTS, WatchBar } from './watch-bar.tsx';
import { Watching } from './watching.tsx';

/** Changes of a bucket, or of all, as they happen. What is watched is in the address: ?bucket=&filter=&start=&when=. */
export default function LivePage() {
  const [query, changeQuery] = useQueryState();
  const range: Range = {
    bucket: query.get('bucket') ?? '',
    filter: query.get('filter') ?? '',
    start: toStart(query.get('start')),
    when: query.get('when') ?? '',
  };
  const [attempt, setAttempt] = useState(0);
  const search = query.get('q') ?? '';
  const change = ({ start, ...rest }: Partial<Range>) =>
    changeQuery({ ...rest, ...(start && { start: start === 'new' ? undefined : start }) });
  return (
    <>
      <PageHeader
        title="Live"
        subtitle="What is written, deleted and expires, as it happens."
        search={{
          label: 'Find in these changes',
          value: search,
          onChange: q => changeQuery({ q }),
        }}
      />
      <WatchBar range={range} onChange={change} />
      {range.bucket === '' ? (
        <RecentBuckets onChoose={bucket => change({ bucket })} />
      ) : (
        // Another range is another list.
        <Watching
          key={JSON.stringify([range, attempt])}
          range={range}
          search={search}
          folded={query.get('fold') === 'key'}
          onFold={fold => changeQuery({ fold: fold ? 'key' : undefined })}
          onRetry={() => setAttempt(attempt + 1)}
        />
      )}
    </>
  );
}

function toStart(text: string | null): Start {
  return STARTS.find(({ value }) => value === text)?.value ?? 'new';
}
