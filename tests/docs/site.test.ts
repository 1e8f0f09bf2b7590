/** What the site of the documentation has for those who read by machine, and what its pages are called. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { sidebar, writeMarkdown } from '../../site/pages.ts';

const DOCS = join(import.meta.dirname, '../../docs');

test('site - every page is in the sidebar under a heading of its own, is there as Markdown and in llms.txt', async () => {
  const pages = (await readdir(DOCS, { recursive: true })).filter(file => file.endsWith('.md')).sort();
  const listed = sidebar().flatMap(({ items }) => items);
  expect(listed.map(({ file }) => file).sort()).toEqual(pages);
  expect(listed.filter(({ text, file }) => text === '' || text === file)).toEqual([]);
  expect(new Set(listed.map(({ link }) => link)).size).toBe(listed.length);
  const folder = await mkdtemp(join(tmpdir(), 'kvflow-site-'));
  try {
    writeMarkdown(folder);
    const llms = await readFile(join(folder, 'llms.txt'), 'utf8');
    expect(llms).toMatch(/^# kvflow\n/);
    const links = [...llms.matchAll(/^- \[(.+)\]\(\/(.+)\)$/gm)];
    expect(links.map(([, , file]) => file).sort()).toEqual(pages);
    for (const [, , file = ''] of links)
      expect(await readFile(join(folder, file), 'utf8')).toBe(await readFile(join(DOCS, file), 'utf8'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
