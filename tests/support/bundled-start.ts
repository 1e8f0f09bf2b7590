import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { bundleStart } from '../../scripts/build-start/bundle-start.ts';

const PACKAGES = join(import.meta.dirname, '../../node_modules');

/**
 * Bundles the sources as the build does, into a folder of the run of tests, and has the tests start kvflow from there: each of some
 * hundred starts takes 0.2 s less of the processor. Where scripts/test.ts does not run the tests, they start the sources as they are.
 */
export async function bundleStartOnce(): Promise<void> {
  const { KVFLOW_TEST_START: folder } = process.env;
  if (!folder) return;
  await mkdir(folder, { recursive: true });
  await symlink(PACKAGES, join(folder, 'node_modules'), 'junction').catch(() => undefined);
  // Workers of jest have the environment of its main process.
  process.env.KVFLOW_TEST_MAIN = await bundleStart(folder, 'sources');
}
