/** Addresses of keys: any key has one, and it leads back to it. */
import { expect } from '@jest/globals';
import { calls } from '../support/calls.ts';
import { browserTest, openDashboard } from './support/dashboard.ts';

const dashboard = openDashboard();
const pathOf = (bucket: string, key: string, query = '') =>
  `/ui/buckets/${bucket}/keys/${encodeURIComponent(key)}${query}`;

const KEYS = [
  'a/b/c',
  'with space',
  '100%',
  '%2F%25',
  'ünï/日本語 🗝',
  '?q=1#x',
  '<b>x</b>&amp;',
  '"quoted" \'\\',
];

browserTest('key - any key has an address of its own, which survives a reload', async () => {
  const k = dashboard.kvflow();
  await calls.create(k, { bucket: 'any', key_encoding: 'base64' });
  for (const [index, key] of KEYS.entries()) {
    await calls.put(k, { bucket: 'any', key, value: `value ${index}` });
  }
  await using page = await dashboard.page('/ui/buckets/any');
  for (const [index, key] of KEYS.entries()) {
    await page.getByRole('link', { name: key, exact: true }).click();
    const shown = page.locator('[data-value]').getByText(`value ${index}`, { exact: true });
    await shown.waitFor();
    expect(await page.locator('h1').textContent()).toBe(key);
    await page.reload();
    await shown.waitFor();
    await page.goto(`${dashboard.url()}${pathOf('any', key)}`);
    await shown.waitFor();
    await page.keyboard.press('u');
  }
});
