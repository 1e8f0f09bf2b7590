import type { Page } from 'playwright-core';
import { calls } from '../../tests/support/calls.ts';
import { connectOfficial } from '../../tests/support/official.ts';
import { type Open, openPage } from './open.ts';

const KEYS = 300_000;

/** A hand that counts what it does. */
function hand(page: Page) {
  const count = { clicks: 0, fields: 0 };
  return {
    count,
    click: async (role: 'button' | 'link' | 'tab' | 'option', name: string | RegExp) => {
      count.clicks += 1;
      await page.getByRole(role, { name }).first().click();
    },
    fill: async (label: string, text: string) => {
      count.fields += 1;
      await page.getByLabel(label, { exact: true }).first().fill(text);
    },
  };
}

type Job = (page: Page, own: ReturnType<typeof hand>) => Promise<void>;

const JOBS: Record<string, Job> = {
  [`find one key among ${KEYS.toLocaleString('en')} by part of its name`]: async (page, { click, fill }) => {
    await click('link', 'many');
    await fill('Filter keys', '_123456_');
    await click('link', 'user_123456_x');
    await page.getByRole('heading', { name: 'user_123456_x' }).waitFor();
  },
  'see what fills the disk': async (page, { click }) => {
    await click('link', 'many');
    await click('link', 'What fills it');
    await page.getByRole('table', { name: 'Bytes by prefix' }).waitFor();
  },
  'see who changed a key, and undo it': async (page, own) => {
    const { click, fill } = own;
    await click('link', 'job');
    await fill('Filter keys', 'app.');
    await click('link', 'app.color');
    await click('tab', 'History');
    await click('button', /^Revert/);
    own.count.clicks += 1;
    await page.getByRole('dialog').getByRole('button', { name: 'Revert' }).click();
    await page.getByText(/is current again/).waitFor();
  },
  'copy a prefix under another': async (page, { click, fill }) => {
    await click('link', 'job');
    await click('link', 'Copy');
    await fill('Beginning of the keys', 'app.');
    await fill('Becomes', 'copy.');
    await click('button', 'Preview');
    await click('button', /^Copy \d/);
    await page
      .getByText(/keys? copied/)
      .first()
      .waitFor();
  },
};

/** How many clicks and filled fields jobs of an admin take from the list of buckets on. */
export async function clicksOfJobs(open: Open): Promise<void> {
  const { kvflow } = open;
  await calls.create(kvflow, { bucket: 'many', storage: 'memory' });
  await using official = await connectOfficial(kvflow.server.url);
  await official.fill('many', KEYS, i => [`user_${i}_x`, 'v']);
  await calls.create(kvflow, { bucket: 'job', history: 5 });
  for (const value of ['red', 'blue']) await calls.put(kvflow, { bucket: 'job', key: 'app.color', value });
  console.log('clicks and fields, from the list of buckets on');
  for (const [name, job] of Object.entries(JOBS)) {
    const { page } = await openPage(open, 'buckets');
    const own = hand(page);
    await job(page, own);
    console.log(`  ${name}: ${own.count.clicks} clicks, ${own.count.fields} fields`);
    await page.context().close();
  }
}
