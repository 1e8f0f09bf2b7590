/** A part of key.test.ts. */
import { gzipSync } from 'node:zlib';
import { expect } from '@jest/globals';
import { encode } from '@msgpack/msgpack';
import { encode as cborEncode } from 'cborg';
import { calls } from '../../support/calls.ts';
import { expectAccessible } from '../support/accessible.ts';
import type { Dashboard } from '../support/dashboard.ts';
import { browserTest } from '../support/dashboard.ts';
import { pathOf, type } from './shared.ts';

/** Registers them, on a server and browser that all parts share. */
export function values(dashboard: Dashboard): void {
  async function write(bucket: string, key: string, ...values: string[]): Promise<number[]> {
    const revisions: number[] = [];
    for (const value of values) {
      revisions.push((await calls.put(dashboard.kvflow(), { bucket, key, value })).revision);
    }
    return revisions;
  }

  browserTest(
    'key - what is said of a bucket and a key wraps, on a phone and where metadata is long',
    async () => {
      const k = dashboard.kvflow();
      await calls.create(k, { bucket: 'facts', key_encoding: 'base64', history: 10, ttl: 86_400e9 });
      const metadata = { origin: 'a text of several words. '.repeat(12) };
      await calls.put(k, { bucket: 'facts', key: 'k', value: '1', metadata });
      await calls.put(k, { bucket: 'facts', key: 'k', value: '2', metadata });
      await using page = await dashboard.page('/ui/buckets/facts');
      for (const [path, says] of [
        ['/ui/buckets/facts', 'base64 keys'],
        [pathOf('facts', 'k'), 'several words'],
        [`${pathOf('facts', 'k')}?revision=1`, 'the current one is 2'],
      ] as const) {
        await page.goto(dashboard.url() + path);
        await page.getByText(says).first().waitFor();
        for (const width of [360, 1280]) {
          await page.setViewportSize({ width, height: 800 });
          expect([path, width, await page.evaluate('document.documentElement.scrollWidth')]).toEqual([
            path,
            width,
            width,
          ]);
        }
      }
    },
  );

  browserTest('key - the value as JSON, text, hex and base64, each copied with a click', async () => {
    await calls.create(dashboard.kvflow(), { bucket: 'views' });
    const value = '{"plan":"pro","id":12345678901234567890,"tags":["a"]}';
    await write('views', 'json', value);
    await using page = await dashboard.page(pathOf('views', 'json'), {
      permissions: ['clipboard-read', 'clipboard-write'],
    });
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
    await using page = await dashboard.page(pathOf('ordered', 'json'));
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

  browserTest('key - a revision that is not there is none to revert to', async () => {
    await calls.create(dashboard.kvflow(), { bucket: 'unkept' });
    await write('unkept', 'a', '{"v":"one"}', '{"v":"two"}');
    await using visit = await dashboard.visit(`${pathOf('unkept', 'a')}?revision=9999`);
    visit.allow(/404/);
    const { page } = visit;
    await page.getByText('Revision 9,999 is not there; the current one is').waitFor();
    const revert = page.getByRole('button', { name: 'Revert to it' });
    expect(await revert.getAttribute('aria-disabled')).toBe('true');
    await expectAccessible(page);
  });

  browserTest('key - where the file that decodes a value is gone nothing is said of the value', async () => {
    const k = dashboard.kvflow();
    await calls.create(k, { bucket: 'packed' });
    const value = Buffer.from('a1617601', 'hex').toString('base64');
    await calls.put(k, { bucket: 'packed', key: 'cbor', value, encoding: 'base64' });
    await using visit = await dashboard.visit('/ui/buckets');
    visit.allow(/404|dynamically imported/i);
    const { page } = visit;
    const gone = /assets\/cborg/;
    await page.route(gone, route => route.fulfill({ status: 404, body: '{}' }));
    await page.goto(dashboard.url() + pathOf('packed', 'cbor'));
    await page.getByText('This page could not be loaded').waitFor();
    await page.unroute(gone);
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.locator('[data-value]').getByText('v: 1').waitFor();
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
      await using page = await dashboard.page(pathOf('decoded', 'packed'));
      const shown = page.locator('[data-value]');
      await page.getByText('gzip → MessagePack').waitFor();
      await shown.getByText('"pro"').waitFor();
      await expectAccessible(page);
      const open = (key: string) => page.goto(dashboard.url() + pathOf('decoded', key));
      await open('zip-of-json');
      await page.getByText('gzip → JSON').waitFor();
      expect(await page.getByRole('treeitem').allTextContents()).toEqual([
        '▾{ } 2 properties',
        'b: 1',
        'a: 2',
      ]);
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

  browserTest('key - bytes are shown in hex and edited as base64', async () => {
    const k = dashboard.kvflow();
    await calls.create(k, { bucket: 'bytes' });
    const bytes = Buffer.from([0xff, 0x00, 0x41, 0x42]);
    const put = { bucket: 'bytes', key: 'raw', encoding: 'base64' as const };
    await calls.put(k, { ...put, value: bytes.toString('base64') });
    await using page = await dashboard.page(pathOf('bytes', 'raw'));
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
}
