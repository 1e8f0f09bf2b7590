/** What was typed is not lost, and what cannot be read is not sent: as an admin meets it, in a real browser. */

import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import type { Page } from 'playwright-core';
import { dashboardRoute } from '../../runtime/server/routes/dashboard.ts';
import { calls } from '../support/calls.ts';
import { eventually } from '../support/eventually.ts';
import { serve } from '../support/served.ts';
import { builtDashboard } from './support/built.ts';
import { browserTest, openDashboard } from './support/dashboard.ts';
import { lockedDashboard } from './support/locked.ts';
import { followStreams } from './support/streams.ts';

const open = openDashboard();
const streams = followStreams();
const REFUSED = {
  status: 401,
  json: { error: { code: 'UNAUTHENTICATED', message: 'No.', retryable: false } },
};
const WEEK = 7 * 86_400e9;

async function type(page: Page, text: string): Promise<void> {
  await page.locator('.cm-content').click();
  await page.keyboard.press('Control+End');
  await page.keyboard.type(text);
}

browserTest('amounts - a text that is not understood blocks creating a bucket', async () => {
  const k = open.kvflow();
  await using visit = await open.visit('/ui/buckets');
  const { page } = visit;
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
  expect(await create.isDisabled()).toBe(true);
  await dialog.getByLabel(/^ttl/).first().fill('30 dayz');
  await dialog
    .getByLabel(/^max_bytes/)
    .first()
    .fill('');
  expect(await create.isDisabled()).toBe(true);
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
  await using visit = await open.visit('/ui/buckets?q=week');
  const { page } = visit;
  await page.getByRole('button', { name: 'Actions of week' }).click();
  await page.getByRole('menuitem', { name: 'Edit options' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel(/^ttl/).first().fill('14 dayz');
  await dialog.getByRole('button', { name: 'Save' }).click();
  expect(await dialog.getByRole('button', { name: 'Save' }).isDisabled()).toBe(true);
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
  await using visit = await open.visit('/ui/buckets/short');
  const { page } = visit;
  await page.getByRole('button', { name: 'New key' }).first().click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel(/^Key/).fill('k');
  await dialog.getByLabel('Expires after').fill('2 hourz');
  expect(await dialog.getByRole('button', { name: 'Write' }).isDisabled()).toBe(true);
  await dialog.getByLabel('Expires after').fill('2 hours');
  await dialog.getByText('Will be written: k with 2 B, gone 2 hours after it was written.').waitFor();
  await dialog.getByRole('button', { name: 'Write' }).click();
  await page.waitForURL(/\/keys\/k$/);
  expect(await k.call('kv-key-get', { bucket: 'short', key: 'k' })).toHaveProperty('expires_at');
});

browserTest(
  'drafts - leaving asks, a draft outlives a reload and is offered until it is saved or dropped',
  async () => {
    const k = open.kvflow();
    await calls.create(k, { bucket: 'drafts', history: 3 });
    await calls.put(k, { bucket: 'drafts', key: 'k', value: 'before' });
    await using visit = await open.visit('/ui/buckets/drafts/keys/k');
    const { page } = visit;
    await page.getByRole('button', { name: 'Edit' }).click();
    await type(page, ' MINE');
    await page.getByRole('navigation', { name: 'Breadcrumbs' }).getByRole('link', { name: 'drafts' }).click();
    await page.getByRole('dialog').getByText('your changes of k').waitFor();
    await page.getByRole('button', { name: 'Stay' }).click();
    expect(await page.locator('.cm-content').textContent()).toBe('before MINE');
    await page.getByRole('navigation', { name: 'Breadcrumbs' }).getByRole('link', { name: 'drafts' }).click();
    await page.getByRole('button', { name: 'Leave' }).click();
    await page.waitForURL(/\/buckets\/drafts$/);
    // Somebody writes meanwhile: the draft still knows what it changed.
    await calls.put(k, { bucket: 'drafts', key: 'k', value: 'theirs' });
    await page.goto(`${open.url()}/ui/buckets/drafts/keys/k`);
    await page.getByText('You have a draft that was not saved').waitFor();
    await page.getByText('before MINE').waitFor();
    await page.getByRole('button', { name: 'Go on editing' }).click();
    await page.getByText('Somebody has written revision 2 meanwhile').waitFor();
    visit.allow(/409/);
    await page.keyboard.press('Control+s');
    await page
      .getByRole('button', { name: 'Save' })
      .click()
      .catch(() => undefined);
    expect(await k.call('kv-key-get', { bucket: 'drafts', key: 'k' })).toMatchObject({
      value: 'theirs',
    });
  },
);

browserTest('drafts - saved with Ctrl S, nothing is offered any more', async () => {
  const k = open.kvflow();
  await calls.create(k, { bucket: 'saved' });
  await calls.put(k, { bucket: 'saved', key: 'k', value: 'a' });
  await using visit = await open.visit('/ui/buckets/saved/keys/k');
  const { page } = visit;
  await page.getByRole('button', { name: 'Edit' }).click();
  await type(page, 'b');
  await page.keyboard.press('Control+s');
  await page.getByText('Saved.').waitFor();
  expect(await k.call('kv-key-get', { bucket: 'saved', key: 'k' })).toMatchObject({ value: 'ab' });
  await page.reload();
  await page.getByText('revision 2').first().waitFor();
  expect(await page.getByText('You have a draft').count()).toBe(0);
});

/** Characters that cannot be seen, or move others, anywhere in the document but in editors, which mark them themselves. */
const UNSEEN_IN_DOCUMENT = String.raw`(() => {
  const unseen = /[\u202a-\u202e\u2066-\u2069\u200b-\u200f\ufeff\u00ad]|line\nbreak/u, found = [];
  const look = (where, text) => { if (unseen.test(text)) found.push(where + ': ' + JSON.stringify(text.slice(0, 80))); };
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node; node = walk.nextNode())
    if (!node.parentElement.closest('.cm-content, script, style')) look('text', node.data);
  for (const element of document.querySelectorAll('*'))
    for (const { name, value } of element.attributes) if (/^(aria-label|title|placeholder|alt)$/.test(name)) look(name, value);
  look('title', document.title);
  return found;
})()`;

browserTest(
  'names - what cannot be seen in a name is shown, in lists, titles, labels, dialogs and notices',
  async () => {
    const k = open.kvflow();
    await calls.create(k, { bucket: 'unseen', key_encoding: 'base64', history: 2 });
    const keys = [
      '\u202Egpj.exe',
      'line\nbreak',
      'zero\u200bwidth',
      '\u2066a\u2069',
      'a%2Fb',
      '?q=1#h',
      'plain key',
    ];
    for (const key of keys) await calls.put(k, { bucket: 'unseen', key, value: key });
    await using visit = await open.visit('/ui/buckets/unseen');
    const { page, quiet } = visit;
    const names = page.locator('tr[data-index] a');
    await page.getByRole('link', { name: 'plain key' }).waitFor();
    expect(await names.allTextContents()).toEqual([
      'U+202Egpj.exe',
      'line\\nbreak',
      'zerozwspwidth',
      'U+2066aU+2069',
      'a%2Fb',
      '?q=1#h',
      'plain key',
    ]);
    const faults: string[] = [];
    const look = async (where: string) => {
      for (const one of await page.evaluate<string[]>(UNSEEN_IN_DOCUMENT)) faults.push(`${where}: ${one}`);
    };
    for (const path of [
      'buckets/unseen?view=tree',
      'buckets/unseen/usage',
      'buckets/unseen/past?since=0',
      'buckets/unseen/changes',
      'live?bucket=unseen&start=history',
      `buckets/${encodeURIComponent('no\u202Esuch')}`,
      `functions/kv-key-get#input=${encodeURIComponent(JSON.stringify({ bucket: 'unseen', key: keys[0] }))}`,
    ]) {
      visit.allow(/400/);
      await page.goto(`${open.url()}/ui/${path}`);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await quiet();
      await look(path);
    }
    await page.getByRole('button', { name: 'Call', exact: true }).click();
    await page.getByText('200 OK').first().waitFor();
    await look('answer');
    for (const [index, key] of keys.slice(0, 3).entries()) {
      await page.goto(`${open.url()}/ui/buckets/unseen`);
      await names.nth(index).click();
      await page.getByRole('tab', { name: 'History' }).waitFor();
      await quiet();
      expect(decodeURIComponent(page.url().split('/keys/')[1] ?? '')).toBe(key);
      await look(`page of ${key}`);
    }
    await page.goto(`${open.url()}/ui/buckets/unseen`);
    for (const at of [0, 1, 2])
      await page
        .getByRole('checkbox')
        .nth(at + 1)
        .check();
    await page
      .getByRole('button', { name: /^Delete/ })
      .first()
      .click();
    await page.getByRole('dialog').waitFor();
    await look('dialog');
    await page
      .getByRole('dialog')
      .getByRole('button', { name: /^Delete/ })
      .click();
    await page.getByText('3 keys deleted').waitFor();
    await page.goto(`${open.url()}/ui/buckets/unseen?view=deleted`);
    await page.getByRole('button', { name: /^Restore .*gpj/ }).click();
    await page.getByText(/gpj.exe is back/).waitFor();
    await look('notice');
    expect(faults).toEqual([]);
  },
);

browserTest(
  'drafts - a new key, a new bucket and changed options are kept, and closing them asks',
  async () => {
    const k = open.kvflow();
    await calls.create(k, { bucket: 'forms' });
    await using visit = await open.visit('/ui/buckets/forms');
    const { page } = visit;
    const dialog = page.getByRole('dialog');
    const newKey = page.getByRole('button', { name: 'New key' }).first();
    const key = dialog.getByRole('textbox', { name: 'Key' });
    await newKey.click();
    await key.fill('typed');
    await dialog.locator('.cm-content').fill('{"a":1}');
    await page.reload();
    await newKey.click();
    await dialog.getByRole('button', { name: 'Go on editing' }).click();
    expect(await key.inputValue()).toBe('typed');
    await dialog.getByRole('button', { name: 'Write' }).click();
    await page.waitForURL(/keys\/typed$/);
    expect((await calls.get(k, { bucket: 'forms', key: 'typed' })).value).toBe('{"a":1}');
    await page.goto(`${open.url()}/ui/buckets/forms`);
    await newKey.click();
    await key.waitFor();
    expect(await dialog.getByText('You have a draft').count()).toBe(0);
    await page.goto(`${open.url()}/ui/buckets?q=forms`);
    for (const [opens, field] of [
      [() => page.getByRole('button', { name: 'Create bucket' }).first().click(), /^bucket/],
      [
        async () => {
          await page.getByRole('button', { name: 'Actions of forms' }).click();
          await page.getByRole('menuitem', { name: 'Edit options' }).click();
        },
        /^description/,
      ],
    ] as const) {
      await opens();
      await dialog.getByLabel(field).first().fill('kept');
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: 'Stay' }).click();
      expect(await dialog.getByLabel(field).first().inputValue()).toBe('kept');
      await page.reload();
      await opens();
      await dialog.getByRole('button', { name: 'Go on editing' }).click();
      expect(await dialog.getByLabel(field).first().inputValue()).toBe('kept');
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: 'Leave' }).click();
      await dialog.waitFor({ state: 'detached' });
    }
  },
);

