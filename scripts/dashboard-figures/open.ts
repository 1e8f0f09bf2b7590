import type { Browser, CDPSession, Page } from 'playwright-core';
import type { TestKvflow } from '../../tests/support/kvflow.ts';
import type { TestNats } from '../../tests/support/nats.ts';

/** A dashboard that runs. */
export interface Open {
  kvflow: TestKvflow & { server: TestNats };
  url: string;
  browser: Browser;
}

/** A page of its own, with the tools of the browser. */
export async function openPage(
  { browser, url }: Open,
  path: string,
): Promise<{ page: Page; tools: CDPSession }> {
  const context = await browser.newContext({
    viewport: { width: 1360, height: 860 },
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  const tools = await context.newCDPSession(page);
  await page.goto(`${url}/ui/${path}`);
  await page.getByRole('heading', { level: 1 }).waitFor();
  return { page, tools };
}

/** What the page holds after a collection, in MiB. */
export async function heapOf(tools: CDPSession): Promise<number> {
  await tools.send('HeapProfiler.collectGarbage');
  const { usedSize } = await tools.send('Runtime.getHeapUsage');
  return usedSize / 1024 / 1024;
}
