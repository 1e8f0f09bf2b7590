import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import type { Manifest } from '../../runtime/core/manifest.ts';
import { openEditor } from '../../tests/hosts/support/editor.ts';
import { makePlace } from '../../tests/runtime/transports/cli/kvflow-process.ts';
import { nodeRedCatalog } from '../generate/node-red/pack.ts';

/** Where a node is dropped, in pixels of the workspace. */
const AT = { x: 120, y: 80 };

/** The edit dialog of every node of the package, each as it is after it was dropped, as `<type>.png` in a folder. */
export async function nodeRedDialogs(browser: Browser, folder: string): Promise<void> {
  const manifest = JSON.parse(
    await readFile(join(import.meta.dirname, '../../manifest.json'), 'utf8'),
  ) as Manifest;
  await mkdir(folder, { recursive: true });
  await using place = await makePlace();
  const { url } = await place.start();
  // The highest form fits.
  const page = await browser.newPage({ viewport: { width: 1280, height: 2400 } });
  const editor = await openEditor(page, `${url}/flows`);
  await editor.newTab();
  for (const { name } of nodeRedCatalog(manifest)) {
    const id = await editor.drag(name, AT);
    await page.locator(`[id="${id}"] .red-ui-flow-node`).first().dblclick();
    await page.locator('#node-dialog-ok').waitFor();
    await photograph(page, join(folder, `${name}.png`));
    await page.locator('#node-dialog-cancel').click();
    await page.locator('.red-ui-tray').first().waitFor({ state: 'detached' });
    await page.keyboard.press('Delete');
    await page.locator(`[id="${id}"]`).waitFor({ state: 'detached' });
  }
  await page.close();
}

/** The dialog from its title to the end of its form: below that it is empty. */
async function photograph(page: Page, path: string): Promise<void> {
  const tray = page.locator('.red-ui-tray').first();
  await settled(page);
  const box = await tray.boundingBox();
  const last = await page.locator('.red-ui-tray-body form > *:visible').last().boundingBox();
  if (!box || !last) throw new Error(`${path}: there is no dialog`);
  const height = Math.min(box.height, last.y + last.height - box.y + 16);
  await page.screenshot({ path, clip: { ...box, height } });
}

/** The dialog slides in, and its editors of code are drawn after that. */
async function settled(page: Page): Promise<void> {
  let before = '';
  for (;;) {
    await page.waitForTimeout(150);
    const now = JSON.stringify(await page.locator('.red-ui-tray').first().boundingBox());
    if (now === before) return;
    before = now;
  }
}