browserTest(
  'place - Back from a key shows the list where it stood, and the tree with its open levels',
  async () => {
    const k = open.kvflow();
    await calls.create(k, { bucket: 'place' });
    const items = Array.from({ length: 600 }, (_, i) => ({ key: `k.${i}`, value: 'v' }));
    await k.call('kv-key-put-many', { bucket: 'place', items });
    await using visit = await open.visit('/ui/buckets/place');
    const { page } = visit;
    const frame = `document.querySelector('[role="region"]:has(tr[data-index])')`;
    await page.getByRole('link', { name: 'k.0', exact: true }).waitFor();
    await page.evaluate(`${frame}.scrollTo(0, 4100)`);
    const row = page.getByRole('link', { name: 'k.150', exact: true });
    await row.click();
    await page.getByRole('heading', { name: 'k.150' }).waitFor();
    await page.goBack();
    await row.waitFor();
    expect(await page.evaluate(`${frame}.scrollTop`)).toBe(4_100);
    await page.goto(`${open.url()}/ui/buckets/place?view=tree`);
    await page.getByRole('treeitem').first().click();
    await page.getByRole('link', { name: '0', exact: true }).click();
    await page.getByRole('heading', { name: 'k.0' }).waitFor();
    await page.goBack();
    await page.getByRole('link', { name: '0', exact: true }).waitFor();
  },
);

