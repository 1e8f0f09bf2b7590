/** A part of functions.test.ts. */
import { expect } from '@jest/globals';
import type { Page } from 'playwright-core';
import { calls } from '../../support/calls.ts';
import { eventually } from '../../support/eventually.ts';
import { expectAccessible } from '../support/accessible.ts';
import { expectQuery } from '../support/address.ts';
import type { Dashboard } from '../support/dashboard.ts';
import { browserTest } from '../support/dashboard.ts';
import { HOSTILE_TEXTS } from '../support/hostile-texts.ts';
import { call } from './shared.ts';

/** Registers them, on a server and browser that all parts share. */
export function calling(open: Dashboard): void {
  browserTest('functions - all are listed, and one is found and opened by keyboard', async () => {
    await using page = await open.page('/ui/functions');
    await page.getByRole('link', { name: 'Put a key' }).waitFor();
    const { functions } = (await (await fetch(`${open.url()}/functions`)).json()) as {
      functions: { name: string; title: string; description: string }[];
    };
    for (const { name, title } of functions) {
      await page.getByRole('link', { name: title, exact: true }).waitFor();
      await page.getByText(name, { exact: true }).waitFor();
    }
    await expectAccessible(page);
    await page.keyboard.press('/');
    await page.keyboard.type('qqq no such thing');
    await page.getByText('No function fits').waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('/');
    await page.keyboard.type('kv-key-increment');
    await page.getByText('1 function:').waitFor();
    await expectQuery(page, { q: 'kv-key-increment' });
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Increment a counter', level: 1 }).waitFor();
    expect(new URL(page.url()).pathname).toBe('/ui/functions/kv-key-increment');
    await page
      .getByText(functions.find(({ name }) => name === 'kv-key-increment')?.description ?? '')
      .waitFor();
    await page.getByText('counts each call').waitFor();
    await page.getByText('NOT_A_NUMBER').waitFor();
  });

  browserTest(
    'functions - an example fills the form, a call that overwrites asks, the envelope shows',
    async () => {
      await using visit = await open.visit('/ui/functions/kv-key-put');
      visit.allow(/404/);
      const { page } = visit;
      await page.getByRole('button', { name: 'An object', exact: true }).click();
      await page.getByText('It presumes:').waitFor();
      await eventually(async () =>
        expect(await page.getByRole('combobox', { name: 'bucket' }).inputValue()).toBe('user-preferences'),
      );
      await call(page).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByText('Call kv-key-put?').waitFor();
      await expectAccessible(page);
      await dialog.getByRole('button', { name: 'Cancel' }).click();
      await dialog.waitFor({ state: 'detached' });
      await call(page).click();
      await dialog.getByRole('checkbox').check();
      await dialog.getByRole('button', { name: 'Call it' }).click();
      await answer(page).getByText('There is no bucket "user-preferences"').first().waitFor();
      await answer(page).getByText('404').first().waitFor();
      expect(await envelope(page)).toMatchObject({ status_code: 404, error: { code: 'BUCKET_NOT_FOUND' } });
      await expectAccessible(page);
      await calls.create(open.kvflow(), { bucket: 'user-preferences' });
      await page.keyboard.press('Tab');
      await page.getByRole('combobox', { name: 'bucket' }).press('Control+Enter');
      await answer(page).getByText('200 OK').waitFor();
      await answer(page)
        .getByRole('treeitem', { name: /revision: 1/ })
        .waitFor();
      expect(
        await answer(page)
          .getByText(/^\d+(\.\d)? ms$/)
          .count(),
      ).toBe(1);
      await answer(page).getByRole('button', { name: 'Copy the invocation id' }).waitFor();
      expect(await envelope(page)).toMatchObject({
        status_code: 200,
        data: { revision: 1, key: 'user.123' },
      });
      const stored = await calls.get(open.kvflow(), { bucket: 'user-preferences', key: 'user.123' });
      expect(JSON.parse(String(stored.value))).toEqual({ theme: 'dark', language: 'en' });
      const list = page.getByRole('region', { name: 'Calls of this tab' });
      expect(await list.getByRole('listitem').count()).toBe(2);
      await page.getByRole('button', { name: 'Clear' }).click();
      await list.getByRole('button', { name: /404/ }).click();
      await answer(page).getByText('404').first().waitFor();
      await eventually(async () =>
        expect(await page.getByRole('combobox', { name: 'bucket' }).inputValue()).toBe('user-preferences'),
      );
    },
  );

  browserTest('functions - form and JSON are the same input, and faults show at their fields', async () => {
    await calls.create(open.kvflow(), { bucket: 'both' });
    await using visit = await open.visit('/ui/functions/kv-key-get');
    visit.allow(/400/);
    const { page } = visit;
    await call(page).click();
    await page.getByText('2 faults to put right').waitFor();
    const bucket = page.getByRole('combobox', { name: 'bucket' });
    expect(await bucket.getAttribute('aria-invalid')).toBe('true');
    await page.waitForFunction("document.activeElement?.getAttribute('aria-invalid') === 'true'");
    await expectAccessible(page);
    await bucket.fill('both');
    await page.getByRole('textbox', { name: 'key' }).fill('two..dots');
    await call(page).click();
    await answer(page).getByText('INVALID_INPUT').first().waitFor();
    const key = page.getByRole('textbox', { name: 'key' });
    expect(await key.getAttribute('aria-invalid')).toBe('true');
    await page.getByText('JSON', { exact: true }).click();
    const editor = page.getByLabel('Input as JSON');
    await editor.getByText('two..dots').waitFor();
    await editor.click();
    await page.keyboard.press('ControlOrMeta+a');
    await page.keyboard.insertText('{ "bucket": "both", ');
    await page.getByText('This is not JSON yet').waitFor();
    await eventually(async () => expect(await call(page).isDisabled()).toBe(true));
    await page.keyboard.insertText('"key": "other", "revision": -4 }');
    await page.getByRole('list', { name: 'Faults of the input' }).getByText('/revision').waitFor();
    await expectAccessible(page);
    await page.getByText('Form', { exact: true }).click();
    await eventually(async () => expect(await key.inputValue()).toBe('other'));
    await eventually(async () =>
      expect(await page.getByRole('textbox', { name: 'revision' }).inputValue()).toBe('-4'),
    );
    await key.fill('third');
    await page.getByText('JSON', { exact: true }).click();
    await editor.getByText('third').waitFor();
    await call(page).click();
    await answer(page).getByText('INVALID_INPUT').first().waitFor();
    await page.getByRole('list', { name: 'Faults of the input' }).getByText('/revision').first().waitFor();
  });

  browserTest('functions - what is answered is shown as text, whatever it looks like', async () => {
    const k = open.kvflow();
    await calls.create(k, { bucket: 'hostile' });
    for (const [index, value] of HOSTILE_TEXTS.entries()) {
      await calls.put(k, { bucket: 'hostile', key: `k${index}`, value });
    }
    const fragment = encodeURIComponent(JSON.stringify({ bucket: 'hostile' }));
    await using page = await open.page(`/ui/functions/kv-key-list#input=${fragment}`);
    await call(page).click();
    const { data } = (await envelope(page)) as { data: { items: { value: string }[] } };
    expect(data.items.map(({ value }) => value)).toEqual(HOSTILE_TEXTS);
    expect(await page.title()).toBe('kv-key-list · kvflow');
  });

  browserTest(
    'functions - a number or time that is not understood is told, never cut down to one',
    async () => {
      const k = open.kvflow();
      await using page = await open.page('/ui/functions/kv-bucket-create');
      await page.getByRole('combobox', { name: 'bucket' }).fill('amounts');
      const ttl = page.getByRole('textbox', { name: /^ttl/ });
      const history = page.getByRole('textbox', { name: /^history/ });
      for (const [field, text] of [
        [ttl, '2 hourz'],
        [ttl, '1,5h'],
        [ttl, '1h 30'],
        [history, '12abc'],
        [history, '1.5'],
        [history, '1e1'],
        [history, '0x10'],
        [history, '٣'],
      ] as const) {
        await field.fill(text);
        await call(page).click();
        await eventually(async () =>
          expect([text, await field.getAttribute('aria-invalid')]).toEqual([text, 'true']),
        );
        await eventually(async () => expect(await field.inputValue()).toBe(text));
        await field.fill('');
      }
      expect(await k.call('kv-bucket-list', {})).not.toMatchObject({
        buckets: expect.arrayContaining([expect.objectContaining({ bucket: 'amounts' })]),
      });
      await ttl.fill('1h');
      await page.getByText('3,600,000,000,000 ns').waitFor();
      await history.fill('3');
      await page.getByText('Will be sent: bucket amounts, ttl 1 hour, history 3.').waitFor();
      await call(page).click();
      await answer(page).getByText('200 OK').waitFor();
      expect(await k.call('kv-bucket-info', { bucket: 'amounts' })).toMatchObject({
        ttl: 3_600e9,
        history: 3,
      });
    },
  );

  browserTest(
    'functions - numbers are sent and shown with all their digits, JSON as it was typed',
    async () => {
      const k = open.kvflow();
      await calls.create(k, { bucket: 'digits', history: 5 });
      await using page = await open.page('/ui/functions/kv-key-put');
      await page.getByText('JSON', { exact: true }).first().click();
      const editor = page.getByLabel('Input as JSON');
      const type = async (text: string) => {
        await editor.click();
        await page.keyboard.press('ControlOrMeta+a');
        await page.keyboard.insertText(text);
      };
      const value = '{"id":9007199254740993,"price":1.10,"a":1,"a":2}';
      await type(`{"bucket":"digits","key":"k","value":${value}}`);
      await call(page).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Call it' }).click();
      await answer(page).getByText('200 OK').waitFor();
      expect((await calls.get(k, { bucket: 'digits', key: 'k' })).value).toBe(value);
      // What is no JSON is not thrown away by a click on the form.
      await type('{"bucket":"digits", oops');
      await page.getByText('Form', { exact: true }).click();
      await page.getByText('This is not JSON yet').waitFor();
      await editor.getByText('oops').waitFor();
      const fragment = encodeURIComponent(JSON.stringify({ bucket: 'digits', key: 'k', json: true }));
      await page.goto(`${open.url()}/ui/functions/kv-key-get#input=${fragment}`);
      await page.reload();
      await call(page).click();
      await answer(page).getByText('9007199254740993').first().waitFor();
    },
  );

  browserTest('functions - what was entered and not sent is offered again after a reload', async () => {
    await using page = await open.page('/ui/functions/kv-key-delete');
    await page.getByRole('textbox', { name: 'key' }).fill('half-written');
    await page.reload();
    await page.getByText('You have a draft that was not saved').waitFor();
    await page.getByRole('button', { name: 'Go on editing' }).click();
    await eventually(async () =>
      expect(await page.getByRole('textbox', { name: 'key' }).inputValue()).toBe('half-written'),
    );
    expect(await page.getByText('You have a draft').count()).toBe(0);
    // Also what is entered after a call that was answered.
    await page.goto(`${open.url()}/ui/functions/kv-bucket-list`);
    await page.getByText('JSON', { exact: true }).first().click();
    const enter = async (text: string) => {
      await page.locator('.cm-content').first().click();
      await page.keyboard.press('ControlOrMeta+a');
      await page.keyboard.insertText(text);
    };
    await enter('{"include_own":false}');
    await call(page).click();
    await answer(page).getByText('200 OK').waitFor();
    await page.reload();
    await call(page).waitFor();
    expect(await page.getByText('You have a draft').count()).toBe(0);
    await page.getByText('JSON', { exact: true }).first().click();
    await enter('{"include_own":false}');
    await call(page).click();
    await answer(page).getByText('200 OK').waitFor();
    await enter('{"include_own":true}');
    await page.reload();
    await page.getByText('You have a draft that was not saved').waitFor();
    // An input with a field for a secret is not kept anywhere.
    await page.goto(`${open.url()}/ui/functions/kv-bucket-send`);
    await page.getByRole('textbox', { name: /^api_key/ }).fill('kvf_SECRET');
    await page.reload();
    await call(page).waitFor();
    expect(await page.evaluate('JSON.stringify({ ...localStorage, ...sessionStorage })')).not.toContain(
      'SECRET',
    );
  });
}

const answer = (page: Page) => page.getByRole('region', { name: 'Answer' });

/** The envelope that is shown, read from its text. */
async function envelope(page: Page): Promise<Record<string, unknown>> {
  await answer(page).getByText('Text', { exact: true }).click();
  const text = await answer(page).getByLabel('Envelope').textContent();
  await answer(page).getByText('Tree', { exact: true }).click();
  return JSON.parse(text ?? '');
}
