/** What parts of scripts.test.ts share. */
import type { Page } from 'playwright-core';

export const editor = (page: Page) => page.getByRole('textbox', { name: 'Script', exact: true });
