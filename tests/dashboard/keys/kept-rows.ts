/** A part of keys.test.ts. */
import { expect } from '@jest/globals';
import { madeBucket } from '../../functions/kv.ts';
import { eventually } from '../../support/eventually.ts';
import { connectOfficial } from '../../support/official.ts';
import type { Dashboard } from '../support/dashboard.ts';
import { browserTest } from '../support/dashboard.ts';

/** Registers them, on a server and browser that all parts share. */
export function keptRows(dashboard: Dashboard): void {
  browserTest(
    'keys - rows follow what is selected, written and filtered, and whether the bucket can be written to',
    async () => {
      const b = await madeBucket(dashboard.kvflow(), 'followed', { history: 3 });
      for (let i = 0; i < 10; i++) await b.put(`key.${i}`, 'v');
      await using page = await dashboard.page('/ui/buckets/followed');
      const box = (i: number) => page.getByRole('checkbox', { name: `Select key.${i}`, exact: true });
      const all = page.getByRole('checkbox', { name: 'Select the 10 keys at hand' });
      /** As the checkboxes and as the rows say. */
      const expectSelected = (...wanted: number[]) =>
        eventually(async () => {
          const selected = page.locator('tr[aria-selected="true"] a');
          expect((await selected.allTextContents()).sort()).toEqual(wanted.map(i => `key.${i}`));
          expect(await page.locator('tbody input:checked').count()).toBe(wanted.length);
          const isPart = wanted.length > 0 && wanted.length < 10;
          expect(await all.isChecked()).toBe(wanted.length === 10);
          expect(await page.locator('thead input:indeterminate').count()).toBe(isPart ? 1 : 0);
        });
      await box(1).click();
      await box(3).click({ modifiers: ['Shift'] });
      await expectSelected(1, 2, 3);
      await box(2).click();
      await expectSelected(1, 3);
      await all.click();
      await expectSelected(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
      await all.click();
      await expectSelected();
      // What is written goes to the end, and the others move up: a range is of the rows as they stand then.
      await box(8).click();
      await b.put('key.0', 'a longer value');
      await page.getByRole('button', { name: 'Refresh the keys' }).click();
      await page.getByRole('row', { name: /key\.0 14 B 11 / }).waitFor();
      await expectSelected(8);
      await box(4).click();
      await box(6).click({ modifiers: ['Shift'] });
      await expectSelected(4, 5, 6, 8);
      await page.getByLabel('Filter keys').fill('key.4');
      await page.getByText('1 listed').waitFor();
      await eventually(async () =>
        expect(await page.getByRole('link', { name: 'key.4', exact: true }).getAttribute('href')).toBe(
          '/ui/buckets/followed/keys/key.4?filter=key.4',
        ),
      );
      await page.getByLabel('Filter keys').fill('');
      await b.remove('key.9');
      await page.getByText('Deleted', { exact: true }).click();
      const restore = page.getByRole('button', { name: 'Restore key.9' });
      await restore.waitFor();
      expect(await restore.getAttribute('aria-disabled')).not.toBe('true');
      await using official = await connectOfficial(dashboard.kvflow().server.url);
      const sealed = { ...(await official.config('followed')), sealed: true };
      await official.nc.request('$JS.API.STREAM.UPDATE.KV_followed', JSON.stringify(sealed));
      await eventually(async () => expect(await restore.getAttribute('aria-disabled')).toBe('true'));
    },
  );

  browserTest('keys - an amount is said exactly where the pointer rests, as it is by then', async () => {
    const b = await madeBucket(dashboard.kvflow(), 'amounts');
    await b.put('key', 'x'.repeat(4_000));
    await using page = await dashboard.page('/ui/buckets?q=amounts');
    const { bytes } = await b.info();
    const size = page.getByRole('row', { name: /^amounts/ }).getByText(/^[\d.]+ KiB$/);
    const said = page.getByRole('tooltip');
    await size.hover();
    await said.getByText(`${bytes.toLocaleString('en')} bytes`, { exact: true }).waitFor();
    await page.keyboard.press('Escape');
    await said.waitFor({ state: 'detached' });
    await page.mouse.move(0, 0);
    await size.hover();
    await said.waitFor();
    await b.put('another', 'x'.repeat(9_000));
    const later = (await b.info()).bytes;
    await said.getByText(`${later.toLocaleString('en')} bytes`, { exact: true }).waitFor();
    await page.mouse.move(0, 0);
    await said.waitFor({ state: 'detached' });
  });
}
