/**
 * Figures of the dashboard in a headless Chromium: what pages cost while they are idle, how many clicks jobs take, a search among
 * a million keys, two minutes of 500 changes a second. All of them, or those named: `node scripts/dashboard-figures.ts idle search`.
 */
import { dashboardRoute } from '../runtime/server/routes/dashboard.ts';
import { builtDashboard } from '../tests/dashboard/support/built.ts';
import { findChromium, launchChromium } from '../tests/hosts/support/chromium.ts';
import { startWithServer } from '../tests/support/kvflow.ts';
import { serve } from '../tests/support/served.ts';
import { clicksOfJobs } from './dashboard-figures/clicks.ts';
import { idlePages } from './dashboard-figures/idle.ts';
import { liveForMinutes } from './dashboard-figures/live.ts';
import type { Open } from './dashboard-figures/open.ts';
import { searchAMillion } from './dashboard-figures/search.ts';

const PARTS: Record<string, (open: Open) => Promise<void>> = {
  idle: idlePages,
  clicks: clicksOfJobs,
  search: searchAMillion,
  live: liveForMinutes,
};

const chromium = await findChromium();
if (!chromium) throw new Error('No Chromium on PATH. Install it with: apt-get install chromium');
const wanted = process.argv.slice(2);
const browser = await launchChromium(chromium);
try {
  await using kvflow = await startWithServer();
  const plugins = [dashboardRoute(await builtDashboard())];
  await using served = await serve(kvflow, { homePage: false, plugins });
  for (const [name, print] of Object.entries(PARTS))
    if (wanted.length === 0 || wanted.includes(name)) await print({ kvflow, url: served.url, browser });
} finally {
  await browser.close();
}
