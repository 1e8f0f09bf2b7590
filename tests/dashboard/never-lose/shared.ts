/** What parts of never-lose.test.ts share. */
import type { Page } from 'playwright-core';

export async function type(page: Page, text: string): Promise<void> {
  await page.locator('.cm-content').click();
  await page.keyboard.press('Control+End');
  await page.keyboard.type(text);
}
