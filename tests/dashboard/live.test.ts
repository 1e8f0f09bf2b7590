/** The page Live, clicked in a real browser. */
import { expect } from '@jest/globals';
import type { Page } from 'playwright-core';
import { bucketOf } from '../functions/kv.ts';
import { calls } from '../support/calls.ts';
import { eventually } from '../support/eventually.ts';
import { PATIENCE } from '../support/patience.ts';
import { expectAccessible } from './support/accessible.ts';
import { expectQuery } from './support/address.ts';
import { browserTest, openDashboard } from './support/dashboard.ts';
import { HOSTILE_TEXTS } from './support/hostile-texts.ts';

const open = openDashboard(() => ({
  health: async () =>
    open.kvflow().nats.connected()
      ? { ready: true }
      : { ready: false, reason: 'NATS is out of reach; kvflow keeps trying' },
}));

const row = (page: Page, key: string) => page.getByRole('row').filter({ hasText: key }).first();
const count = (page: Page, operation: string) =>
  page
    .locator(`[data-count="${operation}"]`)
    .textContent()
    .then(text => Number(text?.replaceAll(',', '')));
const live = (page: Page) => page.getByText('Live', { exact: true }).nth(2);

browserTest(
  'live - a bucket is chosen, and what happens in it shows with its word, value and link',
  async () => {
    const k = open.kvflow();
    await calls.create(k, { bucket: 'events', history: 5, key_ttl: true });
    await using page = await open.page('/ui/live');
    await page.getByText('Which bucket?').waitFor();
    await expectAccessible(page);
    await page.getByRole('button', { name: 'events' }).click();
    await page.getByText('Nothing has changed yet').waitFor();
    await live(page).waitFor();
    await expectQuery(page, { bucket: 'events' });
    const by = { host: 'n8n', flow: 'orders', script: 'tidy' };
    await calls.put(k, { bucket: 'events', key: 'user/1', value: { deep: { list: [1, 2] } } }, { by });
    await calls.put(k, { bucket: 'events', key: 'other', value: 'text' });
    await k.call('kv-key-delete', { bucket: 'events', key: 'other' });
    await k.call('kv-key-purge', { bucket: 'events', key: 'user/1' });
    for (const [key, operation] of [
      ['user/1', 'purge'],
      ['other', 'delete'],
    ] as const) {
      await row(page, key).getByText(operation, { exact: true }).waitFor();
    }
    expect(await Promise.all(['put', 'delete', 'purge', 'expire'].map(name => count(page, name)))).toEqual([
      2, 1, 1, 0,
    ]);
    const opener = page.getByRole('button', { name: 'Details of revision 1 of user/1' });
    for (const isOpen of [true, false, true]) {
      await opener.click();
      await eventually(async () => expect(await opener.getAttribute('aria-expanded')).toBe(String(isOpen)));
    }
    const details = page.getByRole('region', { name: 'Revision 1 of user/1' });
    await details.getByRole('treeitem', { name: /deep/ }).waitFor();
    // Who made it, what the caller says of itself told from what is proven.
    await details.getByText('script tidy').waitFor();
    expect(await details.locator('em').allTextContents()).toEqual(['n8n › orders']);
    await expectAccessible(page);
    await details.getByRole('button', { name: 'Close the details' }).click();
    await page.getByRole('button', { name: /^put/ }).click();
    await eventually(async () => expect(await page.getByText('put', { exact: true }).count()).toBe(0));
    await page.getByRole('button', { name: /^put/ }).click();
    await page.keyboard.press('/');
    await page.keyboard.type('TEXT');
    await page.getByText('1 change of 4 shown').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Clear' }).click();
    await page.getByText('Nothing has changed yet').waitFor();
    const link = page.getByRole('link', { name: 'again', exact: true });
    await calls.put(k, { bucket: 'events', key: 'again', value: '1' });
    await link.waitFor();
    expect(await link.getAttribute('href')).toBe('/ui/buckets/events/keys/again');
    const revision = page.getByRole('link', { name: /^Revision \d+ of again$/ });
    expect(await revision.getAttribute('href')).toMatch(/\/ui\/buckets\/events\/keys\/again\?revision=\d+$/);
  },
);

