/** A part of scripts.test.ts. */
import { expectAccessible } from '../support/accessible.ts';
import type { Dashboard } from '../support/dashboard.ts';
import { browserTest } from '../support/dashboard.ts';
import { editor } from './shared.ts';

/** Registers them, on a server and browser that all parts share. */
export function versions(dashboard: Dashboard): void {
  browserTest('scripts - versions are compared, and one is run on an event', async () => {
    const k = dashboard.kvflow();
    await using visit = await dashboard.visit('/ui/sessions');
    const { page } = visit;
    await page.getByRole('tab', { name: 'Stored scripts' }).click();
    await page.getByText('No stored scripts yet').waitFor();
    await expectAccessible(page);
    const put = async (script: string, description: string) =>
      k.call('transform-script-put', { script_id: 'double', script, description });
    await put('return { n: $.n * 3 }', 'Wrong');
    await put('console.log("doubling")\nreturn { n: $.n * 2 }', 'Doubles');
    await page.reload();
    await page
      .getByRole('row', { name: /double Doubles 2/ })
      .getByRole('link')
      .click();
    await page.getByRole('heading', { name: 'double', level: 1 }).waitFor();
    await editor(page).getByText('$.n * 2').waitFor();
    await page.getByRole('tab', { name: 'Versions' }).click();
    await page.getByRole('textbox', { name: 'Script, version 2' }).getByText('$.n * 2').waitFor();
    await page.getByText('Changes', { exact: true }).click();
    await page.getByRole('textbox', { name: 'Version 1' }).getByText('$.n * 3').waitFor();
    await page.getByRole('textbox', { name: 'Version 2' }).getByText('doubling').waitFor();
    await expectAccessible(page);
    const event = page.getByRole('textbox', { name: 'Event', exact: true });
    await event.fill('{"n":');
    await page.getByText('An event is a JSON object.').waitFor();
    await event.fill('{"n":21}');
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    await page.getByLabel('1 event').getByText('"n": 42').waitFor();
    await page.getByLabel('What it logged').getByText('log: doubling').waitFor();
    await page.getByLabel('Show version 1').click();
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    await page.getByLabel('1 event').getByText('"n": 63').waitFor();
    await put('throw new Error("on purpose")', 'Fails');
    visit.allow(/4\d\d/);
    await page.goto(`${dashboard.url()}/ui/sessions/scripts/double?show=versions`);
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    await page.getByRole('alert').getByText('SCRIPT_ERROR', { exact: true }).waitFor();
    await page
      .getByText(/on purpose/)
      .last()
      .waitFor();
  });
}
