/** A part of key.test.ts. */
import { expect } from '@jest/globals';
import { calls } from '../../support/calls.ts';
import { eventually } from '../../support/eventually.ts';
import { expectAccessible } from '../support/accessible.ts';
import { expectQuery } from '../support/address.ts';
import type { Dashboard } from '../support/dashboard.ts';
import { browserTest } from '../support/dashboard.ts';
import { pathOf, type } from './shared.ts';

/** Registers them, on a server and browser that all parts share. */
export function changes(dashboard: Dashboard): void {
  async function write(bucket: string, key: string, ...values: string[]): Promise<number[]> {
    const revisions: number[] = [];
    for (const value of values) {
      revisions.push((await calls.put(dashboard.kvflow(), { bucket, key, value })).revision);
    }
    return revisions;
  }

  browserTest(
    'key - renamed, then copied to another bucket; one that is there is not written over unasked',
    async () => {
      const k = dashboard.kvflow();
      for (const bucket of ['moved', 'moved-to']) await calls.create(k, { bucket });
      await write('moved', 'old', 'x');
      await write('moved', 'taken', 'there before');
      await using visit = await dashboard.visit(pathOf('moved', 'old'));
      // The old key is gone, and looked for once more.
      visit.allow(/404|409/);
      const { page } = visit;
      const dialog = page.getByRole('dialog');
      const begin = async () => {
        await page.getByRole('button', { name: 'More actions' }).click();
        await page.getByRole('menuitem', { name: 'Rename or copy' }).click();
      };
      await begin();
      await dialog.getByLabel('New key').fill('taken');
      await dialog.getByRole('button', { name: 'Rename' }).click();
      await dialog.getByText('REVISION_CONFLICT').waitFor();
      await expectAccessible(page);
      await dialog.getByLabel('New key').fill('new/one');
      await dialog.getByRole('button', { name: 'Rename' }).click();
      await page.getByRole('heading', { name: 'new/one' }).waitFor();
      expect((await calls.list(k, { bucket: 'moved' })).items.map(({ key }) => key)).toEqual([
        'taken',
        'new/one',
      ]);
      await begin();
      await dialog.getByText('Copy', { exact: true }).first().click();
      await dialog.getByRole('combobox', { name: 'To bucket' }).click();
      await page.getByRole('option', { name: 'moved-to' }).click();
      await dialog.getByRole('button', { name: 'Copy' }).click();
      await page.waitForURL(/\/buckets\/moved-to\/keys\//);
      expect(await calls.get(k, { bucket: 'moved-to', key: 'new/one' })).toMatchObject({ value: 'x' });
    },
  );

  browserTest(
    'key - an edit keeps JSON as compact as it was, and is seen by who else looks at it',
    async () => {
      const k = dashboard.kvflow();
      await calls.create(k, { bucket: 'edits' });
      await write('edits', 'a', '{"plan":"free","n":1.0}');
      await using other = await dashboard.visit(pathOf('edits', 'a'));
      await other.page.getByText('"free"').waitFor();
      await using page = await dashboard.page(pathOf('edits', 'a'));
      await page.getByText('"free"').waitFor();
      await page.keyboard.press('e');
      const editor = page.getByLabel('New value', { exact: true });
      // On a busy machine two clicks may be too far from each other for one that is double.
      await eventually(async () => {
        await editor.getByText('"free"').dblclick();
        expect(await page.evaluate('getSelection().toString()')).toBe('free');
      });
      await page.keyboard.type('pro');
      // Its cursor does not blink for who asked for less motion, and nothing else moves without end.
      expect(
        await page.evaluate(
          'document.getAnimations().filter(a => a.effect.getComputedTiming().endTime === Infinity).length',
        ),
      ).toBe(0);
      await expectAccessible(page);
      await page.getByRole('button', { name: 'Save' }).click();
      await page.getByRole('tree').getByText('"pro"').waitFor();
      expect((await calls.get(k, { bucket: 'edits', key: 'a' })).value).toBe('{"plan":"pro","n":1.0}');
      await other.page.getByText('"pro"').waitFor();
    },
  );

  browserTest("key - another's edit in between is merged, not overwritten", async () => {
    const k = dashboard.kvflow();
    await calls.create(k, { bucket: 'conflicts', history: 5 });
    const base = '{"theme":"dark","size":1,"plan":"free","tags":[],"seats":3}';
    const [first = 0] = await write('conflicts', 'both', base);
    await using visit = await dashboard.visit(pathOf('conflicts', 'both'));
    visit.allow(/409/);
    const { page } = visit;
    await page.getByText('"dark"').waitFor();
    await page.getByRole('button', { name: 'Edit' }).click();
    const editor = page.getByLabel('New value', { exact: true });
    await editor.getByText('"dark"').waitFor();
    await type(
      page,
      'New value',
      '{\n  "theme": "light",\n  "size": 1,\n  "plan": "free",\n  "tags": [],\n  "seats": 4\n}',
    );
    // They change a line of ours, and one of their own.
    const [second] = await write('conflicts', 'both', base.replace('dark', 'sepia').replace('free', 'pro'));
    await page.getByText(`Somebody has written revision ${second} meanwhile`).waitFor();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Somebody else has saved this key meanwhile').waitFor();
    await page.getByText(new RegExp(`You began with revision ${first}; revision ${second}`)).waitFor();
    await page.getByText('1 place below was changed by both').waitFor();
    await page.getByRole('heading', { name: 'What they changed' }).waitFor();
    await page.getByRole('heading', { name: 'What you changed' }).waitFor();
    const result = page.getByLabel('Result', { exact: true });
    await result.getByText('<<<<<<< yours').waitFor();
    await result.getByText('"pro"').waitFor();
    await result.getByText('"seats": 4').waitFor();
    const goOn = page.getByRole('button', { name: 'Go on with the result' });
    await eventually(async () => expect(await goOn.isDisabled()).toBe(true));
    await expectAccessible(page);
    await type(page, 'Result', '{"theme":"light","size":1,"plan":"pro","tags":[],"seats":4}');
    await goOn.click();
    // A third one comes in between again.
    await write('conflicts', 'both', base.replace('dark', 'third'));
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Somebody else has saved this key meanwhile').waitFor();
    await page.getByText('Yours', { exact: true }).last().click();
    await goOn.click();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('tree').getByText('"light"').waitFor();
    const stored = await calls.get(k, { bucket: 'conflicts', key: 'both', json: true });
    expect(stored.value).toEqual({ theme: 'light', size: 1, plan: 'pro', tags: [], seats: 4 });
  });

  browserTest(
    'key - deleted by somebody else while it was edited: written again only when asked',
    async () => {
      const k = dashboard.kvflow();
      await calls.create(k, { bucket: 'vanishing' });
      await write('vanishing', 'a', 'before');
      await using visit = await dashboard.visit(pathOf('vanishing', 'a'));
      visit.allow(/40[49]/);
      const { page } = visit;
      await page.getByText('before', { exact: true }).waitFor();
      await page.getByRole('button', { name: 'Edit' }).click();
      await type(page, 'New value', 'mine');
      await k.call('kv-key-delete', { bucket: 'vanishing', key: 'a' });
      await page.getByRole('button', { name: 'Save' }).click();
      await page.getByText('Deleted by somebody else meanwhile').waitFor();
      await page.getByRole('button', { name: 'Write it again' }).click();
      await eventually(async () =>
        expect(await calls.get(k, { bucket: 'vanishing', key: 'a' })).toMatchObject({ value: 'mine' }),
      );
    },
  );

  browserTest('key - history: any two revisions compared, one brought back, one linked to', async () => {
    const k = dashboard.kvflow();
    await calls.create(k, { bucket: 'past', history: 10 });
    const [one, two] = await write('past', 'a', '{"v":"one"}', '{"v":"two"}');
    await k.call('kv-key-delete', { bucket: 'past', key: 'a' });
    const by = { host: 'node-red', flow: 'orders', node: 'save', script: 'tidy' };
    const put = { bucket: 'past', key: 'a', value: '{"v":"three"}' };
    const { revision: three } = (await k.call('kv-key-put', put, { by })) as unknown as { revision: number };
    await using page = await dashboard.page(pathOf('past', 'a'));
    await page.getByText('"three"').waitFor();
    await page.getByRole('tab', { name: 'History' }).click();
    await page.getByText('deleted', { exact: true }).waitFor();
    await page.getByRole('region', { name: `Revision ${two} against revision ${three}` }).waitFor();
    await page.getByRole('radio', { name: `Compare from revision ${one}` }).check();
    await page.getByRole('radio', { name: `Compare to revision ${two}` }).check();
    const compared = page.getByRole('region', { name: `Revision ${one} against revision ${two}` });
    await compared.getByText('"one"').waitFor();
    await compared.getByText('"two"').waitFor();
    await expectAccessible(page);
    // A line of each value, and who wrote it: what the caller says of itself is told from what is proven.
    const written = page.getByRole('row').filter({ hasText: '{"v":"three"}' });
    expect(await written.locator('em').allTextContents()).toEqual(['node-red › orders › save']);
    expect(await written.getByTitle('In italics: as the caller says').textContent()).toBe(
      'script tidy · node-red › orders › save',
    );
    await page.getByRole('row').filter({ hasText: '{"v":"one"}' }).first().waitFor();
    await page.getByRole('button', { name: `Revert to ${one}`, exact: true }).click();
    const dialog = page.getByRole('dialog', { name: `Revert to revision ${one}` });
    await dialog.getByLabel(`Revision ${three}, as it is`).getByText('"three"').waitFor();
    await dialog.getByLabel(`Revision ${one}, as it will be`).getByText('"one"').waitFor();
    await expectAccessible(page);
    // Looking changes nothing.
    expect((await calls.get(k, { bucket: 'past', key: 'a' })).revision).toBe(three);
    await dialog.getByRole('button', { name: 'Revert' }).click();
    await page.getByText(new RegExp(`Revision ${one} is current again`)).waitFor();
    expect((await calls.get(k, { bucket: 'past', key: 'a' })).value).toBe('{"v":"one"}');
    await page.getByRole('link', { name: String(two), exact: true }).click();
    await page.getByText(`This is revision ${two}`).waitFor();
    await page.getByText('"two"').waitFor();
    await expectQuery(page, { revision: String(two) });
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Revert to it' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Revert' }).click();
    await page.getByText(`This is revision ${two}`).waitFor({ state: 'detached' });
    expect((await calls.get(k, { bucket: 'past', key: 'a' })).value).toBe('{"v":"two"}');
  });

  browserTest(
    'key - a ttl counts down, is kept by an edit, and is set, begun again and taken away',
    async () => {
      const k = dashboard.kvflow();
      await calls.create(k, { bucket: 'ttls', key_ttl: true, history: 5 });
      const written = await calls.put(k, { bucket: 'ttls', key: 'a', value: 'x', ttl: 600e9 });
      const end = Date.parse(written.expires_at ?? '');
      const left = async () => {
        const { expires_at } = await calls.get(k, { bucket: 'ttls', key: 'a' });
        return expires_at === undefined ? undefined : Date.parse(expires_at) - Date.now();
      };
      await using page = await dashboard.page(pathOf('ttls', 'a'));
      const shown = page.locator('[data-expiry]');
      const before = await shown.textContent();
      // What is shown was true a moment ago.
      expect(secondsIn(before)).toBeGreaterThan(((await left()) ?? 0) / 1_000 - 2);
      expect(secondsIn(before)).toBeLessThanOrEqual(600);
      await eventually(async () =>
        expect(secondsIn(await shown.textContent())).toBeLessThan(secondsIn(before)),
      );
      await page.getByRole('button', { name: 'Edit' }).click();
      const expiry = page.getByRole('combobox', { name: 'Expiry' });
      const offered = await expiry.inputValue();
      expect(offered).toMatch(/^Expires as now, in /);
      expect(secondsIn(offered)).toBeGreaterThan(((await left()) ?? 0) / 1_000 - 2);
      expect(secondsIn(offered)).toBeLessThanOrEqual(600);
      await type(page, 'New value', 'y');
      await page.getByRole('button', { name: 'Save' }).click();
      await page.locator('[data-value]').getByText('y', { exact: true }).waitFor();
      const kept = await calls.get(k, { bucket: 'ttls', key: 'a' });
      expect(Math.abs(Date.parse(kept.expires_at ?? '') - end)).toBeLessThan(1_500);
      await page.getByRole('textbox', { name: 'New ttl, from now' }).fill('2 hours');
      await page.getByRole('button', { name: 'Set', exact: true }).click();
      await eventually(async () => expect(await left()).toBeGreaterThan(7_000_000));
      await shown.getByText(/1:59:\d\d|2:00:00|01:59:\d\d|02:00:00/).waitFor();
      await expectAccessible(page);
      const set = Date.now() + ((await left()) ?? 0);
      await page.getByRole('button', { name: 'Start again' }).click();
      // The first new end is still told of: this one is there when the key has it.
      await eventually(async () => expect(Date.now() + ((await left()) ?? 0)).toBeGreaterThan(set + 50));
      await page.getByText('It has a new end.').first().waitFor();
      await page.getByRole('button', { name: 'Remove ttl' }).click();
      await shown.getByText('Never expires.').waitFor();
      expect(await left()).toBeUndefined();
    },
  );

  browserTest(
    'key - a counter is counted without losing another step; a key is deleted and purged',
    async () => {
      const k = dashboard.kvflow();
      await calls.create(k, { bucket: 'counters', history: 5 });
      await k.call('kv-key-increment', { bucket: 'counters', key: 'n', by: 41 });
      await using visit = await dashboard.visit(pathOf('counters', 'n'));
      visit.allow(/404/);
      const { page } = visit;
      await page.getByRole('button', { name: '+1' }).click();
      await page.locator('[data-value]').getByText('42', { exact: true }).waitFor();
      await page.getByRole('textbox', { name: 'Step' }).fill('-12');
      await page.getByRole('button', { name: 'Add', exact: true }).click();
      await page.locator('[data-value]').getByText('30', { exact: true }).waitFor();
      const choose = async (name: string, confirm: string) => {
        await page.getByRole('button', { name: 'More actions' }).click();
        await page.getByRole('menuitem', { name }).click();
        await page.getByRole('dialog').getByRole('button', { name: confirm }).click();
      };
      await choose('Delete', 'Delete');
      await page.getByText('This key was deleted').waitFor();
      await expectAccessible(page);
      await page.getByRole('button', { name: 'Show what is kept of it' }).click();
      await page.getByRole('button', { name: 'Revert to 3', exact: true }).click();
      await page.getByRole('dialog').getByText('The key is gone').waitFor();
      await page.getByRole('dialog').getByRole('button', { name: 'Revert' }).click();
      await page.getByRole('tab', { name: 'Value' }).click();
      await page.locator('[data-value]').getByText('30', { exact: true }).waitFor();
      await choose('Purge with history', 'Purge');
      await page.getByText('This key was purged').waitFor();
    },
  );
}

/** Of the minutes and seconds that a text tells. */
function secondsIn(text: string | null): number {
  const [, minutes, seconds] = /\bin (\d+):(\d\d)/.exec(text ?? '') ?? [];
  return Number(minutes) * 60 + Number(seconds);
}
