import { calls } from '../support/calls.ts';
import { expectAccessible } from './support/accessible.ts';
import { browserTest, openDashboard } from './support/dashboard.ts';

const open = openDashboard();
const S = '/tmp/shots-lfb';
browserTest(
  'shots',
  async () => {
    const k = open.kvflow();
    await calls.create(k, { bucket: 'sessions', history: 10, key_ttl: true });
    await calls.create(k, { bucket: 'user-preferences' });
    for (let i = 0; i < 40; i++)
      await calls.put(k, {
        bucket: 'sessions',
        key: `user.${i % 7}.page`,
        value: { views: i, at: 'today', nested: { a: [1, 2, 3] } },
      });
    await calls.put(k, { bucket: 'sessions', key: 'plain', value: 'Just text <b>bold</b>' });
    await k.call('kv-key-delete', { bucket: 'sessions', key: 'user.1.page' });
    await k.call('kv-key-purge', { bucket: 'sessions', key: 'user.2.page' });
    await using visit = await open.visit('/ui/live');
    visit.allow(/40\d/);
    const { page } = visit;
    const shot = async (name: string) => {
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        await page.waitForTimeout(250);
        await page.screenshot({ path: `${S}/${name}-${colorScheme}.png` });
      }
      try {
        await expectAccessible(page);
      } catch (e) {
        console.log(name, String(e).slice(0, 3000));
      }
    };
    await page.getByText('Which bucket?').waitFor();
    await shot('live-empty');
    await page.goto(`${open.url()}/ui/live?bucket=sessions&start=history`);
    await page.getByText('user.2.page').first().waitFor();
    await page.getByRole('button', { name: /Details of revision 40 / }).click();
    await shot('live-open');
    await page.goto(`${open.url()}/ui/functions`);
    await page
      .getByText('Put a')
      .first()
      .waitFor()
      .catch(() => {});
    await shot('functions');
    await page.goto(`${open.url()}/ui/functions/kv-key-put`);
    await page.getByRole('button', { name: 'For one minute' }).click();
    await shot('fn-form');
    await page.getByRole('button', { name: 'Call', exact: true }).click();
    await page.getByRole('dialog').waitFor();
    await shot('fn-ask');
    await page.getByRole('button', { name: 'Call it' }).click();
    await page.getByText('BUCKET_NOT_FOUND').nth(1).waitFor();
    await page.getByText('JSON', { exact: true }).first().click();
    await page.getByText('Node-RED', { exact: true }).click();
    await shot('fn-json');
    await page.goto(`${open.url()}/ui/functions/kv-bucket-create`);
    await page.getByRole('button', { name: 'Call', exact: true }).click();
    await page.waitForTimeout(300);
    await shot('fn-faults');
    await page.goto(`${open.url()}/ui/import-export?bucket=sessions`);
    await page.getByText(/in the bucket/).waitFor();
    await shot('bulk');
    const lines = [
      JSON.stringify({ kvflow_export: 1, bucket: 'sessions', options: {} }),
      ...Array.from({ length: 30 }, (_, i) => JSON.stringify({ key: `k.${i}`, value: `v${i}` })),
      'not json',
      '{"key":1}',
    ].join('\n');
    await page
      .locator('input[type=file]')
      .setInputFiles({ name: 'a.ndjson', mimeType: 'text/plain', buffer: Buffer.from(lines) });
    await page.getByText('cannot be imported').waitFor();
    await shot('bulk-scan');
    await page.getByRole('button', { name: /^Import 30/ }).click();
    await page.getByText('30 values imported').waitFor();
    await page.getByRole('button', { name: 'Export', exact: true }).click();
    await page.waitForTimeout(800);
    await shot('bulk-done');
  },
  180_000,
);
