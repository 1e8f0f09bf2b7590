/** The page Import & export, clicked in a real browser. */
import { readFile } from 'node:fs/promises';
import { expect } from '@jest/globals';
import type { Download, Page } from 'playwright-core';
import { calls } from '../support/calls.ts';
import { eventually } from '../support/eventually.ts';
import { PATIENCE } from '../support/patience.ts';
import { expectAccessible } from './support/accessible.ts';
import { browserTest, openDashboard } from './support/dashboard.ts';
import { HOSTILE_TEXTS } from './support/hostile-texts.ts';
import { lockedDashboard } from './support/locked.ts';

const open = openDashboard();
/** A browser that does not let pages write to files, as most. */
const NO_PICKER = 'delete globalThis.showSaveFilePicker';
/** One that does, with a file of its own in place of what a person would choose. */
const PICKER = `globalThis.showSaveFilePicker = async ({ suggestedName }) =>
  (await navigator.storage.getDirectory()).getFileHandle(suggestedName, { create: true })`;

const exporting = (page: Page) => page.getByRole('region', { name: 'Export' });
const importing = (page: Page) => page.getByRole('region', { name: 'Import', exact: true });

async function choose(page: Page, lines: readonly (string | object)[], name = 'data.ndjson') {
  const text = lines.map(line => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n');
  await chooseBytes(page, Buffer.from(`${text}\n`), name);
}

async function chooseBytes(page: Page, buffer: Buffer, name = 'data.ndjson') {
  const file = { name, mimeType: 'application/x-ndjson', buffer };
  await page.getByLabel('File to import').setInputFiles(file);
}

async function textOf(download: Download): Promise<string> {
  return await readFile(await download.path(), 'utf8');
}

async function valuesOf(bucket: string): Promise<Record<string, string | undefined>> {
  const { items } = await calls.list(open.kvflow(), { bucket, limit: 1_000 });
  return Object.fromEntries(items.map(({ key, value }) => [key, value]));
}

browserTest('bulk - a bucket is exported whole and imported into a new one with its options', async () => {
  const k = open.kvflow();
  await calls.create(k, { bucket: 'whole', history: 3, description: 'to be copied' });
  const items = Array.from({ length: 2_500 }, (_, i) => ({ key: `k.${i}`, value: `v ${i} ü` }));
  for (let i = 0; i < 3; i++) {
    const part = items.slice(i * 1_000, (i + 1) * 1_000);
    await k.call('kv-key-put-many', { bucket: 'whole', items: part });
  }
  await calls.put(k, { bucket: 'whole', key: 'bytes', value: '/wA=', encoding: 'base64' });
  await using visit = await open.visit('/ui/import-export?bucket=whole');
  visit.allow(/404/);
  const { page } = visit;
  await page.evaluate(NO_PICKER);
  await exporting(page)
    .getByText(/2,501 values/)
    .waitFor();
  await expectAccessible(page);
  const downloading = page.waitForEvent('download');
  await exporting(page).getByRole('button', { name: 'Export' }).click();
  const download = await downloading;
  expect(download.suggestedFilename()).toBe('whole.ndjson');
  await exporting(page)
    .getByText(/^Exported 2,501 values/)
    .waitFor();
  await expectAccessible(page);
  const text = await textOf(download);
  const lines = text.trimEnd().split('\n');
  expect(lines).toHaveLength(2_503);
  expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ end: true, records: 2_501 });

  await choose(page, lines);
  await importing(page)
    .getByText(/^2,501 values\. An export of/)
    .waitFor();
  expect(await importing(page).getByText('cut off').count()).toBe(0);
  await importing(page).getByLabel('Bucket to import into').fill('copied');
  await importing(page)
    .getByRole('checkbox', { name: /Create the bucket/ })
    .check();
  await importing(page).getByRole('button', { name: 'Import 2,501 values' }).click();
  await importing(page)
    .getByText(/^2,501 values imported\./)
    .waitFor();
  await expectAccessible(page);
  const info = await k.call('kv-bucket-info', { bucket: 'copied' });
  expect(info).toMatchObject({ values: 2_501, history: 3, description: 'to be copied' });
  expect((await calls.get(k, { bucket: 'copied', key: 'bytes' })).value).toBe('/wA=');
  expect((await calls.get(k, { bucket: 'copied', key: 'k.2499' })).value).toBe('v 2499 ü');
});

