/** The keys of a bucket as a tree, clicked in a real browser. */
import { expect } from '@jest/globals';
import { eventually } from '../support/eventually.ts';
import { expectAccessible } from './support/accessible.ts';
import { browserTest, openDashboard } from './support/dashboard.ts';
import { fillBucket } from './support/fill-bucket.ts';

const dashboard = openDashboard();
const KEYS = 20_000;

browserTest('keys - the tree loads a level at a time and counts what is below', async () => {
  await fillBucket(dashboard, 'tree', KEYS, i => `user.${i % 40}.${i % 2 ? 'cart' : 'theme'}.${i}`);
  await using page = await dashboard.page('/ui/buckets/tree');
  const asked: string[] = [];
  page.on('request', request => {
    if (!request.url().includes('kv-key-tree')) return;
    asked.push((request.postDataJSON() as { prefix: string }).prefix);
  });
  await page.getByRole('link', { name: 'user.0.theme.0', exact: true }).waitFor();
  await page.keyboard.press('t');
  const item = (name: RegExp) => page.getByRole('treeitem', { name });
  await item(/user 20,000 keys/).waitFor();
  expect(new Set(asked)).toEqual(new Set(['']));
  await page.getByRole('tree').focus();
  await page.keyboard.press('ArrowRight');
  await item(/^(▸ ?)?0 500 keys/).waitFor();
  expect(new Set(asked)).toEqual(new Set(['', 'user.']));
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await item(/theme 500 keys/).click();
  await page.getByRole('link', { name: '40', exact: true }).waitFor();
  await expectAccessible(page);
  await page.getByRole('button', { name: 'List the keys below user.0.theme.', exact: true }).click();
  await page.waitForURL(url => url.searchParams.get('filter') === 'user.0.theme.>');
  await page.getByText('200+ listed').waitFor();
});

browserTest(
  'keys - the tree can be cut at another delimiter; a level with very many keys goes on',
  async () => {
    await fillBucket(dashboard, 'flat', 5_000, i => `a/${i}`);
    await using page = await dashboard.page('/ui/buckets/flat?view=tree&delimiter=%2F');
    await page.getByRole('treeitem', { name: /a 5,000 keys/ }).click();
    await page.getByRole('link', { name: '0', exact: true }).waitFor();
    await page.getByRole('tree').focus();
    await page.keyboard.press('End');
    await page.getByRole('button', { name: 'Show more' }).click();
    // The rest comes in steps; the end is where it is then.
    await eventually(async () => {
      await page.keyboard.press('End');
      expect(await page.getByRole('link', { name: '4999', exact: true }).count()).toBe(1);
    });
  },
);
