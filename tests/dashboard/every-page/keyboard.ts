/** A part of every-page.test.ts. */
import { expect } from '@jest/globals';
import { eventually } from '../../support/eventually.ts';
import { browserTest } from '../support/dashboard.ts';
import type { Recognizing } from '../support/recognizing.ts';

/** Registers them, on a server and browser that all parts share. */
export function keyboard(dashboard: Recognizing): void {
  browserTest('every page - g and a letter goes there, ? tells what the keys do, / searches', async () => {
    await using page = await dashboard.page('/ui/buckets');
    const links = page.getByRole('navigation').first().getByRole('link');
    await page.getByRole('heading', { level: 1, name: 'Buckets' }).waitFor();
    for (const [letter, name] of [
      ['l', 'Live'],
      ['f', 'Functions'],
      ['s', 'Sessions'],
      ['r', 'Recognition'],
      ['b', 'Buckets'],
    ] as const) {
      await page.keyboard.press('g');
      await page.keyboard.press(letter);
      await page.getByRole('heading', { level: 1, name }).waitFor();
      await page.keyboard.press('?');
      await page.getByRole('dialog').getByText(`Go to ${name}`).waitFor();
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
    }
    expect(await links.count()).toBeGreaterThanOrEqual(6);
    await page.keyboard.press('/');
    expect(await page.evaluate('document.activeElement?.hasAttribute("data-page-search")')).toBe(true);
  });

  browserTest('every page - a bucket and a key are made, edited and deleted by keyboard alone', async () => {
    await using visit = await dashboard.visit('/ui/buckets');
    visit.allow(/404/);
    const { page } = visit;
    const { keyboard } = page;
    const press = async (...keys: string[]) => {
      for (const key of keys) await keyboard.press(key);
    };
    /** Tab after Tab, until what has the focus is called so. */
    const tabTo = async (name: RegExp) => {
      const passed = new Set<string>();
      for (let presses = 0; presses < 120; presses++) {
        const focused = await page.evaluate<string>(FOCUSED);
        if (name.test(focused)) return;
        passed.add(focused);
        await press('Tab');
      }
      throw new Error(`${name} was not reached by Tab, which went to ${[...passed].join(' | ')}`);
    };
    /** A dialog takes the focus a moment after it is there. */
    const dialogHasFocus = () =>
      eventually(async () => {
        expect(await page.evaluate('document.activeElement?.closest("[role=dialog]") !== null')).toBe(true);
      });
    await page.getByRole('heading', { level: 1, name: 'Buckets' }).waitFor();
    await page.getByRole('button', { name: 'Create bucket' }).first().waitFor();
    await tabTo(/^Create bucket$/);
    await press('Enter');
    await page
      .getByRole('dialog')
      .getByLabel(/^bucket/)
      .first()
      .waitFor();
    await dialogHasFocus();
    await tabTo(/^bucket/);
    await keyboard.type('keyed');
    await tabTo(/^history/);
    await press('Control+a');
    await keyboard.type('5');
    await tabTo(/^Create$/);
    await press('Enter');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.goto(`${dashboard.url()}/ui/buckets?q=keyed`);
    await page.getByRole('link', { name: 'keyed', exact: true }).waitFor();
    await tabTo(/^keyed$/);
    await press('Enter');
    await page.getByRole('heading', { level: 1, name: 'keyed' }).waitFor();
    await page.getByRole('button', { name: 'New key' }).first().waitFor();
    await tabTo(/^New key$/);
    await press('Enter');
    await page.getByRole('dialog').getByRole('textbox', { name: 'Key' }).waitFor();
    await dialogHasFocus();
    await tabTo(/^Key/);
    await keyboard.type('one');
    await tabTo(/^JSON$/);
    await press('ArrowRight');
    await page.getByRole('dialog').locator('.cm-content').waitFor();
    await tabTo(/^Value/);
    await keyboard.type('first');
    await page.getByRole('dialog').locator('.cm-content').getByText('first').waitFor();
    await tabTo(/^Write$/);
    await press('Enter');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.goto(`${dashboard.url()}/ui/buckets/keyed/keys/one`);
    await page.locator('[data-value]').getByText('first').waitFor();
    // The page has to know first whether this key may write.
    await eventually(async () => {
      const editor = page.getByRole('textbox', { name: 'New value' });
      if (!(await editor.isVisible())) await press('e');
      await editor.waitFor({ timeout: 1_000 });
    });
    await tabTo(/^New value/);
    await press('Control+End');
    await keyboard.type(' and more');
    await press('Control+s');
    await eventually(async () => {
      const { value } = await dashboard.kvflow().call('kv-key-get', { bucket: 'keyed', key: 'one' });
      expect(value).toBe('first and more');
    });
    await tabTo(/^More actions$/);
    await press('Enter');
    await page.getByRole('menuitem', { name: 'Delete' }).waitFor();
    await eventually(async () => {
      if (!/^Delete$/.test(await page.evaluate<string>(FOCUSED))) await press('ArrowDown');
      expect(await page.evaluate<string>(FOCUSED)).toBe('Delete');
    });
    await press('Enter');
    await page.getByRole('dialog').waitFor();
    await dialogHasFocus();
    await tabTo(/^Delete$/);
    await press('Enter');
    await eventually(async () => {
      expect(await dashboard.kvflow().call('kv-key-list', { bucket: 'keyed' })).toMatchObject({ items: [] });
    });
  });
}

/** The name of what has the focus, as far as these pages name things. */
const FOCUSED = `(() => {
  const e = document.activeElement;
  const by = e?.getAttribute('aria-labelledby');
  const label = e?.getAttribute('aria-label') ?? e?.labels?.[0]?.textContent;
  return (label ?? (by ? document.getElementById(by)?.textContent : e?.textContent) ?? '').trim().slice(0, 60);
})()`;
