/** Takes the pictures of docs/hosts: starts kvflow, uses its flow editor in a headless Chromium, and ends both. */
import { join } from 'node:path';
import { findChromium, launchChromium } from '../tests/hosts/support/chromium.ts';
import { openEditor } from '../tests/hosts/support/editor.ts';
import { makePlace } from '../tests/runtime/transports/cli/kvflow-process.ts';

const folder = join(import.meta.dirname, '../docs/hosts');
const chromium = await findChromium();
if (!chromium) throw new Error('No Chromium on PATH. Install it with: apt-get install chromium');

await using place = await makePlace();
const { url } = await place.start();
const browser = await launchChromium(chromium);
try {
  const page = await browser.newPage({ viewport: { width: 1380, height: 640 } });
  const editor = await openEditor(page, `${url}/flows`);
  await editor.openTab('Rate limiting');
  await editor.inject('set up');
  await editor.debug('bucket is there').waitFor();
  for (let call = 1; call <= 6; call++) await editor.inject('a call');
  await editor.debug('refused').waitFor();
  await page.locator('#red-ui-palette-search input').pressSequentially('kv-key');
  await page.locator('[data-palette-type="kv-bucket-create"]').waitFor({ state: 'hidden' });
  await page.locator('.red-ui-notification').first().waitFor({ state: 'detached' });
  await page.screenshot({ path: join(folder, 'node-red.png') });
} finally {
  await browser.close();
}
