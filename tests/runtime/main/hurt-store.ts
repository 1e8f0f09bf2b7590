/** What tests of stores and of the doctor share. */
import { readdir, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { watchStores } from '../../../runtime/main/stores/watch-stores.ts';
import type { TestKvflow } from '../../support/kvflow.ts';
import type { TestNats } from '../../support/nats.ts';

/** A kvflow whose stores were looked at once, and what was said of them. */
export async function watched(kvflow: TestKvflow, dataDir: string) {
  const said: string[] = [];
  const watch = await watchStores({
    nats: kvflow.nats,
    dataDir,
    embedded: false,
    warn: line => said.push(line),
  });
  await watch.look();
  return { watch, said };
}

/** As a disk that lost what was written last. */
export async function cutStore({ store }: TestNats, bucket: string): Promise<void> {
  const files = await readdir(store, { recursive: true });
  const block = files.find(file => file.includes(`KV_${bucket}`) && file.endsWith('1.blk')) ?? '';
  const path = join(store, block);
  await truncate(path, Math.floor((await stat(path)).size / 2));
}
