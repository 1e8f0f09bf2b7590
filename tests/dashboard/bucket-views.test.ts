/** The views of a bucket beside its keys: what fills it, what it was, who changed it. Jobs as an admin does them. */
import { expect } from '@jest/globals';
import type { Remote } from '../../runtime/core/remote.ts';
import { createLazyRemote } from '../../runtime/main/remote.ts';
import { bucketOf, madeBucket } from '../functions/kv.ts';
import { eventually } from '../support/eventually.ts';
import { joinNats, startWithServer } from '../support/kvflow.ts';
import { startNats } from '../support/nats.ts';
import { startServed } from '../support/served.ts';
import { expectAccessible } from './support/accessible.ts';
import { expectQuery } from './support/address.ts';
import { browserTest, openDashboard } from './support/dashboard.ts';

/** Other kvflows that items may be sent to; a test names its own once it runs. */
const allowed = new Set<string>();
const remote: Remote = async (target, call) =>
  await createLazyRemote({ hosts: [...allowed], private: true })(target, call);
const dashboard = openDashboard(
  () => ({}),
  () => startWithServer({ remote, adminLog: true }),
);

browserTest(
  'bucket views - what fills the disk is seen by prefix, followed down, and compacted and purged after a preview',
  async () => {
    const b = await madeBucket(dashboard.kvflow(), 'filled', { history: 3 });
    for (let i = 0; i < 8; i++) await b.put(`user.${i}`, 'u');
    for (const day of ['mon', 'tue']) await b.put(`log.${day}.big`, 'x'.repeat(4_000));
    await b.put('log.mon.small', 'y');
    await b.put('alone', 'z');
    await b.remove('log.mon.small');
    await using page = await dashboard.page('/ui/buckets/filled');
    await page.getByRole('link', { name: 'What fills it' }).click();
    const groups = page.getByRole('table', { name: 'Bytes by prefix' });
    await groups.getByRole('row', { name: /^log\. / }).waitFor();
    // The groups add up to what the server says of the bucket.
    const { bytes } = await b.info();
    await page.getByText(/^[\d.]+ KiB in 3 groups/).waitFor();
    expect(bytes).toBeGreaterThan(8_000);
    expect(await groups.getByRole('row').nth(1).textContent()).toMatch(/^log\./);
    await page.getByRole('table', { name: 'Largest values' }).getByText('log.tue.big').waitFor();
    // The same as areas, the largest first, of sizes that are to each other as the bytes are.
    const areas = page.getByRole('region', { name: 'Bytes by prefix, as areas' });
    expect(await areas.getByRole('link').allTextContents()).toEqual([
      expect.stringMatching(/^log\. 9\d %$/),
      expect.stringMatching(/^user\. \d %$/),
    ]);
    const [log, user] = await Promise.all(
      ['log.', 'user.'].map(name => areas.getByRole('link', { name }).boundingBox()),
    );
    const area = (box: typeof log) => (box?.width ?? 0) * (box?.height ?? 0);
    expect(area(log)).toBeGreaterThan(5 * area(user));
    await groups.getByRole('button', { name: 'Actions of log.' }).click();
    expect(await page.getByRole('menuitem', { name: 'Export' }).getAttribute('href')).toBe(
      '/ui/import-export?bucket=filled&filter=log.%3E',
    );
    // What stands below the pointer is tinted.
    await page.getByRole('menuitem', { name: 'Purge' }).hover();
    await expectAccessible(page);
    await page.keyboard.press('Escape');
    await page.getByRole('menu').waitFor({ state: 'detached' });
    await expectAccessible(page);
    await groups.getByRole('link', { name: 'log.', exact: true }).click();
    await groups.getByRole('row', { name: /^log\.mon\. / }).waitFor();
    expect(await groups.getByRole('row').count()).toBe(3);
    await expectQuery(page, { prefix: 'log.' });
    await page.getByRole('button', { name: 'Actions of log.mon.' }).click();
    await page.getByRole('menuitem', { name: 'Compact' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('1 marker').waitFor();
    await dialog.getByRole('button', { name: 'Take out 1' }).click();
    await page.getByText('1 marker taken out.').waitFor();
    await dialog.waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Actions of log.tue.' }).click();
    await page.getByRole('menuitem', { name: 'Purge' }).click();
    await dialog.getByRole('button', { name: 'Count the keys' }).click();
    await dialog.getByRole('button', { name: 'Purge 1' }).click();
    await groups.getByRole('row', { name: /^log\.tue\. .* 0 0 1 0 / }).waitFor();
    expect((await b.list({ filter: 'log.>' })).items.map(({ key }) => key)).toEqual(['log.mon.big']);
    await page
      .getByRole('navigation', { name: 'Prefix' })
      .getByRole('link', { name: 'Whole bucket' })
      .click();
    await groups.getByRole('row', { name: /^user\. / }).waitFor();
  },
);

browserTest(
  'bucket views - what changed between two moments is compared, and one key and then all are restored after a dry run',
  async () => {
    const b = await madeBucket(dashboard.kvflow(), 'travelled', { history: 5 });
    await b.put('color', 'red');
    await b.put('size', '10');
    await b.put('color', 'blue');
    await b.remove('size');
    await b.put('new.one', 'n');
    await using page = await dashboard.page('/ui/buckets/travelled');
    await page.getByRole('link', { name: 'Time travel' }).click();
    await page.getByText('Choose a moment').waitFor();
    await expectAccessible(page);
    // In words: before all of it, so that all of it has come since.
    await page.getByLabel('Since').fill('in 2 hours');
    await page.getByText('No moment that has been').waitFor();
    await page.getByLabel('Since').fill('2 hours ago');
    await page.getByLabel('Since').press('Enter');
    await page.getByText(/^2 keys changed since .*\d{4}/).waitFor();
    await page.getByRole('row', { name: /^color added blue / }).waitFor();
    await page.getByLabel('Since').fill('2');
    await page.getByText('after revision 2').first().waitFor();
    await page.getByLabel('Since').press('Enter');
    await page.getByText('3 keys changed since after revision 2').waitFor();
    await page.getByRole('row', { name: /^color changed red blue / }).waitFor();
    await page.getByRole('row', { name: /^size removed 10 / }).waitFor();
    await page.getByRole('row', { name: /^new\.one added n / }).waitFor();
    await page.getByRole('button', { name: 'Compare color' }).click();
    await page.getByRole('region', { name: 'color then and later' }).getByText('red').waitFor();
    await page.getByRole('button', { name: 'Restore color' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('1 put again.').waitFor();
    await expectAccessible(page);
    // Nothing was written by the preview.
    expect(await b.get('color')).toMatchObject({ value: 'blue' });
    await dialog.getByRole('button', { name: 'Restore 1 key' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(await b.get('color')).toMatchObject({ value: 'red' });
    await page.getByRole('button', { name: 'Restore the bucket' }).click();
    await dialog.getByText('1 put again, 1 deleted, 1 unchanged.').waitFor();
    await dialog.getByRole('button', { name: 'Restore 2 keys' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect((await b.list()).items.map(({ key, value }) => [key, value])).toEqual([
      ['color', 'red'],
      ['size', '10'],
    ]);
    // Two moments of the past: what came later is not in it.
    await page.getByLabel('Until').fill('3');
    await page.getByLabel('Until').press('Enter');
    await page.getByText('1 key changed since after revision 2').waitFor();
    // Who it was: this page.
    await page.getByRole('link', { name: 'Change log' }).click();
    await page.getByRole('row', { name: /^\d+ size put .* dashboard / }).waitFor();
    await page.getByLabel('Pattern of keys').fill('new.>');
    await page.getByText('2 changes, newest first').waitFor();
  },
);

browserTest(
  'bucket views - keys go to another kvflow after a preview, where the setting names its host',
  async () => {
    const b = await madeBucket(dashboard.kvflow(), 'sent');
    for (const key of ['app.a', 'app.b', 'other']) await b.put(key, `value of ${key}`);
    await using other = await startServed();
    const target = await madeBucket(other, 'received');
    await using visit = await dashboard.visit('/ui/buckets/sent/copy');
    visit.allow(/403/);
    const { page } = visit;
    await page.getByText('Another kvflow', { exact: true }).click();
    await eventually(async () =>
      expect(await page.getByRole('button', { name: 'Preview' }).isDisabled()).toBe(true),
    );
    await page.getByLabel('Its address').fill('https://kvflow.example.com');
    await page.getByRole('button', { name: 'Preview' }).click();
    await page.getByText(/COPY_HOSTS has to name it/).waitFor();
    allowed.add(new URL(other.url).host);
    await page.getByLabel('Its address').fill(other.url);
    await page.getByLabel('To bucket').fill('received');
    await page.getByLabel('Which keys').fill('app.*');
    await page.getByRole('button', { name: 'Preview' }).click();
    await page.getByText('2 keys will be copied').waitFor();
    await expectAccessible(page);
    expect((await target.list()).items).toEqual([]);
    await page.getByRole('button', { name: 'Copy 2 keys' }).click();
    await page.getByText('2 keys copied').waitFor();
    expect((await target.list()).items.map(({ key }) => key)).toEqual(['app.a', 'app.b']);
    // A NATS without a kvflow, which asks who comes.
    await using nats = await startNats({ extra: 'authorization { user: copy, password: bare-secret }' });
    await using bare = joinNats({ servers: [nats.url], user: 'copy', password: 'bare-secret' });
    await bucketOf(bare, 'received').create();
    allowed.add(`nats://127.0.0.1:${nats.port}`);
    await page.reload();
    await page.getByText('A NATS', { exact: true }).click();
    await page.getByLabel('Its address').fill(nats.url);
    await page.getByLabel('User').fill('copy');
    await page.getByLabel('Password or token').fill('bare-secret');
    await page.getByLabel('To bucket').fill('received');
    await page.getByRole('button', { name: 'Preview' }).click();
    await page.getByText('3 keys will be copied').waitFor();
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Copy 3 keys' }).click();
    await page.getByText('3 keys copied').waitFor();
    expect((await bucketOf(bare, 'received').get('other')).value).toBe('value of other');
  },
);

browserTest(
  'bucket views - keys are copied by the expression of the find box under another prefix, after a preview',
  async () => {
    const b = bucketOf(dashboard.kvflow(), 'copied');
    const target = bucketOf(dashboard.kvflow(), 'copied-to');
    await b.create();
    await target.create();
    for (const key of ['app.a', 'app.b', 'other'])
      await b.put(key, `value of ${key}`, { metadata: { of: key } });
    await target.put('backup.a', 'there before');
    await using page = await dashboard.page('/ui/buckets/copied/copy');
    await page.getByLabel('Which keys').fill('value:value');
    await page.getByRole('combobox', { name: 'To bucket' }).click();
    await page.getByRole('option', { name: 'copied-to' }).click();
    await page.getByLabel('Beginning of the keys').fill('app.');
    await page.getByLabel('Becomes').fill('backup.');
    await page.getByRole('button', { name: 'Preview' }).click();
    await page.getByText('1 key will be copied').waitFor();
    await page.getByText('1 key there already.').waitFor();
    await expectAccessible(page);
    expect((await target.list()).items).toHaveLength(1);
    await page.getByRole('combobox', { name: 'A key that is there already' }).click();
    await page.getByRole('option', { name: 'Write over it' }).click();
    // Another rule has to be seen anew.
    await page.getByText('1 key will be copied').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Preview' }).click();
    await page.getByRole('button', { name: 'Copy 2 keys' }).click();
    await page.getByText('2 keys copied', { exact: true }).waitFor();
    expect((await target.list()).items.map(({ key, value, metadata }) => [key, value, metadata])).toEqual([
      ['backup.a', 'value of app.a', { of: 'app.a' }],
      ['backup.b', 'value of app.b', { of: 'app.b' }],
    ]);
  },
);

browserTest(
  'bucket views - keys of a group are given a ttl after a preview, and what has come in the last day is told',
  async () => {
    const k = dashboard.kvflow();
    const b = await madeBucket(k, 'ending', { key_ttl: true });
    for (const key of ['log.1', 'log.2', 'user.1']) await b.put(key, 'x'.repeat(900));
    await b.put('log.3', 'y', { ttl: 86_400e9 });
    await using page = await dashboard.page('/ui/buckets/ending/usage');
    const groups = page.getByRole('table', { name: 'Bytes by prefix' });
    // All of it has come in the last day.
    await groups.getByRole('row', { name: /^log\. .* 3 0 0 2 [\d.]+ KiB / }).waitFor();
    await groups.getByRole('button', { name: 'Actions of log.' }).click();
    await page.getByRole('menuitem', { name: 'Set a ttl' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('2 keys under log.>, 2 without a ttl.').waitFor();
    const set = dialog.getByRole('button', { name: 'Set the ttl of 2 keys' });
    await dialog.getByLabel('Time to live, from now').fill('2 hourz');
    await eventually(async () => expect(await set.isDisabled()).toBe(true));
    await dialog.getByLabel('Time to live, from now').fill('2 hours');
    await dialog.getByText('will be gone 2 hours from now').waitFor();
    await expectAccessible(page);
    await set.click();
    await page.getByText('2 keys will end.').waitFor();
    await groups.getByRole('row', { name: /^log\. .* 3 0 0 0 / }).waitFor();
    const left = async (key: string) => Date.parse(String((await b.get(key)).expires_at)) - Date.now();
    expect(await left('log.1')).toBeLessThanOrEqual(7_200_000);
    expect(await left('log.3')).toBeGreaterThan(7_200_000);
    expect(await b.get('user.1')).not.toHaveProperty('expires_at');
  },
);

browserTest(
  'bucket views - a copy of several calls shows how far it is, and what was done to buckets is listed',
  async () => {
    const k = dashboard.kvflow();
    const b = await madeBucket(k, 'slow-copy');
    for (let i = 0; i < 4; i++) await b.put(`app.${i}`, 'v');
    await using page = await dashboard.page('/ui/buckets/slow-copy/copy');
    await page.getByLabel('Beginning of the keys').fill('app.');
    await page.getByLabel('Becomes').fill('copy.');
    // As of a bucket that takes longer than one call: the first answers have a part of it, the last waits.
    let calls = 0;
    let goOn = () => {};
    const waited = new Promise<void>(resolve => (goOn = resolve));
    await page.route('**/functions/kv-bucket-copy/invocations', async route => {
      calls += 1;
      const input = JSON.parse(route.request().postData() ?? '{}') as { cursor?: string; dry_run: boolean };
      if (input.cursor === undefined)
        return await route.fulfill({
          json: {
            status_code: 200,
            data: {
              copied: 1,
              skipped: 0,
              failed: [],
              has_more: true,
              cursor: 'next',
              dry_run: input.dry_run,
            },
          },
        });
      if (!input.dry_run) await waited;
      await route.fulfill({
        json: {
          status_code: 200,
          data: { copied: 3, skipped: 0, failed: [], has_more: false, dry_run: input.dry_run },
        },
      });
    });
    await page.getByRole('button', { name: 'Preview' }).click();
    await page.getByText('4 keys will be copied').waitFor();
    await page.getByRole('button', { name: 'Copy 4 keys' }).click();
    await page.getByText('1 of 4').waitFor();
    goOn();
    await page.getByText('4 keys copied').waitFor();
    expect(calls).toBe(4);
    await page.goto(`${dashboard.url()}/ui/admin-log`);
    await page.getByRole('row', { name: /kv-bucket-create.*slow-copy/ }).waitFor();
    await page.getByText(/, newest first, as of just now$/).waitFor();
    await page.getByLabel('Only this action').fill('kv-bucket-delete');
    await page.getByText('Nothing was done yet').waitFor();
  },
);

browserTest(
  'dead letters of queues - listed with the reason, pushed again and dropped, one or all of a queue',
  async () => {
    const k = dashboard.kvflow();
    const bucket = 'queues';
    await k.call('kv-bucket-create', { bucket, key_ttl: true });
    const key = (queue: string, id: string) => ({
      bucket,
      key: `${queue}.dead.${id}`,
      value: { value: `to ${id}`, tries: 5 },
    });
    for (const id of ['ada', 'bob', 'cy']) await k.call('kv-key-put', key('mails', id));
    await k.call('kv-key-put', key('calls', 'dan'));
    await using page = await dashboard.page(`/ui/buckets/${bucket}`);
    await page.getByRole('link', { name: 'Dead letters' }).click();
    const row = (name: RegExp) => page.getByRole('row', { name });
    const ada = row(/^mails ada "to ada" TOO_MANY_TRIES It was taken 5 times/);
    await ada.waitFor();
    await row(/^calls dan/).waitFor();
    await expectAccessible(page);
    expect(await page.getByRole('button', { name: 'Drop all', exact: true }).count()).toBe(0);
    await ada.getByRole('button', { name: 'Replay' }).click();
    await page.getByText('1 item pushed again.').waitFor();
    await ada.waitFor({ state: 'detached' });
    expect(await k.call('kv-queue-take', { bucket, queue: 'mails' })).toMatchObject({ id: 'ada', tries: 1 });
    await row(/^mails bob/)
      .getByRole('button', { name: 'Drop' })
      .click();
    const drop = page.getByRole('dialog').getByRole('button', { name: 'Drop', exact: true });
    await drop.click();
    await row(/^mails bob/).waitFor({ state: 'detached' });
    await page.getByLabel('Queue', { exact: true }).fill('calls');
    await row(/^mails cy/).waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Drop all', exact: true }).click();
    await page
      .getByRole('dialog')
      .getByText('All items of queue calls that were put aside are gone for good.')
      .waitFor();
    await drop.click();
    await page.getByText('No dead letters').waitFor();
    expect(await k.call('kv-queue-dead-list', { bucket })).toMatchObject({ letters: [{ id: 'cy' }] });
  },
);
