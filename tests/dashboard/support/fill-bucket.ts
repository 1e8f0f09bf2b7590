import { calls } from '../../support/calls.ts';
import { connectOfficial } from '../../support/official.ts';
import type { openDashboard } from './dashboard.ts';

/** A bucket in memory with so many keys. */
export async function fillBucket(
  dashboard: ReturnType<typeof openDashboard>,
  bucket: string,
  count: number,
  key: (index: number) => string,
): Promise<void> {
  await calls.create(dashboard.kvflow(), { bucket, storage: 'memory' });
  await using official = await connectOfficial(dashboard.kvflow().server.url);
  await official.fill(bucket, count, i => [key(i), `value ${i}`]);
}