browserTest('rights - a key that may not look is told so, never that nothing is there', async () => {
  const k = open.kvflow();
  await calls.create(k, { bucket: 'transform_kv', key_encoding: 'base64', key_ttl: true });
  await calls.put(k, { bucket: 'transform_kv', key: 'default.x', value: '1' });
  await using locked = await lockedDashboard(open, { name: 'viewer', read_only: true, buckets: ['orders*'] });
  await using visit = await open.visit('/ui/buckets');
  visit.allow(/403/);
  await locked.logIn(visit, '/ui/sessions');
  const { page } = visit;
  const main = page.getByRole('main');
  await main.getByText('API key "viewer" may not use bucket "transform_kv".').waitFor();
  expect(await main.getByText('No sessions yet').count()).toBe(0);
  for (const [view, nothing] of [
    ['remembered', 'No visitor is remembered'],
    ['pending', 'Nothing is pending'],
    ['audit', 'No row was amended yet'],
  ] as const) {
    await page.goto(`${locked.url}/ui/recognition?view=${view}`);
    await main.getByText('API key "viewer" may not use bucket "anonymous_events".').first().waitFor();
    expect(await main.getByText(nothing).count()).toBe(0);
  }
  await calls.create(k, { bucket: 'secrets', history: 2 });
  await calls.put(k, { bucket: 'secrets', key: 's', value: '1' });
  const bucket = 'API key "viewer" may not use bucket "secrets".';
  for (const [path, says] of [
    ['buckets/secrets', bucket],
    ['buckets/secrets?view=deleted', bucket],
    ['buckets/secrets?view=tree', bucket],
    ['buckets/secrets/keys/s', bucket],
    ['buckets/secrets/keys/s?tab=history', bucket],
    ['buckets/secrets/usage', bucket],
    ['buckets/secrets/past?since=0', bucket],
    ['buckets/secrets/changes', bucket],
    ['live?bucket=secrets', bucket],
    ['sessions/buckets/transform_kv/default.x', 'API key "viewer" may not use bucket "transform_kv".'],
    ['sessions/scripts', 'API key "viewer" may not use bucket "transform_scripts".'],
    ['sessions/scripts/any', 'API key "viewer" may not use bucket "transform_scripts".'],
    ['recognition?view=identities', 'API key "viewer" may not use bucket "anonymous_events".'],
    ['recognition?view=dead', 'API key "viewer" may not use bucket "anonymous_events".'],
    ['recognition/visitors/v1', 'API key "viewer" may not use bucket "anonymous_events".'],
    ['functions/kv-key-put', 'API key "viewer" is read-only and kv-key-put changes data.'],
    ['import-export?bucket=secrets', bucket],
    ['admin-log', 'API key "viewer" may not use bucket "kvflow_admin_log".'],
  ] as const) {
    await page.goto(`${locked.url}/ui/${path}`);
    await main.getByText(says).first().waitFor();
    const lies =
      /No keys? |No deleted|Nothing |Nobody|No change|There is no such|No sessions|No scripts|is not there/;
    expect([path, (await main.textContent())?.match(lies)?.[0]]).toEqual([path, undefined]);
  }
});

