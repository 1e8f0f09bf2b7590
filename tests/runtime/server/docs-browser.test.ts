/** The page at /docs in a real browser that reaches nothing but the server. */
import { expect, test } from '@jest/globals';
import { findChromium, launchChromium } from '../../hosts/support/chromium.ts';
import { startServed } from '../../support/served.ts';

const executable = await findChromium();
const browserTest = executable ? test : test.skip;
if (!executable) console.warn('skipped: no Chromium on PATH. Install it with: apt-get install chromium');

browserTest(
  'docs - lists the functions and runs an example, asking nobody but the server',
  async () => {
    await using k = await startServed();
    const browser = await launchChromium(executable ?? '');
    try {
      const page = await browser.newPage();
      const asked: string[] = [];
      const faults: string[] = [];
      page.on('request', request => asked.push(new URL(request.url()).origin));
      page.on('pageerror', error => faults.push(String(error)));
      await page.goto(`${k.url}/docs`);
      await page.getByText('kv-key-put', { exact: true }).first().waitFor();
      await page.getByRole('button', { name: 'Run' }).click();
      await page.getByText('"created": true').first().waitFor();
      expect([...new Set(asked)]).toEqual([k.url]);
      expect(faults).toEqual([]);
    } finally {
      await browser.close();
    }
  },
  60_000,
);
