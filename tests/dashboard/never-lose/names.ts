/** A part of never-lose.test.ts. */
import { expect } from '@jest/globals';
import { calls } from '../../support/calls.ts';
import type { Dashboard } from '../support/dashboard.ts';
import { browserTest } from '../support/dashboard.ts';

/** Registers them, on a server and browser that all parts share. */
export function names(open: Dashboard): void {
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
}

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
