/** Node-RED as `kvflow start` serves it, used through a real browser. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { readTable } from '../../../scripts/generate/node-red/translations.ts';
import type { Place } from '../../runtime/transports/cli/kvflow-process.ts';
import { makePlace } from '../../runtime/transports/cli/kvflow-process.ts';
import { eventually } from '../../support/eventually.ts';
import { postJson } from '../../support/post-json.ts';
import { findChromium, launchChromium } from '../support/chromium.ts';
import type { Editor } from '../support/editor.ts';
import { openEditor } from '../support/editor.ts';

const executable = await findChromium();
const browserTest = executable ? test : test.skip;
if (!executable) console.warn('skipped: no Chromium on PATH. Install it with: apt-get install chromium');

let place: Place;
let browser: Browser;
let editor: Editor;
let url: string;

beforeAll(async () => {
  if (!executable) return;
  place = await makePlace();
  const [served, started] = await Promise.all([place.start(), launchChromium(executable)]);
  browser = started;
  url = served.url;
  const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
  editor = await openEditor(page, `${url}/flows`);
}, 120_000);

afterAll(async () => {
  await browser?.close();
  await place?.[Symbol.asyncDispose]();
});

browserTest(
  'Node-RED - kv-key-put and kv-key-get are dragged, wired, deployed and answer in the debug sidebar',
  async () => {
    await editor.newTab();
    const inject = await editor.drag('inject', { x: 290, y: 80 });
    const create = await editor.drag('kv-bucket-create', { x: 490, y: 80 });
    const put = await editor.drag('kv-key-put', { x: 310, y: 180 });
    const get = await editor.drag('kv-key-get', { x: 510, y: 180 });
    const debug = await editor.drag('debug', { x: 720, y: 180 });
    await editor.edit(create, { bucket: 'dragged' });
    await editor.edit(put, { bucket: 'dragged', key: 'greeting', value: ['string', 'Hello World'] });
    await editor.edit(get, { bucket: 'dragged', key: 'greeting', pick: 'value' });
    await editor.wire(inject, create);
    await editor.wire(create, put);
    await editor.wire(put, get);
    await editor.wire(get, debug);
    await editor.deploy();
    await editor.inject(inject);
    await editor.debug().filter({ hasText: 'Hello World' }).waitFor();
    expect(await editor.offeredBuckets(get)).toContain('dragged');
  },
  60_000,
);

browserTest(
  'Node-RED - transform and identify work on the payload as they are dropped',
  async () => {
    await editor.newTab();
    const transform = await editor.drag('transform', { x: 490, y: 80 });
    const identify = await editor.drag('identify', { x: 490, y: 180 });
    expect(await editor.fieldOf(identify, 'event')).toEqual(['msg', 'payload']);
    expect(await editor.fieldOf(transform, 'event')).toEqual(['msg', 'payload']);
    expect(await editor.fieldOf(transform, 'script')).toEqual(['code', 'return $']);
    // As they were dropped, with a payload that an inject node gives.
    const inject = await editor.drag('inject', { x: 290, y: 80 });
    const [events, recognized] = [
      await editor.drag('debug', { x: 720, y: 80 }),
      await editor.drag('debug', { x: 720, y: 180 }),
    ];
    await editor.edit(events, { name: 'transformed' });
    await editor.edit(recognized, { name: 'recognized' });
    for (const [from, to] of [
      [inject, transform],
      [inject, identify],
      [transform, events],
      [identify, recognized],
    ] as const)
      await editor.wire(from, to);
    await editor.deploy();
    const event = { event_id: '1', anonymousId: 'a', name: 'Ada' };
    const props = [{ p: 'payload', v: JSON.stringify(event), vt: 'json' }];
    const answer = await postJson(`${url}/flows/inject/${inject}`, { __user_inject_props__: props });
    expect(answer.status).toBe(200);
    await editor.debug('transformed').waitFor();
    await editor.debug('recognized').waitFor();
  },
  60_000,
);

browserTest(
  'Node-RED - labels are words, say what they mean below their fields, and are not cut',
  async () => {
    await editor.newTab();
    const list = await editor.drag('kv-bucket-list', { x: 490, y: 80 });
    expect(await editor.cutLabels(list)).toEqual([]);
    const { labels, about, help } = await editor.dialogOf('kv-key-put');
    expect(labels).toMatchObject({
      bucket: 'Bucket',
      expected_revision: 'Expected revision',
      ttl: 'Time to live',
    });
    expect(about).toContain("Writes only if this is the key's current revision.");
    expect(help).toMatch(
      /^<p>Adds an item to a bucket[\s\S]*Content type <span class="property-type">string/,
    );
    expect(await editor.page.title()).not.toContain('\\n');
  },
  60_000,
);

browserTest(
  'Node-RED - the editor of somebody who reads German shows dialogs and help in German, nothing cut',
  async () => {
    const table = await readTable(join(import.meta.dirname, '../../../hosts/node-red'), 'de');
    const page = await browser.newPage({ viewport: { width: 1400, height: 900 }, locale: 'de-DE' });
    const german = await openEditor(page, `${url}/flows`);
    await german.newTab();
    const put = await german.drag('kv-key-put', { x: 490, y: 80 });
    expect(await german.cutLabels(put)).toEqual([]);
    const { labels, help } = await german.dialogOf('kv-key-put');
    expect(labels.expected_revision).toBe(table['Expected revision']);
    expect(help).toContain(`<h3>${table.Fields}</h3>`);
    await page.close();
  },
  90_000,
);

browserTest(
  'Node-RED - a script is typed into the code editor of transform, kept, and run',
  async () => {
    await editor.newTab();
    const inject = await editor.drag('inject', { x: 290, y: 80 });
    const transform = await editor.drag('transform', { x: 490, y: 80 });
    const debug = await editor.drag('debug', { x: 720, y: 80 });
    const script = 'const greeting = "Hello " + $.name\nreturn { greeting, length: greeting.length }';
    await editor.edit(debug, { name: 'greeted' });
    await editor.edit(transform, { event: ['JSON', '{"name":"Ada"}'], script, pick: 'events' });
    await editor.wire(inject, transform);
    await editor.wire(transform, debug);
    await editor.deploy();
    await editor.inject(inject);
    await editor.expand(editor.debug('greeted'));
    expect(await shown('greeted')).toMatch(/greeting: "Hello Ada"\s*length: 9/);
    expect(await editor.codeOf(transform, 'script')).toBe(script);
  },
  60_000,
);

browserTest(
  'Node-RED - the example flow lets five calls of a user pass and refuses the sixth',
  async () => {
    await editor.openTab('Rate limiting');
    await editor.inject('set up');
    await editor.debug('bucket is there').waitFor();
    for (let call = 1; call <= 6; call++) await editor.inject('a call');
    await editor.debug('refused').waitFor();
    // The answer to the last call may come before those of the others.
    await eventually(async () => expect(await editor.debug('allowed').count()).toBe(5));
    expect(await editor.debug('refused').count()).toBe(1);
  },
  60_000,
);

browserTest(
  'Node-RED - the example flow counts the views of a session',
  async () => {
    await editor.openTab('Session counting');
    await editor.inject('set up');
    await editor.debug('bucket is there').nth(1).waitFor();
    await editor.inject('how many views?');
    expect(await shown('no such session')).toBe('null');
    await editor.inject('page view');
    expect(await shown('new session')).toContain('/home');
    await editor.inject('page view');
    expect(await shown('session goes on')).toContain('/home');
    await editor.inject('how many views?');
    expect(await shown('node: views')).toBe('2');
  },
  60_000,
);

browserTest(
  'Node-RED - the example flow gives each page view its session by a script',
  async () => {
    await editor.openTab('Session tracking');
    for (let view = 1; view <= 3; view++) await editor.inject('a page view');
    const shown = editor.debug('page views of the session');
    await shown.nth(2).waitFor();
    const counts = (await shown.allTextContents()).map(text => Number(/(\d+)\s*$/.exec(text)?.[1]));
    expect(counts.sort()).toEqual([1, 2, 3]);
  },
  60_000,
);

browserTest(
  'Node-RED - the example flow tells who a visitor was, once that is known',
  async () => {
    await editor.openTab('Recognition');
    const shown = editor.debug('who it was');
    await editor.inject('looks at the home page');
    await shown.first().waitFor();
    expect(await shown.allTextContents()).toEqual([expect.stringContaining('view-1: nobody we know')]);
    await editor.inject('logs in');
    await shown.nth(2).waitFor();
    const told = (await shown.allTextContents()).join(' ');
    expect(told).toContain('log-in-1: ada@example.com');
    expect(told).toContain('view-1: ada@example.com');
  },
  60_000,
);

browserTest(
  'Node-RED - the title of a dialog and the labels of the palette are names of functions, without a written line break',
  async () => {
    await editor.newTab();
    const id = await editor.drag('kv-bucket-create', { x: 490, y: 80 });
    const { page } = editor;
    await page.locator(`[id="${id}"]`).dblclick();
    await page.getByText('Edit kv-bucket-create node', { exact: true }).first().waitFor();
    await page.locator('#node-dialog-cancel').click();
    const labels = await page.locator('[data-palette-type^="kv-"] .red-ui-palette-label').allTextContents();
    expect(labels.length).toBeGreaterThan(20);
    // Node-RED itself breaks long ones.
    expect(labels.filter(label => !/^kv-[a-z-]+$/.test(label.replace(/\s/g, '')))).toEqual([]);
  },
  60_000,
);

browserTest(
  'Node-RED - the example flow stores a value and its watch tells of it',
  async () => {
    await editor.openTab('Store and watch');
    await editor.inject('set up');
    await editor.debug('bucket is there').nth(2).waitFor();
    await editor.inject('save');
    expect(await shown('a change')).toContain('user.ada');
  },
  60_000,
);

async function shown(debugNode: string): Promise<string> {
  const message = editor.debug(debugNode).first();
  await message.waitFor();
  return (await message.textContent()) ?? '';
}
