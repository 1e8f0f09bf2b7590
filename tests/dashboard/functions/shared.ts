/** What parts of functions.test.ts share. */
import type { Page } from 'playwright-core';

export const call = (page: Page) => page.getByRole('button', { name: 'Call', exact: true });
