/**
 * Takes the pictures of docs/hosts and docs/dashboard from what runs: pages in a headless Chromium, and what commands
 * print. All of them, or those named: `node scripts/screenshots.ts n8n mcp`, `node scripts/screenshots.ts dashboard`, or
 * some of the dashboard's pages: `node scripts/screenshots.ts dashboard:keys dashboard:key`.
 */
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { findChromium, launchChromium } from '../tests/hosts/support/chromium.ts';
import { dashboardPictures } from './screenshots/dashboard.ts';
import { mcpPicture } from './screenshots/mcp.ts';
import { n8nPicture } from './screenshots/n8n.ts';
import { natsServicePicture } from './screenshots/nats-service.ts';
import { nodeRedPicture } from './screenshots/node-red.ts';
import { nodeRedDialogs } from './screenshots/node-red-dialogs.ts';

const PAGE = 'dashboard:';
const folder = join(import.meta.dirname, '../docs/hosts');
const wanted = process.argv.slice(2);
const pages = wanted.flatMap(name => (name.startsWith(PAGE) ? [name.slice(PAGE.length)] : []));
const pictures: Record<string, (browser: Browser) => Promise<void>> = {
  'node-red': browser => nodeRedPicture(browser, join(folder, 'node-red.png')),
  'node-red-dialogs': browser => nodeRedDialogs(browser, join(folder, 'node-red-dialogs')),
  n8n: browser => n8nPicture(browser, join(folder, 'n8n.png')),
  mcp: () => mcpPicture(join(folder, 'mcp.svg')),
  'nats-service': () => natsServicePicture(join(folder, 'nats-service.svg')),
  dashboard: browser => dashboardPictures(browser, join(folder, '../dashboard'), pages),
};

const chromium = await findChromium();
if (!chromium) throw new Error('No Chromium on PATH. Install it with: apt-get install chromium');
const browser = await launchChromium(chromium);
try {
  for (const [name, take] of Object.entries(pictures)) {
    if (wanted.length === 0 || wanted.some(one => one.split(':')[0] === name)) await take(browser);
  }
} finally {
  await browser.close();
}
