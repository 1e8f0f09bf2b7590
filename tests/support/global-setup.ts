import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { keptProgram } from '../../runtime/sandbox/host/kept-program.ts';
import { programOfSources } from '../../runtime/sandbox/host/program-of-sources.ts';
import { natsServerPath } from './nats-binary.ts';

/** What of jest's configuration is used here. */
interface GlobalConfig {
  rootDir: string;
  testPathPatterns: { toExecutor(where: { rootDir: string }): { isMatch(path: string): boolean } };
}

/** What is installed, or made, on first use, and the word that files needing it have in their text. */
const PROGRAMS: [word: RegExp, find: () => Promise<unknown>][] = [
  [/chromium|browserTest/i, async () => (await import('../hosts/support/chromium.ts')).findChromium()],
  [/makePlace|\bMAIN\b/, startForTests],
  [/childPath|runChild|startTransfers/, bundleChildren],
  [/mariadb/i, async () => (await import('./warehouses/mariadb.ts')).findMariadb()],
];

/**
 * Once before all tests: nats-server is at hand, and so is what else the tests that will run need. On a machine that has
 * none it is fetched here and not in the middle of whichever test comes first, whose output and time it would change.
 */
export default async function globalSetup(config: GlobalConfig): Promise<void> {
  // Workers of jest have the environment of its main process.
  process.env.KVFLOW_TEST_NATS_SERVER = await natsServerPath();
  // Built once, and not by each test at once.
  await programOfSources('vm2', keptProgram);
  const texts = await textsOf(config);
  for (const [word, find] of PROGRAMS) {
    // One that cannot be had is told of by the tests that need it.
    if (texts.some(text => word.test(text))) await find().catch(() => undefined);
  }
}

/** Bundled, and then compiled. */
async function startForTests(): Promise<void> {
  await (await import('./bundled-start.ts')).bundleStartOnce();
  await (await import('./compiled-start.ts')).compileStart();
}

async function bundleChildren(): Promise<void> {
  await (await import('./bundled-start.ts')).bundleChildrenOnce();
}

/** Of the test files that will run. */
async function textsOf({ rootDir, testPathPatterns }: GlobalConfig): Promise<string[]> {
  const folder = join(rootDir, 'tests');
  const selected = testPathPatterns.toExecutor({ rootDir });
  const files = (await readdir(folder, { recursive: true }))
    .map(name => join(folder, name))
    .filter(path => path.endsWith('.test.ts') && selected.isMatch(path));
  return await Promise.all(files.map(path => readFile(path, 'utf8')));
}
