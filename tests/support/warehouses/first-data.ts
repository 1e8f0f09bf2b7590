import { cp, mkdir, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/**
 * Puts the data that a new server of this name begins with into `folder`, which is not there yet. They are made once in a run of
 * tests and copied from then on, at a small part of the processor time; processes that need the first at once make them each. Where
 * scripts/test.ts does not run the tests, they are made each time.
 */
export async function firstData(name: string, folder: string, make: () => Promise<void>): Promise<void> {
  const { KVFLOW_TEST_BUNDLES: ofRun } = process.env;
  if (!ofRun) return await make();
  const kept = join(ofRun, 'first-data', name);
  if (await isThere(kept)) return await cp(kept, folder, { recursive: true });
  await make();
  await mkdir(dirname(kept), { recursive: true });
  const draft = await mkdtemp(`${kept}-`);
  await cp(folder, draft, { recursive: true });
  // Another process may have been faster: theirs are as good.
  await rename(draft, kept).catch(() => rm(draft, { recursive: true, force: true }));
}

function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
