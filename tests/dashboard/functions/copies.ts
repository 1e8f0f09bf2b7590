/** A part of functions.test.ts. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect } from '@jest/globals';
import type { Page } from 'playwright-core';
import { calls } from '../../support/calls.ts';
import { eventually } from '../../support/eventually.ts';
import { expectAccessible } from '../support/accessible.ts';
import type { Dashboard } from '../support/dashboard.ts';
import { browserTest } from '../support/dashboard.ts';
import { HOSTILE_TEXTS } from '../support/hostile-texts.ts';
import { lockedDashboard } from '../support/locked.ts';
import { call } from './shared.ts';

/** Registers them, on a server and browser that all parts share. */
export function copies(open: Dashboard): void {
  browserTest('functions - the copied curl stores any text when bash runs it', async () => {
    const k = open.kvflow();
    await calls.create(k, { bucket: 'from-curl', key_encoding: 'base64' });
    const texts = [...HOSTILE_TEXTS, `it's "two"\nlines \\ with 🎉 $HOME and !history`];
    await using page = await open.page('/ui/functions/kv-key-put', CLIPBOARD);
    const copy = page.getByRole('button', { name: 'Copy as curl' });
    await copy.waitFor();
    for (const text of texts) {
      const input = { bucket: 'from-curl', key: text, value: { text } };
      // A link to the same page with another input, as one that was pasted.
      const fragment = JSON.stringify(`input=${encodeURIComponent(JSON.stringify(input))}`);
      await page.evaluate(`location.hash = ${fragment}`);
      await eventually(async () => {
        const shown = await page.getByRole('textbox', { name: 'key' }).inputValue();
        expect(shown).toBe(text.replaceAll('\n', ''));
      });
      await page.evaluate("navigator.clipboard.writeText('')");
      await page.getByRole('button', { name: /^(Copy as curl|Copied)$/ }).click();
      const command = await eventually(async () => {
        const copied = await clipboard(page);
        expect(copied).toContain('curl');
        return copied;
      });
      const { stdout } = await promisify(execFile)('bash', ['-c', command]);
      expect(JSON.parse(stdout)).toMatchObject({ status_code: 200, data: { key: text } });
      const stored = await calls.get(k, { bucket: 'from-curl', key: text });
      expect(JSON.parse(String(stored.value))).toEqual({ text });
    }
  });

  browserTest(
    'functions - a call is copied for the command line, Node-RED, n8n and agents, and as a link',
    async () => {
      const input = { bucket: 'b', key: "it's" };
      const fragment = encodeURIComponent(JSON.stringify(input));
      await using page = await open.page(`/ui/functions/kv-key-get#input=${fragment}`, CLIPBOARD);
      const copied = async (form: string) => {
        await page.getByText(form, { exact: true }).click();
        await page.getByRole('button', { name: `Copy as ${form}` }).click();
        await page.getByRole('button', { name: 'Copied' }).waitFor();
        await page.getByRole('button', { name: 'Copied' }).waitFor({ state: 'detached' });
        return await clipboard(page);
      };
      expect(await copied('CLI')).toBe(`kvflow invoke kv-key-get '{"bucket":"b","key":"it'\\''s"}'`);
      expect(JSON.parse(await copied('Node-RED'))[1]).toMatchObject({
        type: 'kv-key-get',
        input_key: "it's",
      });
      expect(JSON.parse(await copied('n8n')).nodes[0].parameters).toMatchObject({ operation: 'kv-key-get' });
      expect(JSON.parse(await copied('MCP')).params.arguments).toEqual(input);
      await page.getByRole('button', { name: 'Copy a link to this call' }).click();
      await page.getByRole('button', { name: 'Copied' }).waitFor();
      const link = await clipboard(page);
      await page.goto('about:blank');
      await page.goto(link);
      await page.getByRole('textbox', { name: 'key' }).waitFor();
      await eventually(async () =>
        expect(await page.getByRole('textbox', { name: 'key' }).inputValue()).toBe("it's"),
      );
      await expectAccessible(page);
    },
  );

  browserTest(
    'functions - a read-only key may call what reads alone, and is never part of a copy',
    async () => {
      await using locked = await lockedDashboard(open);
      await using visit = await open.visit('/');
      const { page } = visit;
      await locked.logIn(visit, '/ui/functions');
      await page.getByRole('link', { name: 'Get a key' }).waitFor();
      expect(await page.getByRole('link', { name: 'Put a key' }).count()).toBe(0);
      await page.getByRole('link', { name: 'Get a key' }).click();
      await page.getByText('$KVFLOW_API_KEY').waitFor();
      expect(await page.content()).not.toContain(locked.key);
      visit.allow(/403/);
      await page.goto(`${locked.url}/ui/functions/kv-key-put`);
      const button = call(page);
      const refused = page.getByRole('alert').getByText('FORBIDDEN');
      await button.or(refused).first().waitFor();
      if ((await button.count()) > 0) expect(await button.getAttribute('aria-disabled')).toBe('true');
      await expectAccessible(page);
    },
  );
}

const CLIPBOARD = { permissions: ['clipboard-read', 'clipboard-write'] };

const clipboard = (page: Page): Promise<string> => page.evaluate('navigator.clipboard.readText()');
