import type { Browser } from 'playwright-core';
import { openEditor } from '../../tests/hosts/support/editor.ts';
import { makePlace } from '../../tests/runtime/transports/cli/kvflow-process.ts';

/** The flow editor of `kvflow start` after the example of rate limiting was used. */
export async function nodeRedPicture(browser: Browser, path: string): Promise<void> {
  await using place = await makePlace();
  const { url } = await place.start();
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
  await page.screenshot({ path });
  await page.close();
}