browserTest('live - an expiry shows as one, and the start and the pattern are in the address', async () => {
  const k = open.kvflow();
  await calls.create(k, { bucket: 'expiring', history: 3 });
  await calls.put(k, { bucket: 'expiring', key: 'a.1', value: 'one' });
  await calls.put(k, { bucket: 'expiring', key: 'a.1', value: 'two' });
  await calls.put(k, { bucket: 'expiring', key: 'b.1', value: 'no' });
  await using page = await open.page('/ui/live?bucket=expiring&filter=a.*&start=history');
  await page.getByRole('button', { name: 'Details of revision 2 of a.1' }).waitFor();
  expect(await count(page, 'put')).toBe(2);
  expect(await page.getByText('b.1').count()).toBe(0);
  await calls.create(k, { bucket: 'short-lived', key_ttl: true });
  await page.getByText('Current values first').click();
  await eventually(async () => expect(await count(page, 'put')).toBe(1));
  await expectQuery(page, { bucket: 'expiring', filter: 'a.*', start: 'current' });
  await page.getByLabel('Keys').fill('b.*');
  await page.getByLabel('Keys').press('Enter');
  await page.getByRole('button', { name: 'Details of revision 3 of b.1' }).waitFor();
  await expectQuery(page, { bucket: 'expiring', filter: 'b.*', start: 'current' });
  await page.goto(`${open.url()}/ui/live?bucket=short-lived&start=current`);
  // NATS keeps the marker of an end for a second. A page that was opened later than that would be told of nothing, however
  // long it waited: so the item is put once this one hears of it.
  await live(page).waitFor();
  await calls.put(k, { bucket: 'short-lived', key: 'soon-over', value: 'x', ttl: 1_000_000_000 });
  await row(page, 'soon-over').getByText('expire', { exact: true }).waitFor();
});

browserTest(
  'live - paused, nothing moves and what waits is counted; going on, nothing is missing',
  async () => {
    const k = open.kvflow();
    await calls.create(k, { bucket: 'pausing' });
    await using page = await open.page('/ui/live?bucket=pausing');
    await live(page).waitFor();
    await calls.put(k, { bucket: 'pausing', key: 'before', value: '0' });
    await row(page, 'before').waitFor();
    await page.locator('h1').click();
    await page.keyboard.press('p');
    await page.getByText('Paused').waitFor();
    for (let i = 0; i < 25; i++)
      await calls.put(k, { bucket: 'pausing', key: `while.${i}`, value: String(i) });
    await page.getByRole('button', { name: 'Go on (25 waiting)' }).waitFor();
    expect(await page.getByText('while.24').count()).toBe(0);
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Go on (25 waiting)' }).click();
    await row(page, 'while.24').waitFor();
    await page.getByText('26 changes', { exact: true }).waitFor();
    const table = page.getByRole('table');
    expect(Number(await table.getAttribute('aria-rowcount'))).toBe(27);
  },
);

browserTest(
  'live - a burst of 6,000 changes is counted whole in a slow tab, which keeps the newest',
  async () => {
    const k = open.kvflow();
    await calls.create(k, { bucket: 'burst', storage: 'memory' });
    await using page = await open.page('/ui/live?bucket=burst');
    await live(page).waitFor();
    const tools = await page.context().newCDPSession(page);
    await tools.send('Emulation.setCPUThrottlingRate', { rate: 4 });
    const items = (part: number) =>
      Array.from({ length: 1_000 }, (_, i) => ({ key: `k.${part}.${i}`, value: 'x'.repeat(100) }));
    const writing = Promise.all(
      Array.from({ length: 6 }, (_, part) =>
        k.call('kv-key-put-many', { bucket: 'burst', items: items(part) }),
      ),
    );
    const places = async (...names: (string | RegExp)[]) =>
      Promise.all(names.map(name => page.getByRole('button', { name }).boundingBox()));
    const before = await places('Pause', 'Clear', 'By key', 'Capture');
    // The page answers meanwhile.
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByRole('button', { name: /Go on/ }).waitFor();
    await writing;
    const paused = await places(/Go on/, 'Clear', 'By key', 'Capture');
    await page.getByRole('button', { name: /Go on/ }).click();
    await eventually(async () => expect(await count(page, 'put')).toBe(6_000), { within: 20_000 });
    // What is pressed moves away under nobody's pointer, however much comes.
    expect(paused).toEqual(before);
    expect(await places('Pause', 'Clear', 'By key', 'Capture')).toEqual(before);
    await page.getByText('the newest 5,000 of 6,000 are kept').waitFor();
    expect(await page.getByRole('row').count()).toBeLessThan(60);
    await tools.send('Emulation.setCPUThrottlingRate', { rate: 1 });
    await eventually(async () =>
      expect(
        await page.getByTitle(/^At most [1-9][\d,]* changes? in a second of the last minute$/).count(),
      ).toBe(1),
    );
    const top = await page.evaluate<number>(
      "document.querySelector('[role=region]:has(tr[data-index])').scrollTop = 3400",
    );
    const seen = page.locator('[data-index="105"]');
    const details = await seen.getByRole('button', { name: /^Details/ }).textContent();
    await calls.put(k, { bucket: 'burst', key: 'one-more', value: 'y' });
    await eventually(async () => expect(await count(page, 'put')).toBe(6_001));
    const moved = page.locator('[data-index="106"]').getByRole('button', { name: /^Details/ });
    await eventually(async () => expect(await moved.textContent()).toBe(details));
    expect(
      await page.evaluate<number>("document.querySelector('[role=region]:has(tr[data-index])').scrollTop"),
    ).toBe(top + 34);
  },
);

