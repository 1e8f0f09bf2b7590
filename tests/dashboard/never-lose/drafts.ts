/** A part of never-lose.test.ts. */
import { expect } from '@jest/globals';
import { dashboardRoute } from '../../../runtime/server/routes/dashboard.ts';
import { calls } from '../../support/calls.ts';
import { eventually } from '../../support/eventually.ts';
import { serve } from '../../support/served.ts';
import { builtDashboard } from '../support/built.ts';
import type { Dashboard } from '../support/dashboard.ts';
import { browserTest } from '../support/dashboard.ts';
import { type } from './shared.ts';

/** Registers them, on a server and browser that all parts share. */
export function drafts(open: Dashboard): void {
  browserTest(
    'drafts - leaving asks, a draft outlives a reload and is offered until it is saved or dropped',
    async () => {
      const k = open.kvflow();
      await calls.create(k, { bucket: 'drafts', history: 3 });
      await calls.put(k, { bucket: 'drafts', key: 'k', value: 'before' });
      await using visit = await open.visit('/ui/buckets/drafts/keys/k');
      const { page } = visit;
      await page.getByRole('button', { name: 'Edit' }).click();
      await type(page, ' MINE');
      await page
        .getByRole('navigation', { name: 'Breadcrumbs' })
        .getByRole('link', { name: 'drafts' })
        .click();
      await page.getByRole('dialog').getByText('your changes of k').waitFor();
      await page.getByRole('button', { name: 'Stay' }).click();
      expect(await page.locator('.cm-content').textContent()).toBe('before MINE');
      await page
        .getByRole('navigation', { name: 'Breadcrumbs' })
        .getByRole('link', { name: 'drafts' })
        .click();
      await page.getByRole('button', { name: 'Leave' }).click();
      await page.waitForURL(/\/buckets\/drafts$/);
      // Somebody writes meanwhile: the draft still knows what it changed.
      await calls.put(k, { bucket: 'drafts', key: 'k', value: 'theirs' });
      await page.goto(`${open.url()}/ui/buckets/drafts/keys/k`);
      await page.getByText('You have a draft that was not saved').waitFor();
      await page.getByText('before MINE').waitFor();
      await page.getByRole('button', { name: 'Go on editing' }).click();
      await page.getByText('Somebody has written revision 2 meanwhile').waitFor();
      visit.allow(/409/);
      await page.keyboard.press('Control+s');
      await page
        .getByRole('button', { name: 'Save' })
        .click()
        .catch(() => undefined);
      expect(await k.call('kv-key-get', { bucket: 'drafts', key: 'k' })).toMatchObject({
        value: 'theirs',
      });
    },
  );

  browserTest('drafts - saved with Ctrl S, nothing is offered any more', async () => {
    const k = open.kvflow();
    await calls.create(k, { bucket: 'saved' });
    await calls.put(k, { bucket: 'saved', key: 'k', value: 'a' });
    await using page = await open.page('/ui/buckets/saved/keys/k');
    await page.getByRole('button', { name: 'Edit' }).click();
    await type(page, 'b');
    await page.keyboard.press('Control+s');
    await page.getByText('Saved.').waitFor();
    expect(await k.call('kv-key-get', { bucket: 'saved', key: 'k' })).toMatchObject({ value: 'ab' });
    await page.reload();
    await page.getByText('revision 2').first().waitFor();
    expect(await page.getByText('You have a draft').count()).toBe(0);
  });

  browserTest(
    'drafts - a new key, a new bucket and changed options are kept, and closing them asks',
    async () => {
      const k = open.kvflow();
      await calls.create(k, { bucket: 'forms' });
      await using page = await open.page('/ui/buckets/forms');
      const dialog = page.getByRole('dialog');
      const newKey = page.getByRole('button', { name: 'New key' }).first();
      const key = dialog.getByRole('textbox', { name: 'Key' });
      await newKey.click();
      await key.fill('typed');
      await dialog.locator('.cm-content').fill('{"a":1}');
      await page.reload();
      await newKey.click();
      await dialog.getByRole('button', { name: 'Go on editing' }).click();
      await eventually(async () => expect(await key.inputValue()).toBe('typed'));
      await dialog.getByRole('button', { name: 'Write' }).click();
      await page.waitForURL(/keys\/typed$/);
      expect((await calls.get(k, { bucket: 'forms', key: 'typed' })).value).toBe('{"a":1}');
      await page.goto(`${open.url()}/ui/buckets/forms`);
      await newKey.click();
      await key.waitFor();
      expect(await dialog.getByText('You have a draft').count()).toBe(0);
      await page.goto(`${open.url()}/ui/buckets?q=forms`);
      for (const [opens, field] of [
        [() => page.getByRole('button', { name: 'Create bucket' }).first().click(), /^bucket/],
        [
          async () => {
            await page.getByRole('button', { name: 'Actions of forms' }).click();
            await page.getByRole('menuitem', { name: 'Edit options' }).click();
          },
          /^description/,
        ],
      ] as const) {
        await opens();
        await dialog.getByLabel(field).first().fill('kept');
        await page.keyboard.press('Escape');
        await page.getByRole('button', { name: 'Stay' }).click();
        await eventually(async () =>
          expect(await dialog.getByLabel(field).first().inputValue()).toBe('kept'),
        );
        await page.reload();
        await opens();
        await dialog.getByRole('button', { name: 'Go on editing' }).click();
        await eventually(async () =>
          expect(await dialog.getByLabel(field).first().inputValue()).toBe('kept'),
        );
        await page.keyboard.press('Escape');
        await page.getByRole('button', { name: 'Leave' }).click();
        await dialog.waitFor({ state: 'detached' });
      }
    },
  );

  browserTest(
    'drafts - what is clicked before the page has its answers is done once it has them',
    async () => {
      await calls.create(open.kvflow(), { bucket: 'early' });
      await using visit = await open.visit('/ui/buckets');
      const { page } = visit;
      const clicked = Promise.withResolvers<void>();
      await page.route('**/functions/kv-bucket-info/invocations', async route => {
        await clicked.promise;
        await route.continue();
      });
      await page.goto(`${open.url()}/ui/buckets/early`);
      await page.getByRole('button', { name: 'New key' }).first().click();
      clicked.resolve();
      await page.getByRole('dialog').getByRole('textbox', { name: 'Key' }).waitFor();
    },
  );

  browserTest('drafts - what was typed outlives a server that is gone when it is saved', async () => {
    const k = open.kvflow();
    await calls.create(k, { bucket: 'lost-server' });
    await calls.put(k, { bucket: 'lost-server', key: 'k', value: 'before' });
    const plugins = [dashboardRoute(await builtDashboard())];
    await using visit = await open.visit('/ui/buckets');
    visit.allow(/ERR_|Failed to load/);
    const { page } = visit;
    const first = await serve(k, { homePage: false, plugins });
    const { port } = new URL(first.url);
    visit.allowOrigin(first.url);
    await page.goto(`${first.url}/ui/buckets/lost-server/keys/k`);
    await page.getByRole('button', { name: 'Edit' }).click();
    await type(page, ' MINE');
    await first.close();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('kvflow does not answer', { exact: true }).waitFor();
    expect(await page.locator('.cm-content').textContent()).toBe('before MINE');
    await using again = await serve(k, { homePage: false, plugins, port: Number(port) });
    await page.getByText('kvflow does not answer', { exact: true }).waitFor({ state: 'detached' });
    page.on('dialog', dialog => void dialog.accept());
    await page.goto(`${again.url}/ui/buckets/lost-server/keys/k`);
    await page.getByText('You have a draft that was not saved').waitFor();
    await page.getByRole('button', { name: 'Go on editing' }).click();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved.').waitFor();
    expect(await calls.get(k, { bucket: 'lost-server', key: 'k' })).toMatchObject({ value: 'before MINE' });
  });
}
