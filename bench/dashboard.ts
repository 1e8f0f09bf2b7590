import type { Browser, BrowserContext, CDPSession, Page } from 'playwright-core';
import { dashboardRoute } from '../runtime/server/routes/dashboard.ts';
import { builtDashboard } from '../tests/dashboard/support/built.ts';
import { findChromium, launchChromium } from '../tests/hosts/support/chromium.ts';
import { connectOfficial } from '../tests/support/official.ts';
import { serve } from '../tests/support/served.ts';
import type { Figure } from './measure.ts';
import { median } from './measure.ts';
import { stage } from './stage.ts';

const KEYS = 1_000_000;
const VALUE = JSON.stringify({ name: 'Ada', plan: 'pro', visits: 17 });
const ALLOWED_CLICK_MS = 300;
const ALLOWED_LOAD_MS = 1_000;
const ROUNDS = 5;
/** So long something is waited for that does not come. */
const PAINTED_MS = 60_000;
const PAGES = 50;
/** From here on the window of kept pages is full. */
const SETTLED = 10;

/**
 * The dashboard in a real browser, on a bucket of a million keys: from the click on the bucket until its first page of
 * keys is drawn, against what is allowed. The note tells of the first load, and of memory over many pages.
 */
export async function dashboard(): Promise<Figure> {
  const executable = await findChromium();
  if (!executable) throw new Error('needs Chromium on PATH: apt-get install chromium');
  await using s = await stage();
  await s.bucket('bench');
  await using official = await connectOfficial(s.server.url);
  await official.fill('bench', KEYS, i => [`user.${i % 1_000}.${i}`, VALUE]);
  const route = dashboardRoute(await builtDashboard());
  await using http = await serve(s.kvflow, { homePage: false, plugins: [route] });
  const browser = await launchChromium(executable);
  try {
    const loads: number[] = [];
    const clicks: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      // A context of its own has nothing in its cache, neither the page nor the part that shows keys.
      await inContext(browser, async page => {
        loads.push(await firstLoad(page, `${http.url}/`));
        clicks.push(await clickToKeys(page));
      });
    }
    const memory = await inContext(browser, page => scrollThrough(page, `${http.url}/ui/buckets/bench`));
    const value = median(clicks);
    const note = `first load ${median(loads).toFixed(0)} ms, ${ALLOWED_LOAD_MS} are allowed; ${memory}`;
    return { value, unit: 'ms', baseline: ALLOWED_CLICK_MS, ratio: ALLOWED_CLICK_MS / value, note };
  } finally {
    await browser.close();
  }
}

async function inContext<T>(browser: Browser, work: (page: Page) => Promise<T>): Promise<T> {
  const context: BrowserContext = await browser.newContext({ viewport: { width: 1360, height: 860 } });
  try {
    return await work(await context.newPage());
  } finally {
    await context.close();
  }
}

/** From the start of the navigation until the table of buckets has been painted, by the browser's own clock. */
async function firstLoad(page: Page, url: string): Promise<number> {
  await page.addInitScript(painted('tookMs', 'a[href$="/buckets/bench"]', 'let start = 0;'));
  await page.goto(url);
  return await page.evaluate<number>('globalThis.tookMs');
}

/** From the event of the click until the first keys have been painted. */
async function clickToKeys(page: Page): Promise<number> {
  const clicked = `let start;
    addEventListener('click', event => { start = event.timeStamp; }, { capture: true, once: true });`;
  // Nobody clicks in the moment a page appears: what it loads ahead while it is idle is there.
  await page.evaluate(`(async () => {
    const loaded = () => performance.getEntriesByType('resource').some(({ name }) => /keys-page/.test(name));
    while (!loaded()) await new Promise(resolve => setTimeout(resolve, 50));
  })()`);
  await page.evaluate(painted('clickMs', 'tr[data-index] a', clicked));
  await page.getByRole('link', { name: 'bench', exact: true }).click();
  return await page.evaluate<number>('globalThis.clickMs');
}

/** A script that tells by a promise when something has been painted, in milliseconds after `start`. */
function painted(name: string, selector: string, start: string): string {
  return `void (globalThis.${name} = new Promise((resolve, reject) => {
    ${start}
    const observer = new MutationObserver(() => {
      if (start === undefined || !document.querySelector('${selector}')) return;
      observer.disconnect();
      requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - start)));
    });
    observer.observe(document, { childList: true, subtree: true });
    setTimeout(() => reject(new Error('nothing was painted at ${selector}')), ${PAINTED_MS});
  }))`;
}

/** Scrolls through many pages and says what the page holds after some and after all of them. */
async function scrollThrough(page: Page, url: string): Promise<string> {
  await page.goto(url);
  await page.locator('tr[data-index] a').first().waitFor();
  const cdp = await page.context().newCDPSession(page);
  let early = await used(cdp);
  for (let shown = 1; shown < PAGES; shown++) {
    if (shown === SETTLED) early = await used(cdp);
    await page.evaluate(`(async () => {
      const frame = document.querySelector('[role="region"]:has(tr[data-index])');
      const before = frame.scrollHeight;
      while (frame.scrollHeight <= before) {
        frame.scrollTop = frame.scrollHeight;
        await new Promise(requestAnimationFrame);
      }
    })()`);
  }
  const late = await used(cdp);
  return (
    `from page ${SETTLED} to ${PAGES}: heap ${mib(early.heap)} to ${mib(late.heap)} MiB, ` +
    `${early.nodes} to ${late.nodes} DOM nodes`
  );
}

async function used(cdp: CDPSession): Promise<{ heap: number; nodes: number }> {
  await cdp.send('Performance.enable');
  // Twice: what the first round frees may have held something else.
  for (let round = 0; round < 2; round++) await cdp.send('HeapProfiler.collectGarbage');
  const { metrics } = await cdp.send('Performance.getMetrics');
  const of = (name: string) => metrics.find(metric => metric.name === name)?.value ?? 0;
  return { heap: of('JSHeapUsedSize'), nodes: of('Nodes') };
}

function mib(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(1);
}