browserTest('bulk - an export of a pattern is written to the file while it comes', async () => {
  const k = open.kvflow();
  await calls.create(k, { bucket: 'streamed' });
  for (const key of ['user.1', 'user.2', 'other.1']) {
    await calls.put(k, { bucket: 'streamed', key, value: key });
  }
  await using visit = await open.visit('/ui/import-export?bucket=streamed&filter=user.*');
  visit.allow(/404/);
  const { page } = visit;
  await page.evaluate(`${PICKER}; 0`);
  await exporting(page).getByRole('button', { name: 'Export' }).click();
  await exporting(page)
    .getByText(/^Exported 2 values .* into streamed.ndjson/)
    .waitFor();
  const text = await page.evaluate<string>(
    "navigator.storage.getDirectory().then(d => d.getFileHandle('streamed.ndjson')).then(h => h.getFile()).then(f => f.text())",
  );
  const keys = text.split('\n').flatMap(line => /"key":"([^"]+)"/.exec(line)?.[1] ?? []);
  expect(keys).toEqual(['user.1', 'user.2']);
  await k.call('kv-bucket-delete', { bucket: 'streamed', confirm: 'streamed' });
  await exporting(page).getByRole('button', { name: 'Export' }).click();
  await exporting(page).getByText('BUCKET_NOT_FOUND').waitFor();
  await expectAccessible(page);
});

browserTest(
  'bulk - faults are shown with their lines before the import, and can be downloaded after it',
  async () => {
    const k = open.kvflow();
    await calls.create(k, { bucket: 'faulty' });
    await using visit = await open.visit('/ui/import-export?bucket=faulty');
    visit.allow(/400/);
    const { page } = visit;
    const good = Array.from({ length: 5 }, (_, i) => ({ key: `k.${i}`, value: `v${i}` }));
    const late = { key: 'late', value: 'x', expires_at: '2020-01-31T12:00:00Z' };
    const bad = ['not json', '{"key":"no-value"}', '{"key":"odd","value":"x","colour":"red"}'];
    const refused = { key: 'two..dots', value: 'x' };
    await choose(page, [...good, ...bad, late, refused, { key: 'last', value: { a: [1] } }]);
    await importing(page).getByText('3 lines cannot be imported').waitFor();
    await importing(page).getByText('Line 6 is no JSON object').waitFor();
    await importing(page).getByText('Line 7 has no "value"').waitFor();
    await importing(page).getByText('Line 8 "colour" is not known').waitFor();
    await importing(page).getByText('8 values, 1 with a time to live, 1 expired already').waitFor();
    await expectAccessible(page);
    await importing(page).getByRole('button', { name: 'Import 8 values' }).click();
    await importing(page)
      .getByText(/^6 values imported; 1 left out: their time is over; 4 failed\./)
      .waitFor();
    const failed = importing(page).getByRole('region', { name: 'Lines that failed' });
    await failed.getByRole('row', { name: /^10 two\.\.dots/ }).waitFor();
    await expectAccessible(page);
    const downloading = page.waitForEvent('download');
    await importing(page).getByRole('button', { name: 'Download these lines' }).click();
    const download = await downloading;
    expect(download.suggestedFilename()).toBe('faulty-failed.ndjson');
    const lines = (await textOf(download)).trimEnd().split('\n');
    expect(lines.sort()).toEqual([...bad, JSON.stringify(refused)].sort());
    expect(await valuesOf('faulty')).toEqual({
      ...Object.fromEntries(good.map(({ key, value }) => [key, value])),
      last: '{"a":[1]}',
    });
  },
);

browserTest(
  'bulk - numbers in values keep their digits; bytes that are no text are not stored as other text',
  async () => {
    const k = open.kvflow();
    await calls.create(k, { bucket: 'exact' });
    await using page = await open.page('/ui/import-export?bucket=exact');
    const value = '{"id":9007199254740993,"price":1.10}';
    const readable = `{"key":"id","value":${value}}\r\n{"key":"number","value":9007199254740993}\n`;
    const latin1 = Buffer.from('{"key":"latin1","value":"caf\xe9"}\n', 'latin1');
    await chooseBytes(page, Buffer.concat([latin1, Buffer.from(readable), latin1]));
    await importing(page).getByText('3 lines cannot be imported').waitFor();
    await importing(page).getByText('Line 1 is not UTF-8 text').waitFor();
    await importing(page).getByText('Line 3 has no "value"').waitFor();
    await importing(page).getByRole('button', { name: 'Import 1 value' }).click();
    await importing(page)
      .getByText(/^1 value imported; 3 failed\./)
      .waitFor();
    expect(await valuesOf('exact')).toEqual({ id: value });
    // Of what cannot be read there is no text to be imported again.
    const downloading = page.waitForEvent('download');
    await importing(page).getByRole('button', { name: 'Download 1 of these lines' }).click();
    expect(await textOf(await downloading)).toBe('{"key":"number","value":9007199254740993}\n');
  },
);

