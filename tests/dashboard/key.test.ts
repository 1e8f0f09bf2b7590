/** The page of one key, clicked in a real browser. */

import { gzipSync } from 'node:zlib';
import { create, toBinary } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { expect, test } from '@jest/globals';
import { encode } from '@msgpack/msgpack';
import { encode as cborEncode } from 'cborg';
import type { Page } from 'playwright-core';
import protobufjs from 'protobufjs';
import { fromProto } from '../../dashboard/src/lib/protobuf/from-proto.ts';
import { readSchema } from '../../dashboard/src/lib/protobuf/schema.ts';
import { calls } from '../support/calls.ts';
import { eventually } from '../support/eventually.ts';
import { expectAccessible } from './support/accessible.ts';
import { browserTest, openDashboard } from './support/dashboard.ts';

const dashboard = openDashboard();
const pathOf = (bucket: string, key: string, query = '') =>
  `/ui/buckets/${bucket}/keys/${encodeURIComponent(key)}${query}`;

async function write(bucket: string, key: string, ...values: string[]): Promise<number[]> {
  const revisions: number[] = [];
  for (const value of values) {
    revisions.push((await calls.put(dashboard.kvflow(), { bucket, key, value })).revision);
  }
  return revisions;
}

/** Replaces all that is in an editor. */
async function type(page: Page, label: string, text: string): Promise<void> {
  await page.getByLabel(label, { exact: true }).click();
  await page.keyboard.press('Control+a');
  await page.keyboard.insertText(text);
}

