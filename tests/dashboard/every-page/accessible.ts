/** A part of every-page.test.ts. */
import { expect } from '@jest/globals';
import type { Page } from 'playwright-core';
import { calls } from '../../support/calls.ts';
import { eventually } from '../../support/eventually.ts';
import { warehouseAway } from '../../support/warehouses/memory.ts';
import { expectAccessible } from '../support/accessible.ts';
import { browserTest } from '../support/dashboard.ts';
import { expectReachable } from '../support/keyboard.ts';
import type { Recognizing } from '../support/recognizing.ts';
import { bySeveral, KEEPS } from './shared.ts';

/** Registers them, on a server and browser that all parts share. */
export function accessible(dashboard: Recognizing): void {
  const { away, sees, isNamed } = dashboard;

  /** Goes to each page; what is wrong with one does not keep the others from being looked at. */
  async function faultsOf(stops: readonly Stop[]): Promise<string[]> {
    const faults: string[] = [];
    // At one width each page, by its place in the list; all pages at all of them in the long form.
    const placed = stops.map((stop, index) => ({ ...stop, width: WIDTHS[index % WIDTHS.length] ?? 1280 }));
    await bySeveral(dashboard, placed, async ({ page }, { path, ready, width: own }) => {
      try {
        await page.goto(`${dashboard.url()}/ui/${path}`);
        await ready(page);
        for (const width of AT_ALL ? WIDTHS : [own]) {
          await page.setViewportSize({ width, height: 860 });
          await expectAccessible(page);
        }
        await expectNoOverflow(page);
        await expectReachable(page);
        expect(await page.evaluate(NOT_BY_KEYBOARD)).toEqual([]);
        expect(await page.getByRole('heading', { level: 1 }).count()).toBe(1);
        expect(await page.title()).toMatch(/ · kvflow$/);
      } catch (error) {
        faults.push(`/ui/${path}: ${error}`);
      }
    });
    return faults;
  }

  browserTest(
    'every page - no serious fault of accessibility with data in it, dark or light; Tab goes to all of it',
    async () => {
      const k = dashboard.kvflow();
      await calls.create(k, { bucket: 'shop', history: 5, description: 'Orders', max_bytes: 1_000_000 });
      const key = 'a/b.ünï';
      await calls.create(k, { bucket: 'anything', history: 5, key_encoding: 'base64' } as never);
      for (const total of [1, 2, 3]) {
        await calls.put(k, { bucket: 'shop', key: 'order.1', value: { total, paid: true } });
        await calls.put(k, { bucket: 'anything', key, value: { total } });
      }
      await calls.put(k, { bucket: 'shop', key: 'mails.dead.a', value: { value: 'to Ada', tries: 5 } });
      await k.call('transform', { script: KEEPS, event: { u: 'ada', n: 1 } });
      for (const script of ['return $', 'return { ...$, a: 1 }'])
        await k.call('transform-script-put', { script_id: 'twice', script });
      await sees('v1', ['e1', 'e2']);
      await isNamed('v1', 'e3', { email: 'a@b.com' });
      away.fault = warehouseAway();
      await sees('v1', ['e4'], { destination: 'away' });
      const one = encodeURIComponent(key);
      const stops: Stop[] = [
        { path: 'buckets', ready: page => page.getByRole('row', { name: /^shop/ }).waitFor() },
        { path: 'buckets/shop', ready: page => page.getByText('order.1').first().waitFor() },
        { path: `buckets/anything/keys/${one}`, ready: page => page.getByText('total').first().waitFor() },
        {
          path: 'buckets/shop/keys/order.1?revision=1',
          ready: page => page.getByText('total').first().waitFor(),
        },
        {
          path: 'buckets/shop/keys/order.1?tab=history',
          ready: page => page.getByText('current').first().waitFor(),
        },
        {
          path: 'buckets/shop/keys/gone',
          ready: page => page.getByRole('tab', { name: 'History' }).waitFor(),
        },
        { path: 'buckets/shop/usage', ready: page => page.getByText('order.').first().waitFor() },
        {
          path: 'buckets/shop/past?since=1',
          ready: page => page.getByRole('button', { name: 'Compare order.1' }).click(),
        },
        {
          path: 'buckets/shop/dead',
          ready: page => page.getByRole('row', { name: /^mails/ }).waitFor(),
        },
        { path: 'buckets/shop/changes', ready: page => page.getByText('order.1').first().waitFor() },
        { path: 'admin-log', ready: page => page.getByRole('heading', { level: 1 }).waitFor() },
        { path: 'live', ready: page => page.getByRole('heading', { level: 1 }).waitFor() },
        {
          path: 'live?bucket=shop&start=history',
          ready: page => page.getByText('order.1').first().waitFor(),
        },
        { path: 'functions', ready: page => page.getByText('kv-key-put').first().waitFor() },
        {
          path: 'functions/kv-bucket-create',
          ready: page => page.getByRole('button', { name: 'Call', exact: true }).waitFor(),
        },
        { path: 'sessions', ready: page => page.getByRole('link', { name: 'ada' }).waitFor() },
        {
          path: 'sessions/buckets/transform_kv/default.ada',
          ready: page => page.getByRole('tree').waitFor(),
        },
        { path: 'sessions/scripts', ready: page => page.getByRole('link', { name: 'twice' }).waitFor() },
        {
          path: 'sessions/scripts/twice',
          ready: page => page.locator('.cm-content').nth(1).waitFor(),
        },
        {
          path: 'sessions/scripts/twice?show=changes',
          ready: page => page.locator('.cm-content').nth(2).waitFor(),
        },
        {
          path: 'sessions/new-script',
          ready: page => page.locator('.cm-content').nth(1).waitFor(),
        },
        { path: 'recognition', ready: page => page.getByRole('row', { name: /^embedded/ }).waitFor() },
        {
          path: 'recognition?view=remembered',
          ready: page => page.getByRole('link', { name: 'v1' }).first().waitFor(),
        },
        { path: 'recognition?view=identities', ready: page => page.getByText('a@b.com').waitFor() },
        {
          path: 'recognition?view=pending',
          ready: page => page.getByText('waiting', { exact: true }).waitFor(),
        },
        { path: 'recognition?view=audit', ready: page => page.getByText('a@b.com').first().waitFor() },
        { path: 'recognition/visitors/v1', ready: page => page.getByText('2 rows changed').waitFor() },
        {
          path: 'import-export?bucket=shop',
          ready: page => page.getByRole('button', { name: 'Export' }).waitFor(),
        },
        { path: 'no/such/page', ready: page => page.getByText('There is no such page').waitFor() },
      ];
      expect(await faultsOf(stops)).toEqual([]);
    },
    AT_ALL ? 900_000 : 180_000,
  );

  browserTest(
    'every page - the check of the keyboard notices a button that Tab passes by, and a field that holds it',
    async () => {
      await using page = await dashboard.page('/ui/buckets');
      await page.goto('about:blank');
      await page.setContent('<button>a</button><input><a href="#b">b</a>');
      await expectReachable(page);
      await page.setContent('<button>a</button><button tabindex="-1">left</button>');
      await expect(expectReachable(page)).rejects.toThrow('left');
      await page.setContent('<input onkeydown="event.preventDefault()"><button>behind</button>');
      await expect(expectReachable(page)).rejects.toThrow('behind');
    },
  );

  browserTest('every page - no serious fault of accessibility from a phone to a large screen', async () => {
    const k = dashboard.kvflow();
    await calls.create(k, { bucket: 'widths', history: 5 });
    for (const total of [1, 2]) await calls.put(k, { bucket: 'widths', key: 'order.1', value: { total } });
    const pages = [
      ['buckets', (page: Page) => page.getByRole('row', { name: /^widths/ }).waitFor()],
      ['buckets/widths/keys/order.1', (page: Page) => page.getByRole('tree').waitFor()],
    ] as const;
    await bySeveral(dashboard, [390, 820, 1280, 1920], async ({ page }, width) => {
      await page.setViewportSize({ width, height: 860 });
      for (const [path, ready] of pages) {
        await page.goto(`${dashboard.url()}/ui/${path}`);
        await ready(page);
        await expectAccessible(page);
      }
    });
  });

  browserTest(
    'every page - dialogs and menus fit a phone and a tablet, and waiting pages are accessible',
    async () => {
      const k = dashboard.kvflow();
      await calls.create(k, { bucket: 'narrow', key_ttl: true, description: 'x'.repeat(300) });
      await calls.put(k, {
        bucket: 'narrow',
        key: `long.${'key'.repeat(60)}`,
        value: { a: 'x'.repeat(400) },
      });
      const key = `buckets/narrow/keys/long.${'key'.repeat(60)}`;
      const menu = async (page: Page, button: string | RegExp, item?: string) => {
        const entry = page.getByRole('menuitem', { name: item ?? '' });
        if (!item || !(await entry.isVisible()))
          await page.getByRole('button', { name: button }).first().click();
        if (item) await entry.click();
      };
      const opens: [path: string, open: (page: Page) => Promise<unknown>][] = [
        ['buckets?q=narrow', page => menu(page, 'Create bucket')],
        ['buckets?q=narrow#menu', page => menu(page, 'Actions of narrow')],
        [`${key}#menu`, page => menu(page, /^More/)],
        ['buckets?q=narrow', page => menu(page, 'Actions of narrow', 'Edit options')],
        ['buckets?q=narrow', page => menu(page, 'Actions of narrow', 'Delete')],
        ['buckets/narrow', page => menu(page, 'New key')],
        ['buckets/narrow', page => menu(page, 'Actions of narrow', 'Purge by pattern')],
        ['buckets/narrow', page => page.keyboard.press('Control+k')],
        ['buckets/narrow', page => page.keyboard.press('?')],
        [key, page => menu(page, /^More/, 'Rename or copy')],
        [key, page => menu(page, /^More/, 'Purge with history')],
        ['buckets/narrow/usage', page => menu(page, /^Actions of long/, 'Set a ttl')],
        ['functions/kv-key-delete#input={"bucket":"narrow","key":"k"}', page => menu(page, 'Call')],
      ];
      await bySeveral(dashboard, opens, async ({ page }, [path, open]) => {
        await page.goto('about:blank');
        await page.setViewportSize({ width: 390, height: 800 });
        await page.goto(`${dashboard.url()}/ui/${path}`);
        await page.getByRole('heading', { level: 1 }).first().waitFor();
        // A button may wait for what it opens: it is pressed until that is there.
        const shown = page.locator(path.endsWith('#menu') ? '[role="menu"]' : '[role="dialog"]');
        await eventually(async () => {
          if (!(await shown.isVisible())) await open(page);
          await shown.waitFor({ timeout: 1_000 });
        });
        // A menu hangs on what opened it, which moves with the width of the page: it is looked at where it was opened.
        for (const width of path.endsWith('#menu') ? [390] : [390, 640, 820]) {
          await page.setViewportSize({ width, height: 800 });
          await eventually(async () => {
            const box = await shown.boundingBox();
            const fits = (box?.x ?? -1) >= 0 && (box?.x ?? 0) + (box?.width ?? 9e9) <= width;
            expect([path, width, fits, await page.evaluate(WIDER_INSIDE)]).toEqual([path, width, true, 0]);
          });
        }
        await expectAccessible(page);
      });
      // Nothing is answered: what stands in for the data has a name.
      const waiting = [
        'buckets',
        'buckets/narrow',
        key,
        'buckets/narrow/usage',
        'sessions',
        'recognition',
        'admin-log',
      ];
      await bySeveral(dashboard, waiting, async ({ page }, path) => {
        await page.route(
          ({ pathname }) => /\/invocations$|^\/recognition$/.test(pathname),
          () => undefined,
        );
        await page.goto(`${dashboard.url()}/ui/${path}`);
        await page.locator('[aria-label^="Loading"]').first().waitFor();
        // Whoever asks for less motion sees nothing pulse.
        expect([path, await page.evaluate(ENDLESS)]).toEqual([path, 0]);
        await expectAccessible(page);
      });
    },
  );
}