browserTest('bulk - keys that exist are skipped, replaced, or stop the import', async () => {
  const k = open.kvflow();
  await calls.create(k, { bucket: 'taken' });
  await calls.put(k, { bucket: 'taken', key: 'a', value: 'mine' });
  await using visit = await open.visit('/ui/import-export?bucket=taken');
  visit.allow(/409/);
  const { page } = visit;
  await choose(page, [
    { key: 'a', value: 'theirs' },
    { key: 'b', value: 'new' },
  ]);
  const button = importing(page).getByRole('button', { name: 'Import 2 values' });
  await importing(page).getByText('Stop', { exact: true }).click();
  await button.click();
  await importing(page).getByText('REVISION_CONFLICT').waitFor();
  await expectAccessible(page);
  expect(await valuesOf('taken')).toEqual({ a: 'mine' });
  await importing(page).getByText('Skip', { exact: true }).click();
  await button.click();
  await importing(page)
    .getByText(/^1 value imported; 1 skipped: their keys exist/)
    .waitFor();
  expect(await valuesOf('taken')).toEqual({ a: 'mine', b: 'new' });
  await importing(page).getByText('Overwrite', { exact: true }).click();
  await button.click();
  await importing(page)
    .getByText(/^2 values imported\./)
    .waitFor();
  expect(await valuesOf('taken')).toEqual({ a: 'theirs', b: 'new' });
});

browserTest(
  'bulk - a file is dropped; its text is shown as text; an export that was cut is known',
  async () => {
    await calls.create(open.kvflow(), { bucket: 'dropped', key_encoding: 'base64' });
    await using page = await open.page('/ui/import-export?bucket=dropped');
    const lines = [
      { kvflow_export: 1, bucket: HOSTILE_TEXTS[0], options: {} },
      ...HOSTILE_TEXTS.map(text => ({ key: text, value: text })),
      HOSTILE_TEXTS[1],
    ].map(line => (typeof line === 'string' ? line : JSON.stringify(line)));
    const data = await page.evaluateHandle(
      `(() => {
      const data = new DataTransfer();
      data.items.add(new File([${JSON.stringify(lines.join('\n'))}], '<b>name.ndjson'));
      return data;
    })()`,
    );
    const drop = page.locator('[data-drop]');
    await drop.dispatchEvent('dragover', { dataTransfer: data });
    await eventually(async () => expect(await drop.getAttribute('data-over')).toBe('true'));
    await drop.dispatchEvent('drop', { dataTransfer: data });
    await page.getByText('<b>name.ndjson').waitFor();
    await page.getByText('This export is cut off').waitFor();
    const first = page.getByRole('region', { name: 'The first values of the file' });
    for (const text of HOSTILE_TEXTS) {
      expect(await first.getByText(text, { exact: true }).count()).toBe(2);
    }
    expect(await page.title()).toBe('Import & export · kvflow');
    await importing(page)
      .getByRole('button', { name: /^Import 7 values/ })
      .click();
    await importing(page)
      .getByText(/^7 values imported/)
      .waitFor();
  },
);

browserTest('bulk - an import waits for a NATS that is being restarted, and goes on', async () => {
  const k = open.kvflow();
  await calls.create(k, { bucket: 'patient' });
  await using visit = await open.visit('/ui/import-export?bucket=patient');
  visit.allow(/503/);
  const { page } = visit;
  await choose(page, [{ key: 'a', value: '1' }]);
  const button = importing(page).getByRole('button', { name: 'Import 1 value' });
  await eventually(async () => expect(await button.getAttribute('aria-disabled')).toBe(null));
  await k.server.stop();
  await button.click();
  await importing(page)
    .getByText(/Waiting for the server/)
    .waitFor();
  await k.server.start();
  await importing(page)
    .getByText(/^(1 value imported|0 values imported; 1 skipped)/)
    .waitFor({
      timeout: 20_000 * PATIENCE,
    });
  await eventually(async () => expect(await valuesOf('patient')).toEqual({ a: '1' }));
});

browserTest('bulk - a read-only key may export, and is told why it cannot import', async () => {
  await calls.create(open.kvflow(), { bucket: 'guarded' });
  await using locked = await lockedDashboard(open);
  await using visit = await open.visit('/');
  const { page } = visit;
  await locked.logIn(visit, '/ui/import-export?bucket=guarded');
  await choose(page, [{ key: 'a', value: '1' }]);
  const button = importing(page).getByRole('button', { name: 'Import 1 value' });
  expect(await button.getAttribute('aria-disabled')).toBe('true');
  await button.hover();
  await page.getByText('API key "reader" is read-only.').waitFor();
  await page.evaluate(NO_PICKER);
  const downloading = page.waitForEvent('download');
  await exporting(page).getByRole('button', { name: 'Export' }).click();
  expect(JSON.parse((await textOf(await downloading)).split('\n')[0] ?? '')).toMatchObject({
    bucket: 'guarded',
  });
});