browserTest('key - the value as JSON, text, hex and base64, each copied with a click', async () => {
  await calls.create(dashboard.kvflow(), { bucket: 'views' });
  const value = '{"plan":"pro","id":12345678901234567890,"tags":["a"]}';
  await write('views', 'json', value);
  await using visit = await dashboard.visit(pathOf('views', 'json'), {
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  const { page } = visit;
  const copied = async () => {
    await page.getByRole('button', { name: 'Copy value' }).click();
    await page.getByRole('button', { name: 'Copied' }).waitFor();
    await page.getByRole('button', { name: 'Copy value' }).waitFor();
    return await page.evaluate('navigator.clipboard.readText()');
  };
  await page.getByRole('tree').getByText('"pro"').waitFor();
  await page.getByRole('tree').getByText('12345678901234567890').waitFor();
  expect(await copied()).toBe(value);
  await expectAccessible(page);
  const shown = page.locator('[data-value]');
  await page.getByText('Text', { exact: true }).click();
  await shown.getByText(value).waitFor();
  await page.getByText('Hex', { exact: true }).click();
  await shown.getByText('7b 22 70 6c 61 6e').waitFor();
  expect(await copied()).toBe(Buffer.from(value).toString('hex'));
  await expectAccessible(page);
  await page.getByText('Base64', { exact: true }).click();
  await shown.getByText(Buffer.from(value).toString('base64').slice(0, 40)).waitFor();
  expect(await copied()).toBe(Buffer.from(value).toString('base64'));
});

browserTest('key - JSON keeps its order, names that come twice and all its digits', async () => {
  await calls.create(dashboard.kvflow(), { bucket: 'ordered' });
  await write('ordered', 'json', '{"10":"ten","2":"two","n":1.50,"twice":"first","twice":{"in":"second"}}');
  await using visit = await dashboard.visit(pathOf('ordered', 'json'));
  const { page } = visit;
  await page.getByRole('tree').getByText('"ten"').waitFor();
  const lines = await page.getByRole('treeitem').allTextContents();
  expect(lines.map(line => line.replace(/^[▾▸]/, ''))).toEqual([
    '{ } 5 properties',
    '10: "ten"',
    '2: "two"',
    'n: 1.50',
    'twice: (named again) "first"',
    'twice: { } 1 property',
    'in: "second"',
  ]);
});

browserTest(
  'key - values in the forms of programs are decoded, one within another, and nothing that unpacks to too much',
  async () => {
    const k = dashboard.kvflow();
    await calls.create(k, { bucket: 'decoded' });
    const bytes = (key: string, value: Uint8Array) =>
      calls.put(k, {
        bucket: 'decoded',
        key,
        value: Buffer.from(value).toString('base64'),
        encoding: 'base64',
      });
    const token = ['{"alg":"none"}', '{"sub":"ada","iat":1}'].map(part =>
      Buffer.from(part).toString('base64url'),
    );
    await bytes('packed', gzipSync(encode({ plan: 'pro', ids: [1, 2] })));
    await bytes('zip-of-json', gzipSync('{"b":1,"a":2}'));
    await write('decoded', 'token', `${token.join('.')}.c2ln`);
    await write('decoded', 'letters', gzipSync('text within').toString('base64'));
    await bytes('cbor', cborEncode({ plan: 'free', ids: [3, 4] }));
    await bytes('proto', Buffer.from('08961212046e616d651a0308ff01', 'hex'));
    await bytes('bomb', gzipSync(Buffer.alloc(20 * 1024 * 1024)));
    await bytes(
      'picture',
      Buffer.from(
        'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
        'base64',
      ),
    );
    await using visit = await dashboard.visit(pathOf('decoded', 'packed'));
    const { page } = visit;
    const shown = page.locator('[data-value]');
    await page.getByText('gzip → MessagePack').waitFor();
    await shown.getByText('"pro"').waitFor();
    await expectAccessible(page);
    const open = (key: string) => page.goto(dashboard.url() + pathOf('decoded', key));
    await open('zip-of-json');
    await page.getByText('gzip → JSON').waitFor();
    expect(await page.getByRole('treeitem').allTextContents()).toEqual(['▾{ } 2 properties', 'b: 1', 'a: 2']);
    await open('token');
    await shown.getByText('"ada"').waitFor();
    await shown.getByText('(not checked)').waitFor();
    await open('cbor');
    await page.getByText('CBOR', { exact: true }).first().waitFor();
    await shown.getByText('"free"').waitFor();
    // Text stays text until one asks.
    await open('letters');
    await shown.getByText('H4sI').waitFor();
    await page.getByText('Decoded', { exact: true }).click();
    await page.getByText('base64 → gzip').waitFor();
    await shown.getByText('text within').waitFor();
    await open('proto');
    await page.getByText('Decoded', { exact: true }).click();
    await shown.getByText('"name"').waitFor();
    await shown.getByText('2326').waitFor();
    await shown.getByText('255').waitFor();
    await open('bomb');
    await page.getByText('more than 16 MiB').waitFor();
    await page.getByText('Hex', { exact: true }).click();
    await shown.getByText('1f 8b 08').waitFor();
    await open('picture');
    await page.getByRole('img', { name: /of image\/png$/ }).waitFor();
  },
);

const SHOP = `syntax = "proto3";
package shop;
import "google/protobuf/timestamp.proto";
enum State { OPEN = 0; PAID = 1; }
message Order {
  message Item { string name = 1; sint32 count = 2; }
  string order_id = 1;
  int64 cents = 2;
  State state = 3;
  repeated Item items = 4;
  map<string, double> rates = 5;
  google.protobuf.Timestamp placed_at = 6;
  oneof by { string user_name = 7; bytes token = 8; }
  optional bool gift = 9;
  repeated fixed32 codes = 10;
}`;

test('protobuf - a .proto text is what protoc makes of it; groups, unknown fields and faults are told', async () => {
  const schema = await readSchema({ kind: 'text', content: SHOP });
  expect(schema.types).toEqual(['shop.Order', 'shop.Order.Item']);
  const order = {
    order_id: 'o-1',
    cents: '9007199254740993',
    state: 'PAID',
    items: [{ name: 'pen', count: -2 }],
    rates: { eur: 1.5 },
    placed_at: '2026-01-02T03:04:05Z',
    token: 'AAE=',
    gift: false,
    codes: [1, 2],
  };
  const bytes = Buffer.concat([await orderBytes(), Buffer.from('9a06026869', 'hex')]);
  expect(schema.decode('shop.Order', bytes)).toEqual({ ...order, 'field 99': 'hex 026869' });
  const compiled = { kind: 'compiled', content: (await compiledShop()).toString('base64') } as const;
  expect((await readSchema(compiled)).decode('shop.Order', await orderBytes())).toEqual(order);
  const old = 'message M { required string a = 1; optional group G = 2 { optional int32 n = 3; } }';
  const group = Buffer.from('0a017813180514', 'hex');
  expect((await readSchema({ kind: 'text', content: old })).decode('M', group)).toEqual({
    a: 'x',
    g: { n: 5 },
  });
  for (const [content, says] of [
    ['import "other.proto"; message M {}', /"other\.proto", which is not in this text/],
    ['message M { Missing a = 1; }', /Missing/],
    ['syntax = "proto3"; enum E { A = 0; }', /no message/],
    ['message {', /illegal/],
  ] as const)
    await expect(readSchema({ kind: 'text', content })).rejects.toThrow(says);
});

browserTest(
  'key - Protobuf is shown by the names of its fields once somebody gives its descriptor',
  async () => {
    const k = dashboard.kvflow();
    await calls.create(k, { bucket: 'protos' });
    const bytes = await orderBytes();
    for (const key of ['orders.1', 'orders.2', 'other'])
      await calls.put(k, { bucket: 'protos', key, value: bytes.toString('base64'), encoding: 'base64' });
    await using visit = await dashboard.visit(pathOf('protos', 'orders.1'));
    const { page } = visit;
    const shown = page.locator('[data-value]');
    const dialog = page.getByRole('dialog');
    await page.getByText('Decoded', { exact: true }).click();
    await page.getByText('Protobuf', { exact: true }).first().click();
    await page.getByRole('button', { name: 'Name the fields' }).click();
    await dialog.getByLabel('The .proto file').fill('message {');
    await dialog
      .getByRole('alert')
      .getByText(/illegal/)
      .waitFor();
    expect(await dialog.getByRole('button', { name: 'Keep' }).isDisabled()).toBe(true);
    await dialog.getByLabel('The .proto file').fill(SHOP);
    await dialog
      .getByRole('combobox', { name: 'Message of the value' })
      .and(page.locator('[value="shop.Order"]'))
      .waitFor();
    expect(await dialog.getByLabel(/that begin with/).inputValue()).toBe('orders.');
    await expectAccessible(page);
    await dialog.getByRole('button', { name: 'Keep' }).click();
    await shown.getByRole('treeitem', { name: /order_id: "o-1"/ }).waitFor();
    await shown.getByRole('treeitem', { name: /cents: "9007199254740993"/ }).waitFor();
    await shown.getByRole('treeitem', { name: /state: "PAID"/ }).waitFor();
    // Another key of the prefix, after a reload, and none of another.
    await page.goto(dashboard.url() + pathOf('protos', 'orders.2'));
    await shown.getByRole('treeitem', { name: /user_name|token: "AAE="/ }).waitFor();
    await page.goto(dashboard.url() + pathOf('protos', 'other'));
    await page.getByText('Decoded', { exact: true }).click();
    await page.getByText('Protobuf', { exact: true }).first().click();
    await page.getByRole('button', { name: 'Name the fields' }).click();
    const compiled = {
      name: 'shop.binpb',
      mimeType: 'application/octet-stream',
      buffer: await compiledShop(),
    };
    await dialog.locator('input[type="file"]').setInputFiles(compiled);
    await dialog.getByText(/^shop\.binpb of/).waitFor();
    await dialog
      .getByRole('combobox', { name: 'Message of the value' })
      .and(page.locator('[value="shop.Order"]'))
      .waitFor();
    await dialog.getByRole('button', { name: 'Keep' }).click();
    await shown.getByRole('treeitem', { name: /order_id: "o-1"/ }).waitFor();
    await page.getByRole('button', { name: 'Names of fields' }).click();
    await dialog.getByRole('button', { name: 'Forget these names' }).click();
    await shown.getByRole('treeitem', { name: /order_id/ }).waitFor({ state: 'detached' });
  },
);

/** An order as programs store it. */
async function orderBytes(): Promise<Buffer> {
  const root = new protobufjs.Root();
  root.addJSON(protobufjs.common.get('google/protobuf/timestamp.proto')?.nested ?? {});
  protobufjs.parse(SHOP, root, { keepCase: true });
  const type = root.resolveAll().lookupType('shop.Order');
  const order = {
    order_id: 'o-1',
    cents: '9007199254740993',
    state: 'PAID',
    items: [{ name: 'pen', count: -2 }],
    rates: { eur: 1.5 },
    placed_at: { seconds: Date.parse('2026-01-02T03:04:05Z') / 1_000 },
    token: 'AAE=',
    gift: false,
    codes: [1, 2],
  };
  return Buffer.from(type.encode(type.fromObject(order)).finish());
}

/** The descriptor as protoc writes it. */
async function compiledShop(): Promise<Buffer> {
  return Buffer.from(
    toBinary(FileDescriptorSetSchema, create(FileDescriptorSetSchema, await fromProto(SHOP))),
  );
}

browserTest(
  'key - renamed, then copied to another bucket; one that is there is not written over unasked',
  async () => {
    const k = dashboard.kvflow();
    for (const bucket of ['moved', 'moved-to']) await calls.create(k, { bucket });
    await write('moved', 'old', 'x');
    await write('moved', 'taken', 'there before');
    await using visit = await dashboard.visit(pathOf('moved', 'old'));
    // The old key is gone, and looked for once more.
    visit.allow(/404|409/);
    const { page } = visit;
    const dialog = page.getByRole('dialog');
    const begin = async () => {
      await page.getByRole('button', { name: 'More actions' }).click();
      await page.getByRole('menuitem', { name: 'Rename or copy' }).click();
    };
    await begin();
    await dialog.getByLabel('New key').fill('taken');
    await dialog.getByRole('button', { name: 'Rename' }).click();
    await dialog.getByText('REVISION_CONFLICT').waitFor();
    await expectAccessible(page);
    await dialog.getByLabel('New key').fill('new/one');
    await dialog.getByRole('button', { name: 'Rename' }).click();
    await page.getByRole('heading', { name: 'new/one' }).waitFor();
    expect((await calls.list(k, { bucket: 'moved' })).items.map(({ key }) => key)).toEqual([
      'taken',
      'new/one',
    ]);
    await begin();
    await dialog.getByText('Copy', { exact: true }).first().click();
    await dialog.getByRole('combobox', { name: 'To bucket' }).click();
    await page.getByRole('option', { name: 'moved-to' }).click();
    await dialog.getByRole('button', { name: 'Copy' }).click();
    await page.waitForURL(/\/buckets\/moved-to\/keys\//);
    expect(await calls.get(k, { bucket: 'moved-to', key: 'new/one' })).toMatchObject({ value: 'x' });
  },
);

browserTest('key - bytes are shown in hex and edited as base64', async () => {
  const k = dashboard.kvflow();
  await calls.create(k, { bucket: 'bytes' });
  const bytes = Buffer.from([0xff, 0x00, 0x41, 0x42]);
  const put = { bucket: 'bytes', key: 'raw', encoding: 'base64' as const };
  await calls.put(k, { ...put, value: bytes.toString('base64') });
  await using visit = await dashboard.visit(pathOf('bytes', 'raw'));
  const { page } = visit;
  await page.getByText('ff 00 41 42').waitFor();
  await page.getByRole('button', { name: 'Edit' }).click();
  await page.getByText('edit them as base64').waitFor();
  await type(page, 'New value', Buffer.from([0xfe, 0x01]).toString('base64'));
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('fe 01').waitFor();
  expect(await calls.get(k, { bucket: 'bytes', key: 'raw' })).toMatchObject({
    encoding: 'base64',
    value: '/gE=',
  });
});

browserTest(
  'key - an edit keeps JSON as compact as it was, and is seen by who else looks at it',
  async () => {
    const k = dashboard.kvflow();
    await calls.create(k, { bucket: 'edits' });
    await write('edits', 'a', '{"plan":"free","n":1.0}');
    await using other = await dashboard.visit(pathOf('edits', 'a'));
    await other.page.getByText('"free"').waitFor();
    await using visit = await dashboard.visit(pathOf('edits', 'a'));
    const { page } = visit;
    await page.getByText('"free"').waitFor();
    await page.keyboard.press('e');
    const editor = page.getByLabel('New value', { exact: true });
    await editor.getByText('"free"').dblclick();
    await page.keyboard.type('pro');
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('tree').getByText('"pro"').waitFor();
    expect((await calls.get(k, { bucket: 'edits', key: 'a' })).value).toBe('{"plan":"pro","n":1.0}');
    await other.page.getByText('"pro"').waitFor();
  },
);

browserTest("key - another's edit in between is merged, not overwritten", async () => {
  const k = dashboard.kvflow();
  await calls.create(k, { bucket: 'conflicts', history: 5 });
  const base = '{"theme":"dark","size":1,"plan":"free","tags":[],"seats":3}';
  const [first = 0] = await write('conflicts', 'both', base);
  await using visit = await dashboard.visit(pathOf('conflicts', 'both'));
  visit.allow(/409/);
  const { page } = visit;
  await page.getByText('"dark"').waitFor();
  await page.getByRole('button', { name: 'Edit' }).click();
  const editor = page.getByLabel('New value', { exact: true });
  await editor.getByText('"dark"').waitFor();
  await type(
    page,
    'New value',
    '{\n  "theme": "light",\n  "size": 1,\n  "plan": "free",\n  "tags": [],\n  "seats": 4\n}',
  );
  // They change a line of ours, and one of their own.
  const [second] = await write('conflicts', 'both', base.replace('dark', 'sepia').replace('free', 'pro'));
  await page.getByText(`Somebody has written revision ${second} meanwhile`).waitFor();
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Somebody else has saved this key meanwhile').waitFor();
  await page.getByText(new RegExp(`You began with revision ${first}; revision ${second}`)).waitFor();
  await page.getByText('1 place below was changed by both').waitFor();
  await page.getByRole('heading', { name: 'What they changed' }).waitFor();
  await page.getByRole('heading', { name: 'What you changed' }).waitFor();
  const result = page.getByLabel('Result', { exact: true });
  await result.getByText('<<<<<<< yours').waitFor();
  await result.getByText('"pro"').waitFor();
  await result.getByText('"seats": 4').waitFor();
  const goOn = page.getByRole('button', { name: 'Go on with the result' });
  expect(await goOn.isDisabled()).toBe(true);
  await expectAccessible(page);
  await type(page, 'Result', '{"theme":"light","size":1,"plan":"pro","tags":[],"seats":4}');
  await goOn.click();
  // A third one comes in between again.
  await write('conflicts', 'both', base.replace('dark', 'third'));
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Somebody else has saved this key meanwhile').waitFor();
  await page.getByText('Yours', { exact: true }).last().click();
  await goOn.click();
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('tree').getByText('"light"').waitFor();
  const stored = await calls.get(k, { bucket: 'conflicts', key: 'both', json: true });
  expect(stored.value).toEqual({ theme: 'light', size: 1, plan: 'pro', tags: [], seats: 4 });
});

browserTest('key - deleted by somebody else while it was edited: written again only when asked', async () => {
  const k = dashboard.kvflow();
  await calls.create(k, { bucket: 'vanishing' });
  await write('vanishing', 'a', 'before');
  await using visit = await dashboard.visit(pathOf('vanishing', 'a'));
  visit.allow(/40[49]/);
  const { page } = visit;
  await page.getByText('before', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Edit' }).click();
  await type(page, 'New value', 'mine');
  await k.call('kv-key-delete', { bucket: 'vanishing', key: 'a' });
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Deleted by somebody else meanwhile').waitFor();
  await page.getByRole('button', { name: 'Write it again' }).click();
  await eventually(async () =>
    expect(await calls.get(k, { bucket: 'vanishing', key: 'a' })).toMatchObject({ value: 'mine' }),
  );
});

browserTest('key - history: any two revisions compared, one brought back, one linked to', async () => {
  const k = dashboard.kvflow();
  await calls.create(k, { bucket: 'past', history: 10 });
  const [one, two] = await write('past', 'a', '{"v":"one"}', '{"v":"two"}');
  await k.call('kv-key-delete', { bucket: 'past', key: 'a' });
  const by = { host: 'node-red', flow: 'orders', node: 'save', script: 'tidy' };
  const put = { bucket: 'past', key: 'a', value: '{"v":"three"}' };
  const { revision: three } = (await k.call('kv-key-put', put, { by })) as unknown as { revision: number };
  await using visit = await dashboard.visit(pathOf('past', 'a'));
  const { page } = visit;
  await page.getByText('"three"').waitFor();
  await page.getByRole('tab', { name: 'History' }).click();
  await page.getByText('deleted', { exact: true }).waitFor();
  await page.getByRole('region', { name: `Revision ${two} against revision ${three}` }).waitFor();
  await page.getByRole('radio', { name: `Compare from revision ${one}` }).check();
  await page.getByRole('radio', { name: `Compare to revision ${two}` }).check();
  const compared = page.getByRole('region', { name: `Revision ${one} against revision ${two}` });
  await compared.getByText('"one"').waitFor();
  await compared.getByText('"two"').waitFor();
  await expectAccessible(page);
  // A line of each value, and who wrote it: what the caller says of itself is told from what is proven.
  const written = page.getByRole('row').filter({ hasText: '{"v":"three"}' });
  expect(await written.locator('em').allTextContents()).toEqual(['node-red › orders › save']);
  expect(await written.getByTitle('In italics: as the caller says').textContent()).toBe(
    'script tidy · node-red › orders › save',
  );
  await page.getByRole('row').filter({ hasText: '{"v":"one"}' }).first().waitFor();
  await page.getByRole('button', { name: `Revert to ${one}`, exact: true }).click();
  const dialog = page.getByRole('dialog', { name: `Revert to revision ${one}` });
  await dialog.getByLabel(`Revision ${three}, as it is`).getByText('"three"').waitFor();
  await dialog.getByLabel(`Revision ${one}, as it will be`).getByText('"one"').waitFor();
  await expectAccessible(page);
  // Looking changes nothing.
  expect((await calls.get(k, { bucket: 'past', key: 'a' })).revision).toBe(three);
  await dialog.getByRole('button', { name: 'Revert' }).click();
  await page.getByText(new RegExp(`Revision ${one} is current again`)).waitFor();
  expect((await calls.get(k, { bucket: 'past', key: 'a' })).value).toBe('{"v":"one"}');
  await page.getByRole('link', { name: String(two), exact: true }).click();
  await page.getByText(`This is revision ${two}`).waitFor();
  await page.getByText('"two"').waitFor();
  expect(new URL(page.url()).search).toBe(`?revision=${two}`);
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Revert to it' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Revert' }).click();
  await page.getByText(`This is revision ${two}`).waitFor({ state: 'detached' });
  expect((await calls.get(k, { bucket: 'past', key: 'a' })).value).toBe('{"v":"two"}');
});

browserTest(
  'key - a ttl counts down, is kept by an edit, and is set, begun again and taken away',
  async () => {
    const k = dashboard.kvflow();
    await calls.create(k, { bucket: 'ttls', key_ttl: true });
    const written = await calls.put(k, { bucket: 'ttls', key: 'a', value: 'x', ttl: 600e9 });
    const end = Date.parse(written.expires_at ?? '');
    const left = async () => {
      const { expires_at } = await calls.get(k, { bucket: 'ttls', key: 'a' });
      return expires_at === undefined ? undefined : Date.parse(expires_at) - Date.now();
    };
    await using visit = await dashboard.visit(pathOf('ttls', 'a'));
    const { page } = visit;
    const shown = page.locator('[data-expiry]');
    const before = await shown.textContent();
    expect(before).toMatch(/Expires in (10:00|9:5\d)/);
    await eventually(async () => expect(await shown.textContent()).not.toBe(before));
    await page.getByRole('button', { name: 'Edit' }).click();
    const expiry = page.getByRole('combobox', { name: 'Expiry' });
    expect(await expiry.inputValue()).toMatch(/^Expires as now, in (10:00|9:5\d)/);
    await type(page, 'New value', 'y');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.locator('[data-value]').getByText('y', { exact: true }).waitFor();
    const kept = await calls.get(k, { bucket: 'ttls', key: 'a' });
    expect(Math.abs(Date.parse(kept.expires_at ?? '') - end)).toBeLessThan(1_500);
    await page.getByRole('textbox', { name: 'New ttl, from now' }).fill('2 hours');
    await page.getByRole('button', { name: 'Set', exact: true }).click();
    await eventually(async () => expect(await left()).toBeGreaterThan(7_000_000));
    await shown.getByText(/1:59:\d\d|2:00:00|01:59:\d\d|02:00:00/).waitFor();
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Start again' }).click();
    await page.getByText('It has a new end.').first().waitFor();
    await page.getByRole('button', { name: 'Remove ttl' }).click();
    await shown.getByText('Never expires.').waitFor();
    expect(await left()).toBeUndefined();
  },
);

browserTest(
  'key - a counter is counted without losing another step; a key is deleted and purged',
  async () => {
    const k = dashboard.kvflow();
    await calls.create(k, { bucket: 'counters', history: 5 });
    await k.call('kv-key-increment', { bucket: 'counters', key: 'n', by: 41 });
    await using visit = await dashboard.visit(pathOf('counters', 'n'));
    visit.allow(/404/);
    const { page } = visit;
    await page.getByRole('button', { name: '+1' }).click();
    await page.locator('[data-value]').getByText('42', { exact: true }).waitFor();
    await page.getByRole('textbox', { name: 'Step' }).fill('-12');
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await page.locator('[data-value]').getByText('30', { exact: true }).waitFor();
    const choose = async (name: string, confirm: string) => {
      await page.getByRole('button', { name: 'More actions' }).click();
      await page.getByRole('menuitem', { name }).click();
      await page.getByRole('dialog').getByRole('button', { name: confirm }).click();
    };
    await choose('Delete', 'Delete');
    await page.getByText('This key was deleted').waitFor();
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Show what is kept of it' }).click();
    await page.getByRole('button', { name: 'Revert to 3', exact: true }).click();
    await page.getByRole('dialog').getByText('The key is gone').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Revert' }).click();
    await page.getByRole('tab', { name: 'Value' }).click();
    await page.locator('[data-value]').getByText('30', { exact: true }).waitFor();
    await choose('Purge with history', 'Purge');
    await page.getByText('This key was purged').waitFor();
  },
);