browserTest(
  'live - all buckets in one list, one made meanwhile among them; a key that changes again and again is one row',
  async () => {
    const k = open.kvflow();
    for (const bucket of ['team-a', 'team-b', 'elsewhere']) await calls.create(k, { bucket });
    await using page = await open.page('/ui/live');
    await page.getByRole('button', { name: 'All buckets' }).click();
    await live(page).waitFor();
    await expectQuery(page, { bucket: '*' });
    for (const total of [1, 2, 3]) {
      await calls.put(k, { bucket: 'team-a', key: 'order', value: { total, of: 'a' } });
      await calls.put(k, { bucket: 'team-b', key: 'order', value: { total } });
    }
    await calls.put(k, { bucket: 'elsewhere', key: 'alone', value: 'x' });
    await page.getByText('7 changes', { exact: true }).waitFor();
    await calls.create(k, { bucket: 'team-new' });
    await calls.put(k, { bucket: 'team-new', key: 'early', value: '1' });
    await row(page, 'team-new').getByRole('link', { name: 'early', exact: true }).waitFor();
    await expectAccessible(page);
    await page.locator('h1').click();
    await page.keyboard.press('f');
    await page.getByText('8 changes, of 4 keys', { exact: true }).waitFor();
    const folded = row(page, 'team-a');
    await folded.getByText('×3').waitFor();
    await folded.getByText('total 2 → 3', { exact: true }).waitFor();
    expect(await folded.getByRole('link', { name: 'order', exact: true }).getAttribute('href')).toBe(
      '/ui/buckets/team-a/keys/order',
    );
    // A link shows what its sender saw.
    await expectQuery(page, { bucket: '*', fold: 'key' });
    await page.goto(`${open.url()}/ui/live?bucket=team-*&start=history`);
    // A bucket that keeps one revision of each key.
    await page.getByText('3 changes', { exact: true }).waitFor();
    expect(await page.getByRole('link', { name: 'elsewhere' }).count()).toBe(0);
  },
);

