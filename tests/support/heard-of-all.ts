import { calls } from './calls.ts';
import type { TestKvflow } from './kvflow.ts';
import { connectOfficial } from './official.ts';

/**
 * Waits until kvflow has heard of all streams that were made: it asks again for a bucket of which it hears that it was made. What is
 * told of one more bucket, which this makes, comes after that.
 */
export async function heardOfAll(k: TestKvflow): Promise<void> {
  await using official = await connectOfficial(k.joined);
  const told = official.nc.subscribe('$JS.EVENT.ADVISORY.STREAM.CREATED.KV_another', { max: 1 });
  await official.nc.flush();
  await calls.create(k, { bucket: 'another' });
  for await (const _advisory of told) break;
  // The answer comes behind what kvflow itself is told.
  await k.call('kv-bucket-info', { bucket: 'another' });
}
