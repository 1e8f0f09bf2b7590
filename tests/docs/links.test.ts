import { access, glob, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from '@jest/globals';

const root = join(import.meta.dirname, '../..');
const LINK = /\]\((?!https?:|#|mailto:)([^)#\s]+)(?:#[^)]*)?\)/g;

async function linksOf(page: string): Promise<string[]> {
  const text = (await readFile(join(root, page), 'utf8')).replace(/```[\s\S]*?```/g, '');
  return [...text.matchAll(LINK)].map(([, target = '']) => join(dirname(page), target));
}

async function isThere(path: string): Promise<boolean> {
  return await access(join(root, path)).then(
    () => true,
    () => false,
  );
}

test('docs - every link to a file of the repository leads to one', async () => {
  const pages = ['README.md', 'CONTRIBUTING.md'];
  for await (const page of glob('{docs,examples}/**/*.md', { cwd: root, exclude: ['**/node_modules/**'] }))
    pages.push(page);
  expect(pages.length).toBeGreaterThan(40);
  const dead: string[] = [];
  for (const page of pages)
    for (const target of await linksOf(page)) if (!(await isThere(target))) dead.push(`${page}: ${target}`);
  expect(dead).toEqual([]);
});

test('guarantees - the tests and scripts that show each promise are there', async () => {
  const page = await readFile(join(root, 'docs/guarantees.md'), 'utf8');
  const { scripts } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { scripts: object };
  const promises = page.split('\n').filter(line => /^\| [^|-]+ \| [^|]*(tests\/|npm run)/.test(line));
  expect(promises.length).toBeGreaterThan(15);
  const shown = [...promises.join('\n').matchAll(/\btests\/[\w./-]+|npm run ([\w:]+)/g)];
  const missing: string[] = [];
  for (const [what, script] of shown)
    if (!(script ? script in scripts : await isThere(what))) missing.push(what);
  expect(missing).toEqual([]);
});

test.each(['node-red', 'n8n', 'mcp', 'nats-service'])(
  'docs - the page of the host %s has a picture of it',
  async host => {
    expect(await linksOf(`docs/hosts/${host}.md`)).toEqual(
      expect.arrayContaining([expect.stringMatching(/^docs\/hosts\/.*\.(png|svg)$/)]),
    );
  },
);