interface Stop {
  path: string;
  /** Is there once the page shows its data. */
  ready: (page: Page) => Promise<unknown>;
}

const WIDTHS = [390, 820, 1280, 1920];

const AT_ALL = process.env.KVFLOW_TEST_WIDTHS === 'all';

/** A phone, half a screen at 200 % zoom, a tablet, a laptop and a large screen: nothing is wider than the page. */
async function expectNoOverflow(page: Page): Promise<void> {
  const size = page.viewportSize() ?? { width: 1360, height: 860 };
  for (const width of [1920, 1280, 820, 640, 390]) {
    await page.setViewportSize({ ...size, width });
    // What measures itself follows a frame or more behind.
    await eventually(async () => {
      expect({ width, beyond: await page.evaluate(WIDER_THAN_PAGE) }).toEqual({ width, beyond: [] });
    });
  }
  await page.setViewportSize(size);
}

/** What reaches beyond the page's right edge, where the page itself scrolls sideways. */
const WIDER_THAN_PAGE = `new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => {
  const { scrollWidth, clientWidth } = document.documentElement;
  if (scrollWidth <= clientWidth) return done([]);
  const wide = [...document.querySelectorAll('#main *')].filter(e => e.getBoundingClientRect().right > clientWidth + 1);
  done([scrollWidth + ' px', ...wide.slice(0, 6).map(e => e.outerHTML.slice(0, 160))]);
})))`;

/** What shows that it can be clicked, and neither is nor is in something that the keyboard reaches. */
const NOT_BY_KEYBOARD = `[...document.querySelectorAll('body *')]
  .filter(e => e.checkVisibility() && getComputedStyle(e).cursor === 'pointer')
  .filter(e => !e.closest('a[href], button, input, select, textarea, label, summary, [tabindex], [contenteditable]'))
  .slice(0, 6)
  .map(e => e.outerHTML.slice(0, 160))`;

/** How much moves without end. */
const ENDLESS =
  'document.getAnimations().filter(a => a.effect.getComputedTiming().endTime === Infinity).length';

/** How much of the dialog or menu that is open is cut off at its side. */
const WIDER_INSIDE = `(() => {
  const { scrollWidth, clientWidth } = document.querySelector('[role="dialog"], [role="menu"]');
  return scrollWidth - clientWidth;
})()`;
