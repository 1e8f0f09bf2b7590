import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { dashboardRoute } from '../../runtime/server/routes/dashboard.ts';
import { builtDashboard } from '../../tests/dashboard/support/built.ts';
import type { TestKvflow } from '../../tests/support/kvflow.ts';
import { startKvflow } from '../../tests/support/kvflow.ts';
import { serve } from '../../tests/support/served.ts';
import { memoryDestination, memoryDestinations } from '../../tests/support/warehouses/memory.ts';
import { fillWithSamples, moreVisitors } from './dashboard-data.ts';

const WIDTH = 1280;
const HEIGHT = 760;
const PATIENCE_MS = 20_000;
/** Samples of the counters, one every three seconds. */
const ROUNDS = 6;

interface Shot {
  name: string;
  path: string;
  dark?: boolean;
  /** Pixels. Default 760. */
  height?: number;
  /** Does what is to be seen, and waits until it is. */
  ready(page: Page, kvflow: TestKvflow): Promise<unknown>;
}

const SHOTS: Shot[] = [
  {
    name: 'buckets',
    path: '/ui/buckets',
    ready: async page => {
      await page.getByRole('link', { name: 'orders-copy' }).waitFor();
      await page
        .getByText(/in 1 min$/)
        .first()
        .waitFor();
    },
  },
  {
    name: 'keys',
    path: '/ui/buckets/orders',
    ready: page =>
      page
        .getByRole('link', { name: /order-1010/ })
        .first()
        .waitFor(),
  },
  {
    name: 'key',
    path: '/ui/buckets/user-preferences/keys/user.ada.profile?tab=history',
    dark: true,
    ready: page => page.locator('.cm-content').nth(1).waitFor(),
  },
  {
    name: 'live',
    path: '/ui/live?bucket=feature-flags&start=history',
    ready: async (page, k) => {
      await page.getByText('new-checkout').first().waitFor();
      for (const share of [0.3, 0.5, 1]) {
        const item = { bucket: 'feature-flags', key: 'new-checkout', value: { enabled: true, share } };
        await k.call('kv-key-put', item);
      }
      await k.call('kv-key-delete', { bucket: 'feature-flags', key: 'dark-mode' });
      await page.getByText('"share":1', { exact: false }).first().waitFor();
    },
  },
  {
    name: 'functions',
    height: 680,
    path: `/ui/functions/kv-key-get#input=${encodeURIComponent('{"bucket":"user-preferences","key":"user.ada.profile","json":true}')}`,
    ready: async page => {
      await page
        .getByRole('button', { name: /^(Call|Invoke|Run)/ })
        .first()
        .click();
      await page.getByText('status_code').first().waitFor();
    },
  },
  {
    name: 'sessions',
    path: '/ui/sessions',
    ready: page => page.getByRole('link', { name: 'session_ada' }).first().waitFor(),
  },
  {
    name: 'script',
    path: '/ui/sessions/scripts/sessions',
    height: 940,
    ready: async page => {
      const events = page.getByRole('textbox', { name: 'Events', exact: true });
      await events.fill('{"user_id":"ada","url":"/home"}\n{"user_id":"ada","url":"/pricing"}');
      await page.getByRole('button', { name: 'Test on 2 events' }).click();
      await page.getByRole('region', { name: 'Event 2' }).waitFor();
      await page.getByRole('textbox', { name: 'Script', exact: true }).click();
      await page.keyboard.press('Control+Home');
      await page.keyboard.press('Enter');
      await page.keyboard.press('ArrowUp');
      await page.keyboard.type('$kv.');
      await page.getByRole('option', { name: /^incr/ }).waitFor();
    },
  },
  { name: 'recognition', path: '/ui/recognition', height: 1_120, ready: drawCounters },
  {
    name: 'visitor',
    path: '/ui/recognition/visitors/v-100',
    ready: page =>
      page
        .getByRole('row', { name: /became/ })
        .first()
        .waitFor(),
  },
  {
    name: 'import-export',
    path: '/ui/import-export?bucket=orders',
    ready: page =>
      page
        .getByRole('button', { name: /Export/ })
        .first()
        .waitFor(),
  },
];

/** Every page of the dashboard with the data of a shop, as `<page>.png` in the folder. `only`: pages by name. */
export async function dashboardPictures(
  browser: Browser,
  folder: string,
  only: string[] = [],
): Promise<void> {
  const warehouse = memoryDestination('warehouse');
  const archive = memoryDestination('archive');
  await using kvflow = await startKvflow({
    recognition: { destinations: memoryDestinations(warehouse, archive) },
  });
  await using served = await serve(kvflow, {
    homePage: false,
    plugins: [dashboardRoute(await builtDashboard())],
    recognition: async () => ({
      stats: kvflow.recognition.stats(),
      pending: await kvflow.recognition.pending({ deadline: Date.now() + 2_000 }),
    }),
  });
  await fillWithSamples(kvflow, { warehouse, archive });
  const faults: unknown[] = [];
  for (const shot of SHOTS.filter(({ name }) => only.length === 0 || only.includes(name))) {
    const taken = take(browser, { shot, url: served.url, folder, kvflow });
    await taken.catch(error => faults.push(new Error(`${shot.name}.png is as it was`, { cause: error })));
  }
  if (faults.length > 0) throw new AggregateError(faults);
}

interface Taking {
  shot: Shot;
  url: string;
  folder: string;
  kvflow: TestKvflow;
}

async function take(browser: Browser, { shot, url, folder, kvflow }: Taking): Promise<void> {
  const { name, path, dark = false, height = HEIGHT, ready } = shot;
  const colorScheme = dark ? ('dark' as const) : ('light' as const);
  const viewport = { width: WIDTH, height };
  const page = await browser.newPage({ viewport, reducedMotion: 'reduce', colorScheme });
  page.setDefaultTimeout(PATIENCE_MS);
  try {
    await page.goto(url + path);
    await ready(page, kvflow);
    await page.mouse.move(0, 0);
    await page.evaluate('scrollTo(0, 0)');
    // What was just said goes away by itself.
    await page.locator('.mantine-Notification-root').waitFor({ state: 'detached' });
    await page.screenshot({ path: join(folder, `${name}.png`) });
  } finally {
    await page.close();
  }
}

async function drawCounters(page: Page, kvflow: TestKvflow): Promise<void> {
  await page.getByRole('row', { name: /^warehouse/ }).waitFor();
  for (let round = 0; round < ROUNDS; round++) {
    const answered = page.waitForResponse(response => response.url().endsWith('/metrics'));
    await moreVisitors(kvflow, round);
    await answered;
  }
  await page.locator('.recharts-line').first().waitFor();
}
