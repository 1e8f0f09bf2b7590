/** A part of scripts.test.ts. */
import { expect } from '@jest/globals';
import type { Page } from 'playwright-core';
import { dashboardRoute } from '../../../runtime/server/routes/dashboard.ts';
import { calls } from '../../support/calls.ts';
import { eventually } from '../../support/eventually.ts';
import { startKvflow } from '../../support/kvflow.ts';
import { serve } from '../../support/served.ts';
import { expectAccessible } from '../support/accessible.ts';
import { builtDashboard } from '../support/built.ts';
import type { Dashboard } from '../support/dashboard.ts';
import { browserTest } from '../support/dashboard.ts';
import { lockedDashboard } from '../support/locked.ts';
import { editor } from './shared.ts';

/** Registers them, on a server and browser that all parts share. */
export function writing(dashboard: Dashboard): void {
  browserTest(
    'scripts - one is written from a template: completed, tried, its fault marked, stored',
    async () => {
      await using visit = await dashboard.visit('/ui/sessions/scripts');
      const { page } = visit;
      await page.getByRole('link', { name: 'New script' }).click();
      await page.getByRole('heading', { name: 'New script', level: 1 }).waitFor();
      await page.getByLabel('Name', { exact: true }).fill('orders');
      for (const [shape, text] of [
        ['Jitsu Classic', '$kv.incr'],
        ['Jitsu Next', 'store.get'],
        ['RudderStack', 'transformEvent'],
        ['Segment', 'onTrack'],
        ['Batch', 'transformBatch'],
      ] as const) {
        await page.getByRole('radio', { name: shape }).check();
        await editor(page).getByText(text).first().waitFor();
        await page.getByRole('button', { name: 'Test on 2 events' }).click();
        await result(page).getByText('came out').waitFor();
        expect(
          await result(page)
            .getByText(/SCRIPT_ERROR/)
            .count(),
        ).toBe(0);
      }
      await page.getByRole('radio', { name: 'Jitsu Classic' }).check();
      await page.getByRole('button', { name: 'Test on 2 events' }).click();
      const writes = result(page).getByRole('region', { name: '$kv writes' });
      await writes.getByRole('row', { name: /visits_ada 2/ }).waitFor();
      await expectAccessible(page);
      // What the sample event has, and what scripts have, is offered by its type.
      await typeInto(page, '\n$.prop');
      await choose(page, /^properties/);
      await page.keyboard.type('.co');
      await offers(page)
        .getByRole('option', { name: /^count/ })
        .waitFor();
      await expectAccessible(page);
      await choose(page, /^count/);
      await page.keyboard.type('; $kv.upd');
      await offers(page)
        .getByRole('option', { name: /^update.*change: \(value/ })
        .waitFor();
      await page.getByText('Reads a value, lets `change` make a new one of it').waitFor();
      await page.keyboard.press('Escape');
      expect(await editor(page).textContent()).toContain('$.properties.count; $kv.upd');
      // What fails is marked where it does.
      await editor(page).fill('const twice = $.properties.price * 2\nreturn { total: twise }');
      await page.keyboard.press('Control+Enter');
      await result(page)
        .getByText(/ReferenceError: twise is not defined/)
        .first()
        .waitFor();
      const mark = page.locator('.cm-lintRange-error');
      await eventually(async () => expect(await mark.textContent()).toBe('twise'));
      await page.getByRole('button', { name: 'Store' }).waitFor();
      await editor(page).fill('return { total: $.properties.price * 2');
      await mark.waitFor({ state: 'detached' });
      visit.allow(/4\d\d/);
      await page.keyboard.press('Control+s');
      await page
        .getByRole('alert')
        .getByText(/Line 1, column \d+: SyntaxError/)
        .waitFor();
      await mark.first().waitFor({ state: 'attached' });
      await page.keyboard.press('Control+End');
      await page.keyboard.type('}');
      await page.getByLabel('Description').fill('Totals');
      await page.getByRole('button', { name: 'Store' }).click();
      await page.getByRole('heading', { name: 'orders', level: 1 }).waitFor();
      const { script } = await dashboard.kvflow().call('transform-script-get', { script_id: 'orders' });
      expect(script).toBe('return { total: $.properties.price * 2}');
      // The samples went with it, and nothing is left to be stored.
      await page.getByRole('button', { name: 'Test on 2 events' }).click();
      await result(page).getByText('"total": 6').waitFor();
      await page.getByText('As version 1.').waitFor();
    },
  );

  browserTest(
    'scripts - tests are kept from what came, fail with what differs, and hold a version back',
    async () => {
      const k = dashboard.kvflow();
      await k.call('transform-script-put', { script_id: 'visits', script: COUNT });
      await using visit = await dashboard.visit('/ui/sessions/scripts/visits');
      const { page } = visit;
      await page.getByRole('textbox', { name: 'Events', exact: true }).fill('{"u":"ada"}\n{"u":"ada"}');
      await page.getByRole('button', { name: '$kv before' }).click();
      await page.getByRole('textbox', { name: '$kv before' }).fill('{"n_ada":4}');
      await page.getByRole('button', { name: 'Test on 2 events' }).click();
      const second = result(page).getByRole('region', { name: 'Event 2' });
      await second.getByLabel('What came of event 2').getByText('"n": 6').waitFor();
      await second.getByLabel('What event 2 printed').getByText('log: seen 6').waitFor();
      await result(page).getByRole('row', { name: 'n_ada 6 for good' }).waitFor();
      expect((await k.call('transform-session-list', {})).total).toBe(0);
      await page.getByRole('button', { name: 'Expect this' }).click();
      await page.getByRole('button', { name: 'Keep as a test' }).click();
      await page.getByLabel('Name of the test').fill('counts on');
      await page.getByRole('button', { name: 'Store' }).click();
      await page.getByText('As version 2.').waitFor();
      const { tests } = await k.call('transform-script-get', { script_id: 'visits' });
      expect(tests).toEqual([
        {
          name: 'counts on',
          events: [{ u: 'ada' }, { u: 'ada' }],
          kv: { n_ada: 4 },
          expect: [{ n: 5 }, { n: 6 }],
          expect_kv: { n_ada: 6 },
        },
      ]);
      // It is run as it is typed, and what differs is shown.
      await page.getByRole('switch', { name: 'Run as I type' }).check({ force: true });
      await result(page).getByText('Passed').waitFor();
      await editor(page).fill(COUNT.replace('key, 1', 'key, 10'));
      await result(page).getByText('Failed').waitFor();
      await result(page).getByText('events/1/n: expected 6, came 24').waitFor();
      await page.getByRole('textbox', { name: 'Expected', exact: true }).waitFor();
      await expectAccessible(page);
      visit.allow(/4\d\d/);
      await page.getByRole('button', { name: 'Store' }).click();
      const refused = page.getByRole('alert').filter({ hasText: 'Not stored, since its tests fail' });
      await refused.getByText('counts on: events/1/n: expected 6, came 24').waitFor();
      expect((await k.call('transform-script-versions', { script_id: 'visits' })).total).toBe(2);
      // What was typed is kept over a reload, and leaving asks.
      await page.getByRole('link', { name: 'Stored scripts' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Stay' }).click();
      await page.reload();
      await page.getByRole('button', { name: 'Go on editing' }).click();
      await editor(page).getByText('key, 10').waitFor();
      await page.getByText('counts on', { exact: true }).click();
      await page.getByRole('button', { name: 'Remove the test' }).click();
      // Another admin was faster: what is stored becomes the next version, and that is told before.
      await k.call('transform-script-put', { script_id: 'visits', script: 'return null' });
      await page.getByText('Version 3 was stored meanwhile').waitFor();
      await page.getByRole('button', { name: 'Store' }).click();
      await page.getByText('As version 4.').waitFor();
      expect(await k.call('transform-script-get', { script_id: 'visits' })).not.toHaveProperty('tests');
    },
  );

  browserTest(
    'scripts - two versions are compared over a file and over a capture of Live; one is named, rolled back to',
    async () => {
      const k = dashboard.kvflow();
      for (const script of ['return { total: $.price }', 'return $.price > 1 ? { total: $.price } : null'])
        await k.call('transform-script-put', { script_id: 'totals', script });
      await calls.create(k, { bucket: 'sales', history: 5 });
      for (const value of ['{"price":1}', '{"price":2}', 'no JSON'])
        await calls.put(k, { bucket: 'sales', key: 'one', value });
      await using page = await dashboard.page('/ui/live?bucket=sales&start=history');
      await page.getByRole('row', { name: /no JSON/ }).waitFor();
      await page.getByRole('button', { name: 'Capture' }).click();
      const dialog = page.getByRole('dialog', { name: '3 changes captured' });
      await dialog.getByRole('button', { name: 'Keep for scripts' }).click();
      await page.keyboard.press('Escape');
      // By the links of the page, which stays open: a capture lasts as long.
      await page.getByRole('link', { name: 'Sessions', exact: true }).click();
      await page.getByRole('tab', { name: 'Stored scripts' }).click();
      await page.getByRole('link', { name: 'totals' }).click();
      await page.getByRole('tab', { name: 'Versions' }).click();
      const panel = page.getByRole('region', { name: 'Compare what they make of events' });
      await panel.getByRole('button', { name: 'From a capture' }).click();
      await page.getByRole('menuitem', { name: /^sales, .*: 3 changes$/ }).waitFor();
      await expectAccessible(page);
      await page.getByRole('menuitem', { name: /^sales, .*: 3 changes$/ }).click();
      await panel
        .getByRole('status')
        .getByText(/^2 values of sales/)
        .waitFor();
      await panel.getByRole('button', { name: 'Compare over 2 events' }).click();
      await panel.getByText('1 event of 2 differs.').waitFor();
      const first = panel.getByRole('region', { name: 'Event 1' });
      await first.getByRole('textbox', { name: 'Version 1, event 1' }).getByText('"total": 1').waitFor();
      expect(await first.getByRole('textbox', { name: 'Version 2, event 1' }).textContent()).toBe('');
      await expectAccessible(page);
      const file = {
        name: 'events.ndjson',
        mimeType: 'application/x-ndjson',
        buffer: Buffer.from('{"price":5}\n{"price":9}\n'),
      };
      await panel.getByLabel('File of events').setInputFiles(file);
      await panel.getByText('2 events of events.ndjson.').waitFor();
      await panel.getByRole('button', { name: 'Compare over 2 events' }).click();
      await panel.getByText('Both make the same of 2 events.').waitFor();
      const broken = { ...file, name: 'broken.txt', buffer: Buffer.from('{"a":1}\n{"a":') };
      await panel.getByLabel('File of events').setInputFiles(broken);
      await panel.getByText('broken.txt: line 2 is no JSON.').waitFor();
      // What is not stored yet is compared with what is.
      await page.getByRole('tab', { name: 'Script' }).click();
      await editor(page).fill('return { total: $.price, seen: true }');
      await page.getByRole('tab', { name: 'Versions' }).click();
      await panel.getByRole('checkbox', { name: /text in the editor/ }).check();
      await panel.getByRole('button', { name: 'Compare over 2 events' }).click();
      await panel.getByText('2 events of 2 differ.').waitFor();
      await panel.getByRole('textbox', { name: 'The editor, event 2' }).getByText('"seen": true').waitFor();
      // By keyboard: the older version is chosen, named and rolled back to.
      await page.getByLabel('Show version 2').focus();
      await page.keyboard.press('ArrowDown');
      await page.getByRole('textbox', { name: 'Script, version 1' }).waitFor();
      await page.getByRole('button', { name: 'Name it' }).press('Enter');
      await page.getByRole('dialog').getByLabel('Name').fill('stable');
      await page.keyboard.press('Enter');
      await page.getByRole('row', { name: /stable/ }).waitFor();
      await page.getByRole('button', { name: 'Roll back to it' }).press('Enter');
      await page.getByRole('dialog').getByRole('button', { name: 'Roll back' }).press('Enter');
      await page.getByText('Version 1 is stored again, as version 3.').waitFor();
      await page.getByLabel('Show version 3').waitFor();
      const { versions } = await k.call('transform-script-versions', { script_id: 'totals' });
      expect(versions).toMatchObject([
        { number: 3, current: true },
        { number: 2 },
        { number: 1, names: ['stable'] },
      ]);
    },
  );

  browserTest(
    'scripts - a read-only key tries scripts and sees no Store; one that may not try them is told so',
    async () => {
      await dashboard
        .kvflow()
        .call('transform-script-put', { script_id: 'shown', script: 'return { n: $.n }' });
      await using locked = await lockedDashboard(dashboard);
      await using visit = await dashboard.visit('/');
      await locked.logIn(visit, '/ui/sessions/scripts/shown');
      const { page } = visit;
      await page
        .getByText('API key "reader" is read-only: a script can be tried here, and not be stored.')
        .waitFor();
      expect(await page.getByRole('button', { name: 'Store', exact: true }).count()).toBe(0);
      await page.getByRole('textbox', { name: 'Events', exact: true }).fill('{"n":7}');
      await page.getByRole('button', { name: 'Test on 1 event' }).click();
      await result(page).getByText('"n": 7').waitFor();
      const functions = ['transform-script-*'];
      const key = await locked.add({ name: 'keeper', functions });
      await page.getByRole('button', { name: /^API key/ }).click();
      await page.getByRole('menuitem', { name: 'Log out' }).click();
      await page.getByRole('textbox', { name: 'API key' }).fill(key);
      await page.getByRole('button', { name: 'Log in' }).click();
      visit.allow(/40[13]/);
      const test = page.getByRole('button', { name: /^Test on/ });
      await eventually(async () => expect(await test.getAttribute('aria-disabled')).toBe('true'));
      await test.hover();
      await page.getByText('API key "keeper" may not call transform-test.').first().waitFor();
      await page.getByRole('button', { name: 'Store', exact: true }).waitFor();
    },
  );

  browserTest(
    'scripts - where the setting warns, one whose tests fail is stored, and the page says so',
    async () => {
      await using k = await startKvflow({ scripting: { failingTests: 'warn' } });
      await using served = await serve(k, {
        homePage: false,
        plugins: [dashboardRoute(await builtDashboard())],
      });
      const tests = [{ name: 'sum', events: [{ n: 1 }], expect: [{ n: 2 }] }];
      await k.call('transform-script-put', { script_id: 's', script: 'return { n: $.n + 1 }', tests });
      await using visit = await dashboard.visit('/');
      visit.allowOrigin(served.url);
      const { page } = visit;
      await page.goto(`${served.url}/ui/sessions/scripts/s`);
      await editor(page).fill('return { n: $.n + 2 }');
      await page.getByRole('button', { name: 'Store', exact: true }).click();
      const warned = page.getByRole('alert').filter({ hasText: 'Stored, although tests fail' });
      await warned.getByText('sum: events/0/n: expected 2, came 3').waitFor();
      await page.getByText('As version 2.').waitFor();
    },
  );
}

const COUNT = `const key = 'n_' + $.u
const n = await $kv.incr(key, 1, { ttlMs: 0 })
console.log('seen %d', n)
return { n }`;

const result = (page: Page) => page.getByRole('region', { name: 'Result' });

/** Types at the end of an editor. */
async function typeInto(page: Page, text: string): Promise<void> {
  await editor(page).click();
  await page.keyboard.press('Control+End');
  await page.keyboard.type(text);
}

const offers = (page: Page) => page.getByRole('listbox', { name: 'Completions' });

/** Takes a completion. By a click: Enter counts only once a list has been there for a moment. */
async function choose(page: Page, name: RegExp): Promise<void> {
  await offers(page).getByRole('option', { name }).click();
  await offers(page).waitFor({ state: 'detached' });
}
