/** A part of key.test.ts. */
import { create, toBinary } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { expect, test } from '@jest/globals';
import protobufjs from 'protobufjs';
import { fromProto } from '../../../dashboard/src/lib/protobuf/from-proto.ts';
import { readSchema } from '../../../dashboard/src/lib/protobuf/schema.ts';
import { calls } from '../../support/calls.ts';
import { eventually } from '../../support/eventually.ts';
import { expectAccessible } from '../support/accessible.ts';
import type { Dashboard } from '../support/dashboard.ts';
import { browserTest } from '../support/dashboard.ts';
import { pathOf } from './shared.ts';

/** Registers them, on a server and browser that all parts share. */
export function protobuf(dashboard: Dashboard): void {
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
      await using page = await dashboard.page(pathOf('protos', 'orders.1'));
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
      await eventually(async () =>
        expect(await dialog.getByRole('button', { name: 'Keep' }).isDisabled()).toBe(true),
      );
      await dialog.getByLabel('The .proto file').fill(SHOP);
      await dialog
        .getByRole('combobox', { name: 'Message of the value' })
        .and(page.locator('[value="shop.Order"]'))
        .waitFor();
      await eventually(async () =>
        expect(await dialog.getByLabel(/that begin with/).inputValue()).toBe('orders.'),
      );
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
}

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
