/** A part of keys.test.ts. */
import { expect } from '@jest/globals';
import type { Page } from 'playwright-core';
import { madeBucket } from '../../functions/kv.ts';
import { calls } from '../../support/calls.ts';
import { eventually } from '../../support/eventually.ts';
import { expectAccessible } from '../support/accessible.ts';
import { expectQuery } from '../support/address.ts';
import type { Dashboard } from '../support/dashboard.ts';
import { browserTest } from '../support/dashboard.ts';
import { fillBucket } from '../support/fill-bucket.ts';

/** Registers them, on a server and browser that all parts share. */
export function moving(dashboard: Dashboard): void {
  browserTest(
    'keys - pages of a large bucket follow the scroll bar, and only those in view are kept',
    async () => {
      await fillBucket(dashboard, 'large', KEYS, i => `user.${i % 50}.${i}`);
      await using page = await dashboard.page('/ui/buckets');
      let most = 0;
      page.on('request', request => {
        const input = request.postDataJSON() as { limit?: number } | null;
        if (request.url().includes('kv-key-list')) most = Math.max(most, input?.limit ?? 0);
      });
      await page.getByRole('link', { name: 'large' }).click();
      await page.getByRole('link', { name: 'user.0.0', exact: true }).waitFor();
      await page.getByText('200+ listed').waitFor();
      for (let round = 2; round <= 12; round++) {
        await scrollToEnd(page);
        await eventually(async () =>
          expect(await page.getByText(/listed, oldest/).textContent()).not.toMatch(
            new RegExp(`^${(round - 1) * 200}\\+`),
          ),
        );
      }
      expect(await rows(page).count()).toBeLessThan(60);
      expect(most).toBe(200);
      // Back at the start, its page has been forgotten and is read again.
      await page.evaluate("document.querySelector('[role=region]:has(tr[data-index])').scrollTop = 0");
      await page.getByRole('link', { name: 'user.0.0', exact: true }).waitFor();
    },
  );

  browserTest('keys - scrolled through while all of them are written again, none is left out', async () => {
    const k = dashboard.kvflow();
    const count = 600;
    await fillBucket(dashboard, 'rewritten', count, i => `key.${i}`);
    const keys = Array.from({ length: count }, (_, i) => `key.${i}`);
    const put = (from: number, value: string) => {
      const some = Array.from({ length: 100 }, (_, i) => keys[(from + i * 7) % count] ?? '');
      const items = some.map(key => ({ key, value }));
      return k.call('kv-key-put-many', { bucket: 'rewritten', items });
    };
    await using page = await dashboard.page('/ui/buckets', { viewport: { width: 1360, height: 3_000 } });
    let answered = 0;
    // The first pages are followed by writes, before them and behind them.
    await page.route('**/kv-key-list/**', async route => {
      const answer = await route.fetch();
      if (answered < 4) await put(answered++ * 101, 'again');
      await route.fulfill({ response: answer });
    });
    await page.getByRole('link', { name: 'rewritten' }).click();
    await page.getByRole('link', { name: 'key.0', exact: true }).waitFor();
    const found = new Set<string>();
    for (let isEnd = false; !isEnd; ) {
      const view = await eventually(async () => {
        const passed = await page.evaluate<{ keys: string[]; isEnd: boolean } | null>(SCROLL_ON);
        if (!passed) throw new Error('not all rows in view are shown');
        return passed;
      });
      for (const key of view.keys) found.add(key);
      isEnd = view.isEnd;
    }
    expect(keys.filter(key => !found.has(key))).toEqual([]);
    expect(answered).toBe(4);
  });

  browserTest('keys - the filter is asked of the server and is part of the address', async () => {
    await fillBucket(dashboard, 'filtered', 300, i => `user.${i % 30}.${i}`);
    await using page = await dashboard.page('/ui/buckets/filtered');
    await page.getByText('200+ listed').waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('user.7.');
    await page.getByText('10 listed').waitFor();
    await expectQuery(page, { filter: 'user.7.' });
    await page.reload();
    await page.getByText('10 listed').waitFor();
    await page.getByLabel('Filter keys').fill('users');
    await page.getByText('No key fits').waitFor();
    await expectAccessible(page);
    // Part of a name, which every key has.
    await page.getByLabel('Filter keys').fill('user');
    await page.getByText('200+ listed').waitFor();
  });

  browserTest(
    'keys - found ones are sorted by name, size and age; Ctrl+K goes to a favourite filter, a key seen lately and an action',
    async () => {
      const b = await madeBucket(dashboard.kvflow(), 'sorted', { key_ttl: true });
      for (const [key, size] of [
        ['b.one', 3],
        ['a.one', 30],
        ['c.one', 1],
        ['other', 2],
      ] as const)
        await b.put(key, 'x'.repeat(size), key === 'a.one' ? { ttl: 3_600e9 } : {});
      await using page = await dashboard.page('/ui/buckets/sorted?filter=one');
      const order = async () => (await page.locator('tr[data-index] a').allTextContents()).join(' ');
      const choose = async (name: string) => {
        await page.getByRole('combobox', { name: 'Order' }).click();
        await page.getByRole('option', { name }).click();
      };
      await page.getByText('3 listed, oldest write first, 4 looked at').waitFor();
      await choose('By name');
      await page.getByText('3 listed, by name, 4 looked at').waitFor();
      expect(await order()).toBe('a.one b.one c.one');
      await choose('Largest first');
      await page.getByText('3 listed, largest first').waitFor();
      expect(await order()).toBe('a.one b.one c.one');
      await choose('Soonest to expire');
      await page.getByText('3 listed, soonest to expire').waitFor();
      expect(await order()).toBe('a.one b.one c.one');
      await choose('Newest first');
      await page.getByText('3 listed, newest first').waitFor();
      expect(await order()).toBe('c.one a.one b.one');
      await page.getByRole('button', { name: 'Keep this filter' }).click();
      await page.getByRole('link', { name: 'c.one', exact: true }).click();
      await page.getByRole('heading', { level: 1, name: 'c.one' }).waitFor();
      await page.getByText('x', { exact: true }).waitFor();
      const go = async (text: string, found: RegExp) => {
        await page.keyboard.press('Control+k');
        await page.getByRole('combobox', { name: 'Name of a page' }).fill(text);
        await page.getByRole('option', { name: found }).first().waitFor();
        await page.keyboard.press('Enter');
      };
      await page.keyboard.press('Control+k');
      await page.getByRole('option', { name: /^sorted \/ one favourite/ }).waitFor();
      await expectAccessible(page);
      await page.keyboard.press('Escape');
      await go('favourite', /^sorted \/ one/);
      await page.getByText('3 listed, newest first').waitFor();
      await go('c.one', /^sorted \/ c\.one/);
      await page.getByRole('heading', { level: 1, name: 'c.one' }).waitFor();
      await go('create bucket', /^Create bucket/);
      await page.getByRole('dialog', { name: 'Create a bucket' }).waitFor();
    },
  );

  browserTest('keys - arrows move, Space selects, Enter opens; Back returns', async () => {
    await fillBucket(dashboard, 'by-keyboard', 30, i => `key.${i}`);
    await using page = await dashboard.page('/ui/buckets/by-keyboard');
    await page.getByRole('link', { name: 'key.0', exact: true }).waitFor();
    await page.keyboard.press('/');
    await page.keyboard.press('Enter');
    await page.keyboard.press('ArrowDown');
    await page.locator('[data-index="1"]:focus').waitFor();
    await page.keyboard.press('Space');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Space');
    await page.getByText('2 selected').waitFor();
    await page.keyboard.press('r');
    await page.getByText('2 selected').waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'key.2' }).waitFor();
    await page.getByText('value 2', { exact: true }).waitFor();
    // Which key comes next is asked for once the key itself is there.
    await page.getByRole('button', { name: 'Next key', disabled: false }).waitFor();
    await page.keyboard.press('j');
    await page.getByRole('heading', { level: 1, name: 'key.3' }).waitFor();
    await page.getByText('value 3', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Previous key' }).click();
    await page.getByRole('heading', { level: 1, name: 'key.2' }).waitFor();
    await page.keyboard.press('u');
    await page.getByRole('link', { name: 'key.0', exact: true }).waitFor();
  });

  browserTest(
    'keys - a key is shown beside the list: arrows go through them, two are pinned beside each other, 15 rows fit',
    async () => {
      await fillBucket(dashboard, 'beside', 40, i => `key.${i}`);
      await using page = await dashboard.page('/ui/buckets/beside', {
        viewport: { width: 1280, height: 800 },
      });
      await page.getByRole('link', { name: 'key.0', exact: true }).waitFor();
      const fits = await page.evaluate<number>(
        `[...document.querySelectorAll('tr[data-index]')].filter(row => {
        const frame = document.querySelector('[role=region]:has(tr[data-index])').getBoundingClientRect();
        const { top, bottom } = row.getBoundingClientRect();
        return top >= frame.top && bottom <= Math.min(frame.bottom, innerHeight);
      }).length`,
      );
      expect(fits).toBeGreaterThanOrEqual(15);
      await page.keyboard.press('b');
      const pane = (key: string) => page.getByRole('region', { name: `Key ${key}`, exact: true });
      await pane('key.0').getByText('value 0', { exact: true }).waitFor();
      await page.getByRole('link', { name: 'key.2', exact: true }).click();
      await pane('key.2').getByText('value 2', { exact: true }).waitFor();
      await expectQuery(page, { key: 'key.2' });
      await page.getByRole('button', { name: 'Pin this value' }).click();
      await page.locator('[data-index="2"]').focus();
      await page.keyboard.press('ArrowDown');
      await pane('key.3')
        .getByRole('region', { name: 'Pinned beside what is shown' })
        .getByText('value 2')
        .waitFor();
      await expectAccessible(page);
      const list = page.getByRole('table', { name: 'Keys' });
      const before = (await list.boundingBox())?.width ?? 0;
      await page.getByRole('separator', { name: 'Width of the list' }).focus();
      await page.keyboard.press('ArrowRight');
      await eventually(async () => expect((await list.boundingBox())?.width).toBeGreaterThan(before));
      // The link is the key's own, as ever.
      expect(await page.getByRole('link', { name: 'key.3', exact: true }).getAttribute('href')).toBe(
        '/ui/buckets/beside/keys/key.3',
      );
      await page.reload();
      await pane('key.3').getByText('value 3', { exact: true }).last().waitFor();
      // Two revisions of one key, the older one pinned.
      const k = dashboard.kvflow();
      await k.call('kv-bucket-update', { bucket: 'beside', history: 3 });
      const { revision } = await calls.put(k, { bucket: 'beside', key: 'key.3', value: 'value 3, later' });
      await page.goto(`${dashboard.url()}/ui/buckets/beside?key=key.3&revision=4`);
      await pane('key.3').getByText('This is revision 4').waitFor();
      await page.getByRole('button', { name: 'Pin this value' }).click();
      await page.getByRole('button', { name: 'Show the current one' }).click();
      const pinned = pane('key.3').getByRole('region', { name: 'Pinned beside what is shown' });
      await pinned.getByLabel('key.3, revision 4').getByText('value 3', { exact: true }).waitFor();
      await pinned.getByLabel(`key.3, revision ${revision}`).getByText('value 3, later').waitFor();
      await page.getByRole('button', { name: 'Close the key' }).click();
      await pane('key.3').waitFor({ state: 'detached' });
    },
  );

  browserTest(
    'keys - hits of a search stream in with how far it is, and what was written since is told',
    async () => {
      const b = await madeBucket(dashboard.kvflow(), 'streaming');
      for (const key of ['hit.1', 'miss.1', 'hit.2']) await b.put(key, 'v');
      await using page = await dashboard.page('/ui/buckets/streaming');
      // As of a bucket that takes longer than one call: its first answer has one hit, the second waits.
      let goOn = () => {};
      const waited = new Promise<void>(resolve => (goOn = resolve));
      await page.route('**/functions/kv-key-find/invocations', async route => {
        const input = JSON.parse(route.request().postData() ?? '{}') as { start_seq: number };
        if (input.start_seq > 0) await waited;
        const answer = await route.fetch();
        const envelope = (await answer.json()) as { data: { items: unknown[] } };
        if (input.start_seq === 0)
          Object.assign(envelope.data, {
            items: envelope.data.items.slice(0, 1),
            scanned: 1,
            next_seq: 1,
            has_more: true,
          });
        await route.fulfill({ response: answer, json: envelope });
      });
      await page.getByLabel('Filter keys').fill('hit');
      await page.getByRole('combobox', { name: 'Order' }).click();
      await page.getByRole('option', { name: 'By name' }).click();
      await page.getByText('1+ listed, by name, still reading').waitFor();
      await page.getByRole('link', { name: 'hit.1', exact: true }).waitFor();
      goOn();
      await page.getByText('2 listed, by name, 3 looked at').waitFor();
      await b.put('late', 'v');
      await page.getByText('· 1 write since').waitFor();
    },
  );
}

const KEYS = 20_000;

const rows = (page: Page) => page.locator('tr[data-index]');

const scrollToEnd = (page: Page) =>
  page.evaluate(
    "(e => { e.scrollTop = e.scrollHeight; })(document.querySelector('[role=region]:has(tr[data-index])'))",
  );

/** Answers the keys in view, and whether they are the last, and scrolls to those behind them; null while rows in view are not there. */
const SCROLL_ON = `(frame => {
  const head = frame.querySelector('th').getBoundingClientRect();
  const bottom = frame.getBoundingClientRect().top + frame.clientHeight;
  // Of rows that are not there a spacer, or a row without a link, takes the place.
  const inView = [...frame.querySelectorAll('tbody tr')].filter(row => {
    const place = row.getBoundingClientRect();
    return place.bottom > head.bottom + 1 && place.top < bottom - 1;
  });
  const links = inView.map(row => row.querySelector('a'));
  if (links.includes(null)) return null;
  const isEnd = frame.scrollTop + frame.clientHeight >= frame.scrollHeight - 1;
  frame.scrollTop += frame.clientHeight - head.height;
  return { keys: links.map(link => link.textContent), isEnd };
})(document.querySelector('[role=region]:has(tr[data-index])'))`;
