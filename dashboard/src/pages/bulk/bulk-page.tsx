import { SimpleGrid } from '@mantine/core';
import { PageHeader } from '../../components/page-header.tsx';
import { useQueryState } from '../../router/location.ts';
import { ExportPanel } from './export-panel.tsx';
import { ImportPanel } from './import-panel.tsx';

/** Whole buckets into files and back. The bucket is in the address: ?bucket=&filter=. */
export default function BulkPage() {
  const [query, changeQuery] = useQueryState();
  const bucket = query.get('bucket') ?? '';
  return (
    <>
      <PageHeader
        title="Import & export"
        subtitle="Whole buckets as NDJSON: a line of JSON for each value, with its revision and its time to live."
      />
      <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="md">
        <ExportPanel bucket={bucket} filter={query.get('filter') ?? ''} onChange={changeQuery} />
        <ImportPanel bucket={bucket} onBucket={name => changeQuery({ bucket: name })} />
      </SimpleGrid>
    </>
  );
}