browserTest(
  'log-in - it lies over the page: the same key finds what was typed, another key does not',
  async () => {
    const k = open.kvflow();
    await calls.create(k, { bucket: 'layer' });
    await calls.put(k, { bucket: 'layer', key: 'k', value: 'a' });
    await using locked = await lockedDashboard(open, { name: 'first' });
    await using visit = await open.visit('/ui/buckets');
    await locked.logIn(visit, '/ui/buckets/layer/keys/k');
    const { page } = visit;
    await page.getByRole('button', { name: 'Edit' }).click();
    await type(page, 'SECRET');
    const logOut = async () => {
      await page.getByRole('button', { name: /^API key/ }).click();
      await page.getByRole('menuitem', { name: 'Log out' }).click();
    };
    const logIn = async (key: string) => {
      await page.getByRole('textbox', { name: 'API key' }).fill(key);
      await page.getByRole('button', { name: 'Log in' }).click();
      await page.getByRole('heading', { name: 'Log in' }).waitFor({ state: 'detached' });
    };
    // Refused in the middle of it: the page is still there below.
    await page.route('**/invocations', route => route.fulfill(REFUSED));
    await calls.put(k, { bucket: 'layer', key: 'k', value: 'theirs' });
    await page.getByRole('heading', { name: 'Log in' }).waitFor();
    await page.unroute('**/invocations');
    await logIn(locked.key);
    expect(await page.locator('.cm-content').textContent()).toBe('aSECRET');
    await logOut();
    await logIn(locked.key);
    await page.getByText('You have a draft that was not saved').waitFor();
    await page.getByText('aSECRET').waitFor();
    // A dialog is below the log-in too.
    await page.goto(`${locked.url}/ui/buckets/layer`);
    await page.getByRole('button', { name: 'New key' }).first().click();
    await page.getByRole('dialog').getByRole('textbox', { name: 'Key' }).fill('mine');
    await page.route('**/invocations', route => route.fulfill(REFUSED));
    await page.getByRole('dialog').getByRole('button', { name: 'Write' }).click();
    await page.getByRole('heading', { name: 'Log in' }).waitFor();
    expect(await page.getByRole('dialog').isVisible()).toBe(false);
    await page.unroute('**/invocations');
    await logIn(locked.key);
    expect(await page.getByRole('dialog').getByRole('textbox', { name: 'Key' }).inputValue()).toBe('mine');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Leave' }).click();
    const other = await locked.add({ name: 'second' });
    await logOut();
    await logIn(other);
    await page.goto(`${locked.url}/ui/buckets/layer/keys/k`);
    await page.getByRole('heading', { name: 'k' }).waitFor();
    await page.getByText('theirs').first().waitFor();
    expect(await page.content()).not.toContain('SECRET');
    // Taken away for good: what was typed is there below, and not for another key.
    await page.getByRole('button', { name: 'Edit' }).click();
    await type(page, 'REVOKED');
    await locked.revoke('second', other);
    await calls.put(k, { bucket: 'layer', key: 'k', value: 'later' });
    await page.getByRole('heading', { name: 'Log in' }).waitFor();
    expect(await page.locator('.cm-content').textContent()).toContain('REVOKED');
    await logIn(locked.key);
    await page.goto(`${locked.url}/ui/buckets/layer/keys/k`);
    await page.getByText('later').first().waitFor();
    expect(await page.content()).not.toContain('REVOKED');
    // A new key of that name is whose it was.
    const again = await locked.add({ name: 'second' });
    await logOut();
    await logIn(again);
    await page.goto(`${locked.url}/ui/buckets/layer/keys/k`);
    await page.getByText('You have a draft that was not saved').waitFor();
    await page.getByText('theirsREVOKED').waitFor();
  },
);

