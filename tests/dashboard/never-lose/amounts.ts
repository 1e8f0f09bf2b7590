/** A part of never-lose.test.ts. */
import { expect } from '@jest/globals';
import { calls } from '../../support/calls.ts';
import { eventually } from '../../support/eventually.ts';
import type { Dashboard } from '../support/dashboard.ts';
import { browserTest } from '../support/dashboard.ts';

/** Registers them, on a server and browser that all parts share. */
export function amounts(open: Dashboard): void {
  browserTest('amounts - a text that is not understood blocks creating a bucket', async () => {
    const k = open.kvflow();
    await using page = await open.page('/ui/buckets');
    await page.getByRole('button', { name: 'Create bucket' }).first().click();
    const dialog = page.getByRole('dialog');
    await dialog
      .getByLabel(/^bucket/)
      .first()
      .fill('typo');
    const create = dialog.getByRole('button', { name: 'Create' });
    await dialog
      .getByLabel(/^max_bytes/)
      .first()
      .fill('10 MBs');
    await create.click();
    await eventually(async () => expect(await create.isDisabled()).toBe(true));
    await dialog.getByLabel(/^ttl/).first().fill('30 dayz');
    await dialog
      .getByLabel(/^max_bytes/)
      .first()
      .fill('');
    await eventually(async () => expect(await create.isDisabled()).toBe(true));
    expect(await k.call('kv-bucket-list', {})).toMatchObject({ buckets: [] });
    await dialog.getByLabel(/^ttl/).first().fill('30 days');
    await dialog.getByText('Will be made: bucket typo, ttl 30 days.').waitFor();
    await dialog.getByRole('button', { name: 'Create' }).click();
    await page.getByText('Bucket typo was created.').waitFor();
    expect(await k.call('kv-bucket-info', { bucket: 'typo' })).toMatchObject({ ttl: 30 * 86_400e9 });
  });

  browserTest('amounts - a typo in the ttl of a bucket does not take its limit away', async () => {
    const k = open.kvflow();
    await calls.create(k, { bucket: 'week', ttl: WEEK });
    await using page = await open.page('/ui/buckets?q=week');
    await page.getByRole('button', { name: 'Actions of week' }).click();
    await page.getByRole('menuitem', { name: 'Edit options' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel(/^ttl/).first().fill('14 dayz');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await eventually(async () =>
      expect(await dialog.getByRole('button', { name: 'Save' }).isDisabled()).toBe(true),
    );
    expect(await k.call('kv-bucket-info', { bucket: 'week' })).toMatchObject({ ttl: WEEK });
    await dialog.getByLabel(/^ttl/).first().fill('14 days');
    await dialog.getByText('Will change: ttl from 7 days to 14 days.').waitFor();
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Bucket week was changed.').waitFor();
    expect(await k.call('kv-bucket-info', { bucket: 'week' })).toMatchObject({ ttl: 2 * WEEK });
  });

  browserTest('amounts - a new key is not written while its ttl is not understood', async () => {
    const k = open.kvflow();
    await calls.create(k, { bucket: 'short', key_ttl: true });
    await using page = await open.page('/ui/buckets/short');
    await page.getByRole('button', { name: 'New key' }).first().click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel(/^Key/).fill('k');
    await dialog.getByLabel('Expires after').fill('2 hourz');
    await eventually(async () =>
      expect(await dialog.getByRole('button', { name: 'Write' }).isDisabled()).toBe(true),
    );
    await dialog.getByLabel('Expires after').fill('2 hours');
    await dialog.getByText('Will be written: k with 2 B, gone 2 hours after it was written.').waitFor();
    await dialog.getByRole('button', { name: 'Write' }).click();
    await page.waitForURL(/\/keys\/k$/);
    expect(await k.call('kv-key-get', { bucket: 'short', key: 'k' })).toHaveProperty('expires_at');
  });
}

const WEEK = 7 * 86_400e9;
