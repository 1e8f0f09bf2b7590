import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser, BrowserContextOptions, Page, Request } from 'playwright-core';
import type { ServerOptions } from '../../../runtime/server/options.ts';
import { dashboardRoute } from '../../../runtime/server/routes/dashboard.ts';
import { findChromium, launchChromium } from '../../hosts/support/chromium.ts';
import type { TestKvflow } from '../../support/kvflow.ts';
import { startWithServer } from '../../support/kvflow.ts';
import type { TestNats } from '../../support/nats.ts';
import { PATIENCE } from '../../support/patience.ts';
import type { Served } from '../../support/served.ts';
import { serve } from '../../support/served.ts';
import { builtDashboard } from './built.ts';
import type { Profiles } from './profiles.ts';
import { createProfiles, FOR_SHORT_VISITS } from './profiles.ts';

const executable = await findChromium();
if (!executable) console.warn('skipped: no Chromium on PATH. Install it with: apt-get install chromium');

/** A page computes where other tests do too: what takes two seconds alone may take twenty. */
const TEST_MS = 120_000;

/** A test that needs the browser; skipped where there is none (under CI that is a failure). */
export const browserTest = (name: string, work: () => Promise<void>, timeoutMs = TEST_MS): void =>
  (executable ? test : test.skip)(name, work, timeoutMs);

/** A page of a test's own. What goes wrong in it fails the test when it is closed. */
export interface Visit extends AsyncDisposable {
  readonly page: Page;
  /** Errors in the console that belong to the test, such as the answer 409 to a call that is to fail. */
  allow(pattern: RegExp): void;
  /** Another server of the test's own, which the page goes to. */
  allowOrigin(url: string): void;
  /** Resolves when the page has all that it asked for, watches aside, and asks for nothing more for a moment. */
  quiet(): Promise<void>;
}

/** The dashboard of one test file: kvflow on a real nats-server, and a browser. Started before the first test. */
export interface Dashboard {
  kvflow(): TestKvflow & { server: TestNats };
  url(): string;
  /** Opens an address of the dashboard, such as `/ui/buckets`, with nothing remembered from other tests. */
  visit(path: string, options?: BrowserContextOptions): Promise<Visit>;
  /** The page of such a visit, for a test that needs no more of it; what went wrong fails the test when the page is disposed of. */
  page(path: string, options?: BrowserContextOptions): Promise<Page>;
}

/** Starts everything before the file's tests and ends it after them. Options go to the server; `start` starts kvflow. */
export function openDashboard(
  options: (kvflow: TestKvflow) => Partial<ServerOptions> = () => ({}),
  start: () => Promise<TestKvflow & { server: TestNats }> = startWithServer,
): Dashboard {
  let kvflow: TestKvflow & { server: TestNats };
  let served: Served;
  let browser: Browser;
  let profiles: Profiles;

  beforeAll(async () => {
    if (!executable) return;
    const [folder, started, launched] = await Promise.all([
      builtDashboard(),
      start(),
      launchChromium(executable, FOR_SHORT_VISITS),
    ]);
    [kvflow, browser] = [started, launched];
    served = await serve(kvflow, { homePage: false, plugins: [dashboardRoute(folder)], ...options(kvflow) });
    profiles = createProfiles(browser, `${served.url}/favicon.svg`);
  }, 120_000);

  afterAll(async () => {
    await browser?.close();
    await served?.close();
    await kvflow?.[Symbol.asyncDispose]();
  });

  return { kvflow: () => kvflow, url: () => served.url, visit, page };

  async function page(path: string, contextOptions?: BrowserContextOptions): Promise<Page> {
    const visited = await visit(path, contextOptions);
    return Object.assign(visited.page, { [Symbol.asyncDispose]: visited[Symbol.asyncDispose] });
  }

  async function visit(path: string, contextOptions?: BrowserContextOptions): Promise<Visit> {
    const profile = await profiles.take(contextOptions);
    const { context } = profile;
    context.setDefaultTimeout(40_000 * PATIENCE);
    const page = await context.newPage();
    await hurryAnimations(page);
    const allowed: RegExp[] = [];
    const faults: string[] = [];
    const elsewhere: string[] = [];
    const origins = new Set([served.url]);
    page.on('console', message => message.type() === 'error' && faults.push(message.text()));
    page.on('pageerror', error => faults.push(String(error)));
    page.on('request', request => {
      const url = new URL(request.url());
      if (url.protocol.startsWith('http') && !origins.has(url.origin)) elsewhere.push(request.url());
    });
    const quiet = watchRequests(page);
    await page.goto(`${served.url}${path}`);
    return {
      page,
      quiet,
      allow: pattern => void allowed.push(pattern),
      allowOrigin: url => void origins.add(new URL(url).origin),
      [Symbol.asyncDispose]: async () => {
        await profile.leave(origins);
        expect(elsewhere).toEqual([]);
        expect(faults.filter(text => !allowed.some(pattern => pattern.test(text)))).toEqual([]);
      },
    };
  }
}

/** What fades or slides is where it goes at once: tests would wait for it again and again. */
async function hurryAnimations(page: Page): Promise<void> {
  const tools = await page.context().newCDPSession(page);
  await tools.send('Animation.enable');
  await tools.send('Animation.setPlaybackRate', { playbackRate: 1_000 });
}

/** What is shown may ask for more once it has its first answers. */
const QUIET_MS = 150;

function watchRequests(page: Page): () => Promise<void> {
  const open = new Set<Request>();
  const waiting = new Set<() => void>();
  const changed = () => {
    for (const look of waiting) look();
  };
  page.on('request', request => {
    // A stream stays open, and of the worker that holds it the browser does not tell when it was loaded.
    if (!/\/watches$|\/watch-worker-/.test(request.url())) open.add(request);
    changed();
  });
  const ended = (request: Request) => {
    open.delete(request);
    changed();
  };
  page.on('requestfinished', ended);
  page.on('requestfailed', ended);
  return () =>
    new Promise(resolve => {
      let timer: NodeJS.Timeout | undefined;
      const look = () => {
        clearTimeout(timer);
        if (open.size === 0) timer = setTimeout(done, QUIET_MS);
      };
      const done = () => {
        waiting.delete(look);
        resolve();
      };
      waiting.add(look);
      look();
    });
}
