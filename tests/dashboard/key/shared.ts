/** What parts of key.test.ts share. */
import type { Page } from 'playwright-core';

export const pathOf = (bucket: string, key: string, query = '') =>
  `/ui/buckets/${bucket}/keys/${encodeURIComponent(key)}${query}`;

/** Replaces all that is in an editor. */
export async function type(page: Page, label: string, text: string): Promise<void> {
  await page.getByLabel(label, { exact: true }).click();
  await page.keyboard.press('Control+a');
  await page.keyboard.insertText(text);
}
