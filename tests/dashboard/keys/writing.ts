/** A part of keys.test.ts. */
import { expect } from '@jest/globals';
import { madeBucket } from '../../functions/kv.ts';
import { calls } from '../../support/calls.ts';
import { eventually } from '../../support/eventually.ts';
import { expectAccessible } from '../support/accessible.ts';
import { expectQuery } from '../support/address.ts';
import type { Dashboard } from '../support/dashboard.ts';
import { browserTest } from '../support/dashboard.ts';
import { fillBucket } from '../support/fill-bucket.ts';
import { HOSTILE_TEXTS } from '../support/hostile-texts.ts';

/** Registers them, on a server and browser that all parts share. */
export function writing(dashboard: Dashboard): void {
  browserTest(
    'keys - a new key is written with its ttl, and one that is there is not overwritten',
    async () => {
      const k = dashboard.kvflow();
      await calls.create(k, { bucket: 'new-keys', key_ttl: true });
      await using visit = await dashboard.visit('/ui/buckets/new-keys');
      visit.allow(/409/);
      const { page } = visit;
      await page.getByText('No keys yet').waitFor();
      await expectAccessible(page);
      const write = async () => {
        await page.getByRole('heading', { level: 1, name: 'new-keys' }).waitFor();
        await page.getByRole('button', { name: 'New key' }).first().click();
        const dialog = page.getByRole('dialog');
        await dialog.getByRole('textbox', { name: 'Key' }).fill('made');
        await dialog.getByText('Text', { exact: true }).click();
        await dialog.getByLabel('Value', { exact: true }).last().click();
        await page.keyboard.type('by hand');
        await dialog.getByRole('textbox', { name: 'Expires after' }).fill('1 hour');
        await dialog.getByRole('button', { name: 'Write' }).click();
        return dialog;
      };
      await write();
      await page.getByRole('heading', { level: 1, name: 'made' }).waitFor();
      const item = await calls.get(k, { bucket: 'new-keys', key: 'made' });
      expect(item.value).toBe('by hand');
      expect(Date.parse(item.expires_at ?? '') - Date.parse(item.created_at)).toBe(3_600_000);
      await page.goto(`${dashboard.url()}/ui/buckets/new-keys`);
      const dialog = await write();
      await dialog.getByText('This key is there already').waitFor();
      await expectAccessible(page);
      expect(await calls.get(k, { bucket: 'new-keys', key: 'made' })).toMatchObject({
        revision: item.revision,
      });
    },
  );

  browserTest('keys - what is selected is deleted, but not what somebody has changed since', async () => {
    const k = dashboard.kvflow();
    await fillBucket(dashboard, 'to-select', 20, i => `key.${i}`);
    await using page = await dashboard.page('/ui/buckets/to-select');
    await page.getByRole('checkbox', { name: 'Select key.1', exact: true }).click();
    await page.getByRole('checkbox', { name: 'Select key.4', exact: true }).click({ modifiers: ['Shift'] });
    await page.getByText('4 selected').waitFor();
    await calls.put(k, { bucket: 'to-select', key: 'key.2', value: 'changed meanwhile' });
    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Delete 4 keys' }).click();
    await dialog.getByText('1 key changed since you saw them').waitFor();
    await expectAccessible(page);
    const left = await calls.list(k, { bucket: 'to-select' });
    expect(left.items).toHaveLength(17);
    expect(left.items.at(-1)).toMatchObject({ key: 'key.2', value: 'changed meanwhile' });
    await dialog.getByRole('button', { name: 'Delete them all the same' }).click();
    await dialog.waitFor({ state: 'detached' });
    await page.getByText('16 listed').waitFor();
  });

  browserTest('keys - a purge by pattern counts first, and many want the name typed', async () => {
    const k = dashboard.kvflow();
    await fillBucket(dashboard, 'to-purge', 200, i => `${i % 2 ? 'session' : 'user'}.${i}`);
    await using page = await dashboard.page('/ui/buckets/to-purge?filter=session.*');
    await page.getByText('100 listed').waitFor();
    await page.getByRole('button', { name: 'Actions of to-purge' }).click();
    await page.getByRole('menuitem', { name: 'Purge by pattern' }).click();
    const dialog = page.getByRole('dialog');
    await eventually(async () => expect(await dialog.getByLabel('Pattern').inputValue()).toBe('session.*'));
    await dialog.getByRole('button', { name: 'Count the keys' }).click();
    await dialog.getByText('100 keys will be removed').waitFor();
    await expectAccessible(page);
    expect(await calls.list(k, { bucket: 'to-purge', limit: 1000 })).toMatchObject({
      items: { length: 200 },
    });
    const purge = dialog.getByRole('button', { name: 'Purge 100' });
    await eventually(async () => expect(await purge.isDisabled()).toBe(true));
    // Another pattern has to be counted anew.
    await dialog.getByLabel('Pattern').fill('session.>');
    await dialog.getByRole('button', { name: 'Count the keys' }).click();
    await dialog.getByRole('textbox', { name: 'Type to-purge to confirm' }).fill('to-purge');
    await purge.click();
    await dialog.waitFor({ state: 'detached' });
    await page.getByText('No key fits').waitFor();
    expect(await calls.list(k, { bucket: 'to-purge', limit: 1000 })).toMatchObject({
      items: { length: 100 },
    });
  });

  browserTest('keys - a bucket that cannot be written to says so; one that is not there too', async () => {
    const k = dashboard.kvflow();
    await calls.create(k, { bucket: 'origin' });
    await calls.put(k, { bucket: 'origin', key: 'a', value: 'x' });
    const subject_transforms = [{ src: 'a', dest: 'b' }];
    await calls.create(k, { bucket: 'renamed', mirror: { name: 'origin', subject_transforms } } as never);
    await using visit = await dashboard.visit('/ui/buckets/renamed');
    visit.allow(/404/);
    const { page } = visit;
    await page.getByText(/Read-only\. renamed is a mirror that renames keys/).waitFor();
    const create = page.getByRole('button', { name: 'New key' }).first();
    expect(await create.getAttribute('aria-disabled')).toBe('true');
    await expectAccessible(page);
    await page.goto(`${dashboard.url()}/ui/buckets/nowhere`);
    await page.getByRole('alert').getByText('BUCKET_NOT_FOUND').waitFor();
  });

  browserTest(
    'keys - deleted ones are listed with what ended them, lead to their history and are restored',
    async () => {
      const k = dashboard.kvflow();
      const b = await madeBucket(k, 'with-deleted', { history: 3 });
      for (const key of ['user.1', 'user.2', 'team/1', 'kept']) await b.put(key, `value of ${key}`);
      await b.put('user.2', 'a later value');
      await using visit = await dashboard.visit('/ui/buckets/with-deleted?view=deleted');
      visit.allow(/404/);
      const { page } = visit;
      await page.getByText('No deleted keys').waitFor();
      await expectAccessible(page);
      await b.remove('user.2');
      await b.purge({ key: 'user.1' });
      await b.remove('team/1');
      await page.getByRole('button', { name: 'Refresh the keys' }).click();
      await page.getByText('3 listed, oldest first').waitFor();
      const row = (name: RegExp) => page.getByRole('row', { name });
      await row(/^user\.2 delete 6 .* Restore user\.2$/).waitFor();
      await row(/^user\.1 purge 7 .* no value is kept$/).waitFor();
      await row(/^team\/1 delete 8 /).waitFor();
      expect(await page.getByRole('link', { name: 'kept', exact: true }).count()).toBe(0);
      await expectAccessible(page);
      await page.getByLabel('Filter keys').fill('user.*');
      await page.getByText('2 listed, oldest first').waitFor();
      await page.getByRole('link', { name: 'user.2', exact: true }).click();
      await page.getByRole('button', { name: 'Revert to 5' }).waitFor();
      await page.goBack();
      await page.getByRole('button', { name: 'Restore user.2' }).click();
      await page.getByText('user.2 is back, with the value of revision 5.').waitFor();
      await page.getByText('1 listed, oldest first').waitFor();
      expect(await b.get('user.2')).toMatchObject({ value: 'a later value', revision: 9 });
      // Written again by somebody while the list was open: that is left alone.
      await page.getByLabel('Filter keys').fill('');
      await page.getByText('2 listed, oldest first').waitFor();
      await b.put('team/1', 'newer');
      visit.allow(/409/);
      await page.getByRole('button', { name: 'Restore team/1' }).click();
      await page.getByText('It was not restored').waitFor();
      expect(await b.get('team/1')).toMatchObject({ value: 'newer' });
      await page.keyboard.press('d');
      await page.getByText('3 listed, oldest write first').waitFor();
    },
  );

  browserTest('keys - keys full of markup are shown as text, in the list and in the tree', async () => {
    const k = dashboard.kvflow();
    await calls.create(k, { bucket: 'evil', key_encoding: 'base64' });
    await calls.put(k, { bucket: 'evil', key: EVIL, value: EVIL });
    await calls.put(k, { bucket: 'evil', key: `${EVIL}.${EVIL}`, value: EVIL });
    for (const text of HOSTILE_TEXTS) await calls.put(k, { bucket: 'evil', key: text, value: text });
    await using page = await dashboard.page('/ui/buckets/evil');
    await page.getByRole('link', { name: EVIL, exact: true }).waitFor();
    await expectAccessible(page);
    for (const text of HOSTILE_TEXTS) await page.getByRole('link', { name: text, exact: true }).waitFor();
    await page.goto(`${dashboard.url()}/ui/buckets/evil?view=tree&delimiter=_`);
    await page.getByRole('treeitem').getByRole('link', { name: EVIL, exact: true }).waitFor();
    await page.getByRole('link', { name: EVIL, exact: true }).click();
    await page.getByRole('heading', { level: 1, name: EVIL }).waitFor();
    await page.locator('.cm-content').getByText(EVIL).waitFor();
    expect(await page.locator('img[src="x"]').count()).toBe(0);
    expect(await page.title()).toBe(`${EVIL} · kvflow`);
  });

  browserTest('keys - the menu leads to the live view and to import and export of this bucket', async () => {
    await calls.create(dashboard.kvflow(), { bucket: 'led', storage: 'memory' });
    await using page = await dashboard.page('/ui/buckets/led');
    for (const [item, heading] of [
      ['Watch live', 'Live'],
      ['Import or export', 'Import & export'],
    ] as const) {
      await page.getByRole('button', { name: 'Actions of led' }).click();
      await page.getByRole('menuitem', { name: item }).click();
      await page.getByRole('heading', { level: 1, name: heading }).waitFor();
      await expectQuery(page, { bucket: 'led' });
      await page.goBack();
    }
  });
}

const EVIL = '<img src=x onerror="document.title=1"><script>document.title=2</script>';