browserTest(
  'log-in - what was asked for before it, and is refused after it, is asked for again',
  async () => {
    await using locked = await lockedDashboard(open);
    await using visit = await open.visit('/ui/buckets');
    const { page } = visit;
    const refusal = Promise.withResolvers<void>();
    const late = Promise.withResolvers<void>();
    // The first answer comes when somebody has logged in long since; `/access` is refused at once.
    await page.route(
      `${locked.url}/functions`,
      async route => {
        await refusal.promise;
        await route.fulfill(REFUSED).catch(() => undefined);
        late.resolve();
      },
      { times: 1 },
    );
    await locked.logIn(visit, '/ui/functions');
    refusal.resolve();
    await late.promise;
    await page.getByRole('link', { name: 'Get a key' }).waitFor();
  },
);

browserTest(
  'find - part of a name, an expression and a size find keys, and purge them after a count',
  async () => {
    const k = open.kvflow();
    await calls.create(k, { bucket: 'find' });
    for (const key of ['tenant8_user_000008', 'tenant8_order_000058', 'other_1'])
      await calls.put(k, { bucket: 'find', key, value: key === 'other_1' ? 'x'.repeat(500) : 'v' });
    await using visit = await open.visit('/ui/buckets/find');
    const { page } = visit;
    const rows = page.locator('tr[data-index]');
    for (const [text, count] of [
      ['tenant8_', 2],
      ['000058', 1],
      ['/_\\d$/', 1],
      ['size>100', 1],
      ['*_*', 3],
      ['tenant8_ js:$.key.length > 0 && $.value === "v"', 2],
    ] as const) {
      await page.getByLabel('Filter keys').fill(text);
      await eventually(async () => expect([text, await rows.count()]).toEqual([text, count]));
    }
    await page.getByLabel('Filter keys').fill('nowhere');
    await page.getByText('No key fits').waitFor();
    await page.getByLabel('Filter keys').fill('tenant8_');
    await eventually(async () => expect(await rows.count()).toBe(2));
    await rows.first().getByRole('link').click();
    await page.getByRole('heading', { name: 'tenant8_user_000008' }).waitFor();
    await page.goBack();
    await eventually(async () => expect(await rows.count()).toBe(2));
    // What was found goes on to the export, the copy and Live.
    for (const [item, query] of [
      ['Export these keys', 'bucket=find&filter=*tenant8_*'],
      ['Copy these keys', 'filter=tenant8_'],
      ['Watch these keys live', 'bucket=find&when=$.key.toLowerCase().includes("tenant8_")'],
    ] as const) {
      await page.getByRole('button', { name: 'Actions of find' }).click();
      await page.getByRole('menuitem', { name: item }).click();
      await page.waitForURL(url => decodeURIComponent(url.search) === `?${query}`);
      await page.goBack();
      await eventually(async () => expect(await rows.count()).toBe(2));
    }
    await page.getByRole('button', { name: 'Actions of find' }).click();
    await page.getByRole('menuitem', { name: 'Purge by pattern' }).click();
    const dialog = page.getByRole('dialog');
    expect(await dialog.getByLabel('Pattern').inputValue()).toBe('*tenant8_*');
    // A name is the key of that name alone.
    await dialog.getByLabel('Pattern').fill('tenant8_');
    await dialog.getByRole('button', { name: 'Count the keys' }).click();
    await dialog.getByText('No key matches').waitFor();
    await dialog.getByLabel('Pattern').fill('*tenant8_* size<100');
    await dialog.getByRole('button', { name: 'Count the keys' }).click();
    await dialog.getByRole('button', { name: 'Purge 2' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect((await calls.list(k, { bucket: 'find' })).items.map(({ key }) => key)).toEqual(['other_1']);
    // What an expression cannot look at is left alone, and told.
    await calls.put(k, { bucket: 'find', key: 'deep', value: '['.repeat(600) + ']'.repeat(600) });
    await page.getByLabel('Filter keys').fill('js:!$.value');
    await page.getByText('No key fits, 1 not judged').waitFor();
    await page.getByLabel('Filter keys').fill('js:$.key === "other_1" || $.value');
    await page.getByText('1 listed, oldest write first, 2 looked at, 1 not judged').waitFor();
    await page.getByRole('button', { name: 'Actions of find' }).click();
    await page.getByRole('menuitem', { name: 'Purge by pattern' }).click();
    await dialog.getByRole('button', { name: 'Count the keys' }).click();
    await dialog.getByText('1 key will be left alone').waitFor();
    await dialog.getByText('look at: deep.').waitFor();
  },
);

browserTest(
  'tabs - any number of tabs shares one stream, each is told its own, and a closed one is let go',
  async () => {
    const k = open.kvflow();
    await calls.create(k, { bucket: 'tabs' });
    await using visit = await open.visit('/ui/buckets');
    const context = visit.page.context();
    const pages = [];
    for (let i = 0; i < 9; i++) {
      await calls.put(k, { bucket: 'tabs', key: `k${i}`, value: `first ${i}` });
      const page = await context.newPage();
      await page.goto(`${open.url()}/ui/buckets/tabs/keys/k${i}`);
      await page.getByText(`first ${i}`, { exact: true }).waitFor();
      pages.push(page);
    }
    expect(await visit.page.getByText('kvflow does not answer').count()).toBe(0);
    for (const i of [0, 8]) {
      await calls.put(k, { bucket: 'tabs', key: `k${i}`, value: `second ${i}` });
      await pages[i]?.getByText(`second ${i}`, { exact: true }).waitFor();
    }
    await Promise.all(pages.slice(1).map(page => page.close()));
    await calls.put(k, { bucket: 'tabs', key: 'k0', value: 'third' });
    await pages[0]?.getByText('third', { exact: true }).waitFor();
    expect(streams.open()).toBe(1);
  },
);

/** Opens the worker that tabs share as so many tabs do, each with a watch of its own; resolves when all were told of a put. */
const AS_MANY_TABS = `(async ({ worker, tabs }) => {
  const told = [];
  globalThis.tabsLive = Promise.all(Array.from({ length: tabs }, (_, tab) => new Promise(live => {
    const { port } = new SharedWorker(worker, { type: 'module' });
    told.push(new Promise(put => {
      port.onmessage = ({ data: { news } }) => {
        if (news.kind === 'live') live();
        if (news.kind === 'changes') put(news.changes[0].key);
      };
    }));
    port.postMessage({ kind: 'watch', id: 0, key: undefined, range: { bucket: 'many-tabs', filter: 'k.*' } });
  })));
  globalThis.tabsTold = Promise.all(told);
  await globalThis.tabsLive;
})`;

browserTest('tabs - two hundred of them are one stream at the server, and each is told', async () => {
  await calls.create(open.kvflow(), { bucket: 'many-tabs', storage: 'memory' });
  const assets = await readdir(join(await builtDashboard(), 'assets'));
  const worker = `/ui/assets/${assets.find(name => /^watch-worker-.*\.js$/.test(name))}`;
  await using visit = await open.visit('/ui/buckets');
  await visit.page.evaluate(`${AS_MANY_TABS}(${JSON.stringify({ worker, tabs: 200 })})`);
  expect(streams.open()).toBe(1);
  await calls.put(open.kvflow(), { bucket: 'many-tabs', key: 'k.1', value: 'v' });
  const told = await visit.page.evaluate<string[]>('globalThis.tabsTold');
  expect(told).toEqual(Array(200).fill('k.1'));
  expect(streams.open()).toBe(1);
});

browserTest('stream - one that is away is called the stream, while kvflow itself answers', async () => {
  const k = open.kvflow();
  await calls.create(k, { bucket: 'away' });
  await using visit = await open.visit('/ui/live?bucket=away');
  visit.allow(/ERR_|Failed to load/);
  const { page } = visit;
  await page.getByText('Live', { exact: true }).nth(2).waitFor();
  const back = streams.cut();
  try {
    await page.getByText(/^Reconnecting for .*: The stream of changes is away/).waitFor();
    expect(await page.getByText('kvflow does not answer').count()).toBe(0);
    await calls.put(k, { bucket: 'away', key: 'meanwhile', value: 'v' });
  } finally {
    back();
  }
  await page.getByRole('link', { name: 'meanwhile', exact: true }).waitFor();
});

browserTest('drafts - what was typed outlives a server that is gone when it is saved', async () => {
  const k = open.kvflow();
  await calls.create(k, { bucket: 'lost-server' });
  await calls.put(k, { bucket: 'lost-server', key: 'k', value: 'before' });
  const plugins = [dashboardRoute(await builtDashboard())];
  await using visit = await open.visit('/ui/buckets');
  visit.allow(/ERR_|Failed to load/);
  const { page } = visit;
  const first = await serve(k, { homePage: false, plugins });
  const { port } = new URL(first.url);
  visit.allowOrigin(first.url);
  await page.goto(`${first.url}/ui/buckets/lost-server/keys/k`);
  await page.getByRole('button', { name: 'Edit' }).click();
  await type(page, ' MINE');
  await first.close();
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('kvflow does not answer', { exact: true }).waitFor();
  expect(await page.locator('.cm-content').textContent()).toBe('before MINE');
  await using again = await serve(k, { homePage: false, plugins, port: Number(port) });
  await page.getByText('kvflow does not answer', { exact: true }).waitFor({ state: 'detached' });
  page.on('dialog', dialog => void dialog.accept());
  await page.goto(`${again.url}/ui/buckets/lost-server/keys/k`);
  await page.getByText('You have a draft that was not saved').waitFor();
  await page.getByRole('button', { name: 'Go on editing' }).click();
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Saved.').waitFor();
  expect(await calls.get(k, { bucket: 'lost-server', key: 'k' })).toMatchObject({ value: 'before MINE' });
});
