import { expect } from '@jest/globals';
import type { Page } from 'playwright-core';
import { eventually } from '../../support/eventually.ts';

/**
 * Waits until the query of the open address is `query`, in this order, and nothing else. What a page shows tells nothing of its
 * address: while a filter is typed, what the part of it finds may look like what the whole will find.
 */
export async function expectQuery(page: Page, query: Record<string, string>): Promise<void> {
  await eventually(() => expect(new URL(page.url()).search).toBe(`?${new URLSearchParams(query)}`));
}