browserTest(
  'live - a filter in JavaScript is run by the sandbox; what is captured tests a script, and is written to a bucket',
  async () => {
    const k = open.kvflow();
    await calls.create(k, { bucket: 'orders', history: 5 });
    await calls.create(k, { bucket: 'replayed' });
    for (const [key, value] of [
      ['small', { total: 1 }],
      ['large', { total: 90 }],
      ['text', 'none'],
      ['large', { total: 100 }],
    ] as const)
      await calls.put(k, { bucket: 'orders', key, value });
    await using page = await open.page('/ui/live?bucket=orders&start=history');
    await page.getByText('4 changes', { exact: true }).waitFor();
    await page.getByLabel('When').fill('$.value.total > 10 && $.operation === "put"');
    await page.getByLabel('When').press('Enter');
    await page.getByText('2 changes', { exact: true }).waitFor();
    expect(await page.getByRole('link', { name: 'small', exact: true }).count()).toBe(0);
    await page.getByRole('button', { name: 'Capture' }).click();
    const dialog = page.getByRole('dialog', { name: '2 changes captured' });
    await dialog
      .getByLabel('Script', { exact: true })
      .locator('.cm-content')
      .or(dialog.locator('.cm-content'))
      .first()
      .waitFor();
    await dialog.locator('.cm-content').fill('return { twice: $.total * 2 }');
    await dialog.getByRole('button', { name: 'Run on 2 events' }).click();
    await dialog.getByText('2 events came out').waitFor();
    expect(JSON.parse((await dialog.getByLabel('2 events came out').textContent()) ?? '')).toMatchObject({
      events: [{ twice: 180 }, { twice: 200 }],
    });
    await expectAccessible(page);
    await dialog.getByText('Write to a bucket').click();
    await dialog.getByRole('combobox', { name: 'Bucket' }).click();
    await page.getByRole('option', { name: 'replayed' }).click();
    await dialog.getByRole('button', { name: 'Write 1 key' }).click();
    await dialog.waitFor({ state: 'detached' });
    const { items } = await bucketOf(k, 'replayed').list();
    expect(items.map(({ key, value }) => [key, value])).toEqual([['large', '{"total":100}']]);
    // What is no program says so; what throws for a change is counted.
    await page.getByLabel('When').fill('$.value.total >');
    await page.getByLabel('When').press('Enter');
    await page.getByText('The filter cannot be run').waitFor();
    await page.getByLabel('When').fill('$.value.no.such === 1');
    await page.getByLabel('When').press('Enter');
    await page.getByText('4 changes not shown, of which the filter threw').waitFor();
  },
);

browserTest('live - a restart of NATS is said, and nothing is missed', async () => {
  const k = open.kvflow();
  await calls.create(k, { bucket: 'restarted', history: 64 });
  await using visit = await open.visit('/ui/live?bucket=restarted');
  visit.allow(/503/);
  const { page } = visit;
  await live(page).waitFor();
  await calls.put(k, { bucket: 'restarted', key: 'k.0', value: '0' });
  await row(page, 'k.0').waitFor();
  await k.server.stop();
  await page.getByText(/^Reconnecting for .*It will go on after revision 1/).waitFor();
  await expectAccessible(page);
  await k.server.start();
  await eventually(() => calls.put(k, { bucket: 'restarted', key: 'k.1', value: '1' }), {
    within: 20_000,
  });
  for (let i = 2; i <= 30; i++) await calls.put(k, { bucket: 'restarted', key: `k.${i}`, value: String(i) });
  await page.getByText(/^Connected again after .*It went on after revision 1: nothing was missed/).waitFor({
    timeout: 20_000 * PATIENCE,
  });
  await row(page, 'k.30').waitFor();
  for (let i = 0; i <= 30; i++) {
    expect(await page.getByRole('link', { name: `k.${i}`, exact: true }).count()).toBeLessThanOrEqual(1);
  }
  await eventually(async () => expect(await count(page, 'put')).toBeGreaterThanOrEqual(31));
  await page.getByRole('button', { name: 'Close this notice' }).click();
  await page.getByText(/nothing was missed/).waitFor({ state: 'detached' });
});

browserTest('live - a bucket that is not there is an error with the way out', async () => {
  await using visit = await open.visit('/ui/live?bucket=nowhere');
  visit.allow(/404/);
  const { page } = visit;
  await page.getByText('BUCKET_NOT_FOUND').waitFor();
  await page.getByText('Stopped').waitFor();
  await expectAccessible(page);
  await calls.create(open.kvflow(), { bucket: 'nowhere' });
  await page.getByRole('button', { name: 'Try again' }).click();
  await live(page).waitFor();
});

browserTest('live - keys and values that look like markup and programs are shown as text', async () => {
  const k = open.kvflow();
  await calls.create(k, { bucket: 'hostile', key_encoding: 'base64' });
  for (const text of HOSTILE_TEXTS) await calls.put(k, { bucket: 'hostile', key: text, value: text });
  await using page = await open.page('/ui/live?bucket=hostile&start=current');
  for (const [index, text] of HOSTILE_TEXTS.entries()) {
    await page.getByRole('button', { name: `Details of revision ${index + 1} of ${text}` }).click();
    const details = page.getByRole('region', { name: `Revision ${index + 1} of ${text}` });
    expect(await details.getByLabel('Value', { exact: true }).textContent()).toBe(text);
  }
  expect(await page.title()).toBe('Live · kvflow');
});
