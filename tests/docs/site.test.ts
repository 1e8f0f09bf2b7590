/** What the site of the documentation has for those who read by machine, and what its pages are called. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { requirePages, sidebar, writeMarkdown } from '../../site/pages.ts';
import { versionsOf } from '../../site/versions.ts';
import { tempDir } from '../support/temp-dir.ts';

const DOCS = join(import.meta.dirname, '../../docs');

test('site - every page is in the sidebar under a heading of its own, is there as Markdown and in llms.txt', async () => {
  const pages = (await readdir(DOCS, { recursive: true })).filter(file => file.endsWith('.md')).sort();
  const listed = sidebar().flatMap(({ items }) => items);
  expect(listed.map(({ file }) => file).sort()).toEqual(pages);
  expect(listed.filter(({ text, file }) => text === '' || text === file)).toEqual([]);
  expect(new Set(listed.map(({ link }) => link)).size).toBe(listed.length);
  await using folder = await tempDir();
  writeMarkdown(folder.path);
  const llms = await readFile(join(folder.path, 'llms.txt'), 'utf8');
  expect(llms).toMatch(/^# kvflow\n/);
  const links = [...llms.matchAll(/^- \[(.+)\]\(\/(.+)\)$/gm)];
  expect(links.map(([, , file]) => file).sort()).toEqual(pages);
  for (const [, , file = ''] of links)
    expect(await readFile(join(folder.path, file), 'utf8')).toBe(await readFile(join(DOCS, file), 'utf8'));
  // Markdown alone is no page: VitePress ends well where it could not build one.
  expect(() => requirePages(folder.path)).toThrow(/Pages that were not built:\n.*\/index\.html/);
});

test("site - its versions are the checkout's and one tag of each minor version before, newest first", () => {
  expect(
    versionsOf('1.11.0', ['v1.2.0', 'v1.2.10', 'v1.2.9', 'v1.11.0-rc.1', 'v1.11.0', 'v0.9.1', 'other', '']),
  ).toEqual([
    { text: '1.11.0', path: '' },
    { text: '1.2.10', path: 'v1.2.10/', tag: 'v1.2.10' },
    { text: '0.9.1', path: 'v0.9.1/', tag: 'v0.9.1' },
  ]);
  expect(versionsOf('0.1.0', [])).toEqual([{ text: '0.1.0', path: '' }]);
});
