/** A part of never-lose.test.ts. */
import { expect } from '@jest/globals';
import { calls } from '../../support/calls.ts';
import { eventually } from '../../support/eventually.ts';
import type { Dashboard } from '../support/dashboard.ts';
import { browserTest } from '../support/dashboard.ts';

/** Registers them, on a server and browser that all parts share. */
export function finding(open: Dashboard): void {
  browserTest(
    'place - Back from a key shows the list where it stood, and the tree with its open levels',
    async () => {
      const k = open.kvflow();
      await calls.create(k, { bucket: 'place' });
      const items = Array.from({ length: 600 }, (_, i) => ({ key: `k.${i}`, value: 'v' }));
      await k.call('kv-key-put-many', { bucket: 'place', items });
      await using page = await open.page('/ui/buckets/place');
      const frame = `document.querySelector('[role="region"]:has(tr[data-index])')`;
      await page.getByRole('link', { name: 'k.0', exact: true }).waitFor();
      await page.evaluate(`${frame}.scrollTo(0, 4100)`);
      const row = page.getByRole('link', { name: 'k.150', exact: true });
      await row.click();
      await page.getByRole('heading', { name: 'k.150' }).waitFor();
      await page.goBack();
      await row.waitFor();
      expect(await page.evaluate(`${frame}.scrollTop`)).toBe(4_100);
      await page.goto(`${open.url()}/ui/buckets/place?view=tree`);
      await page.getByRole('treeitem').first().click();
      await page.getByRole('link', { name: '0', exact: true }).click();
      await page.getByRole('heading', { name: 'k.0' }).waitFor();
      await page.goBack();
      await page.getByRole('link', { name: '0', exact: true }).waitFor();
    },
  );

  browserTest(
    'find - part of a name, an expression and a size find keys, and purge them after a count',
    async () => {
      const k = open.kvflow();
      await calls.create(k, { bucket: 'find' });
      for (const key of ['tenant8_user_000008', 'tenant8_order_000058', 'other_1'])
        await calls.put(k, { bucket: 'find', key, value: key === 'other_1' ? 'x'.repeat(500) : 'v' });
      await using page = await open.page('/ui/buckets/find');
      const rows = page.locator('tr[data-index]');
      for (const [text, count] of [
        ['tenant8_', 2],
        ['000058', 1],
        ['/_\\d$/', 1],
        ['size>100', 1],
        ['*_*', 3],
        ['tenant8_ js:$.key.length > 0 && $.value === "v"', 2],
      ] as const) {
        await page.getByLabel('Filter keys').fill(text);
        await eventually(async () => expect([text, await rows.count()]).toEqual([text, count]));
      }
      await page.getByLabel('Filter keys').fill('nowhere');
      await page.getByText('No key fits').waitFor();
      await page.getByLabel('Filter keys').fill('tenant8_');
      await eventually(async () => expect(await rows.count()).toBe(2));
      await rows.first().getByRole('link').click();
      await page.getByRole('heading', { name: 'tenant8_user_000008' }).waitFor();
      await page.goBack();
      await eventually(async () => expect(await rows.count()).toBe(2));
      // What was found goes on to the export, the copy and Live.
      for (const [item, query] of [
        ['Export these keys', 'bucket=find&filter=*tenant8_*'],
        ['Copy these keys', 'filter=tenant8_'],
        ['Watch these keys live', 'bucket=find&when=$.key.toLowerCase().includes("tenant8_")'],
      ] as const) {
        await page.getByRole('button', { name: 'Actions of find' }).click();
        await page.getByRole('menuitem', { name: item }).click();
        await page.waitForURL(url => decodeURIComponent(url.search) === `?${query}`);
        await page.goBack();
        await eventually(async () => expect(await rows.count()).toBe(2));
      }
      await page.getByRole('button', { name: 'Actions of find' }).click();
      await page.getByRole('menuitem', { name: 'Purge by pattern' }).click();
      const dialog = page.getByRole('dialog');
      await eventually(async () =>
        expect(await dialog.getByLabel('Pattern').inputValue()).toBe('*tenant8_*'),
      );
      // A name is the key of that name alone.
      await dialog.getByLabel('Pattern').fill('tenant8_');
      await dialog.getByRole('button', { name: 'Count the keys' }).click();
      await dialog.getByText('No key matches').waitFor();
      await dialog.getByLabel('Pattern').fill('*tenant8_* size<100');
      await dialog.getByRole('button', { name: 'Count the keys' }).click();
      await dialog.getByRole('button', { name: 'Purge 2' }).click();
      await dialog.waitFor({ state: 'detached' });
      expect((await calls.list(k, { bucket: 'find' })).items.map(({ key }) => key)).toEqual(['other_1']);
      // What an expression cannot look at is left alone, and told.
      await calls.put(k, { bucket: 'find', key: 'deep', value: '['.repeat(600) + ']'.repeat(600) });
      await page.getByLabel('Filter keys').fill('js:!$.value');
      await page.getByText('No key fits, 1 not judged').waitFor();
      await page.getByLabel('Filter keys').fill('js:$.key === "other_1" || $.value');
      await page.getByText('1 listed, oldest write first, 2 looked at, 1 not judged').waitFor();
      await page.getByRole('button', { name: 'Actions of find' }).click();
      await page.getByRole('menuitem', { name: 'Purge by pattern' }).click();
      await dialog.getByRole('button', { name: 'Count the keys' }).click();
      await dialog.getByText('1 key will be left alone').waitFor();
      await dialog.getByText('look at: deep.').waitFor();
    },
  );
}
