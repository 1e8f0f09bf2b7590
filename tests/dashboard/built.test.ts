import { appendFile, cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { FILES, fingerprint, notedSources, SOURCES } from '../../dashboard/build/sources.ts';
import { tempDir } from '../support/temp-dir.ts';
import { builtDashboard } from './support/built.ts';

const ROOT = join(import.meta.dirname, '../..');

test('a build is known by all that it is built of: the page, the contract and the packages', async () => {
  await using folder = await tempDir();
  for (const path of [...SOURCES, ...FILES])
    await cp(join(ROOT, path), join(folder.path, path), { recursive: true });
  const same = await fingerprint(folder.path);
  expect(same).toBe(await fingerprint());
  await writeFile(join(folder.path, 'dashboard/README.md'), 'Nothing of the page.');
  expect(await fingerprint(folder.path)).toBe(same);
  for (const file of ['contract/duration.ts', 'dashboard/src/more.ts', 'package-lock.json']) {
    const before = await fingerprint(folder.path);
    await appendFile(join(folder.path, file), '\n');
    expect([file, await fingerprint(folder.path)]).not.toEqual([file, before]);
  }
});

test('what tests are served is of these sources', async () => {
  expect(await notedSources(await builtDashboard())).toBe(await fingerprint());
}, 120_000);
