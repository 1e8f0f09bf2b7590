/** The page of buckets, clicked in a real browser. */
import { expect } from '@jest/globals';
import { PRESETS } from '../../dashboard/src/pages/buckets/presets.ts';
import { calls } from '../support/calls.ts';
import { eventually } from '../support/eventually.ts';
import { expectAccessible } from './support/accessible.ts';
import { expectQuery } from './support/address.ts';
import { browserTest, openDashboard } from './support/dashboard.ts';

const dashboard = openDashboard();

browserTest(
  'buckets - one is created by the form, which shows what is wrong and the JSON it sends',
  async () => {
    await using page = await dashboard.page('/ui/buckets');
    await page.getByRole('button', { name: 'Create bucket' }).first().click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox', { name: /^bucket/ }).fill('two words');
    await dialog.getByText('has characters that are not allowed here').waitFor();
    await dialog.getByRole('textbox', { name: /^bucket/ }).fill('made-here');
    await dialog.getByRole('textbox', { name: 'ttl', exact: true }).fill('7 days');
    await dialog.getByRole('textbox', { name: 'max_bytes' }).fill('2 MiB');
    await dialog.getByRole('textbox', { name: 'history' }).fill('5');
    await dialog.getByRole('combobox', { name: 'storage' }).click();
    await page.getByRole('option', { name: 'memory' }).click();
    await dialog.getByRole('switch', { name: 'key_ttl' }).click();
    await dialog.getByRole('button', { name: 'Add to metadata' }).click();
    await dialog.getByRole('textbox', { name: 'metadata: name 1' }).fill('team');
    await dialog.getByRole('textbox', { name: 'metadata: value 1' }).fill('growth');
    const shown = JSON.parse((await dialog.getByLabel('JSON that will be sent').textContent()) ?? '');
    const wanted = {
      bucket: 'made-here',
      ttl: 604_800_000_000_000,
      max_bytes: 2_097_152,
      history: 5,
      storage: 'memory',
      key_ttl: true,
      metadata: { team: 'growth' },
    };
    expect(shown).toEqual(wanted);
    await dialog.getByRole('button', { name: 'Create', exact: true }).click();
    await dialog.waitFor({ state: 'detached' });
    const row = page.getByRole('row', { name: /made-here/ });
    await row.getByText('7 days').waitFor();
    await row.getByText('604,800,000,000,000 ns').waitFor();
    await row.getByText('team: growth').waitFor();
    const { buckets } = await calls.buckets(dashboard.kvflow(), {});
    expect(buckets.find(({ bucket }) => bucket === 'made-here')).toMatchObject(wanted);
  },
);

browserTest(
  'buckets - a kind of bucket sets its options, what excludes another is told, and the call is there for elsewhere',
  async () => {
    for (let i = 0; i < 16; i++)
      await calls.create(dashboard.kvflow(), { bucket: `row-${i}`, storage: 'memory' });
    await using page = await dashboard.page('/ui/buckets', { viewport: { width: 1280, height: 800 } });
    await page.getByRole('row', { name: /^row-9/ }).waitFor();
    expect(
      await page.evaluate<number>(
        "[...document.querySelectorAll('tbody tr')].filter(row => row.getBoundingClientRect().bottom <= innerHeight).length",
      ),
    ).toBeGreaterThanOrEqual(15);
    await page.getByRole('button', { name: 'Create bucket' }).first().click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox', { name: /^bucket/ }).fill('kept-config');
    // Each kind says in words what it makes, and makes that.
    for (const { name, about, options } of PRESETS) {
      await dialog.getByRole('button', { name, exact: true }).click();
      await dialog.getByText(about, { exact: true }).waitFor();
      const made = JSON.parse((await dialog.getByLabel('JSON that will be sent').textContent()) ?? '');
      expect(made).toEqual({ bucket: 'kept-config', ...options });
    }
    const cost = dialog.getByLabel('What it costs');
    await dialog.getByRole('textbox', { name: 'max_bytes' }).fill('10 MiB');
    await cost.getByText('Takes at most 10 MiB of disk.').waitFor();
    await dialog.getByRole('combobox', { name: 'num_replicas' }).click();
    await page.getByRole('option', { name: '3', exact: true }).click();
    await cost.getByText('Takes at most 30 MiB of disk: 3 replicas of 10 MiB.').waitFor();
    await dialog.getByRole('button', { name: 'Cache' }).click();
    await cost.getByText('Takes as much memory as is written: max_bytes sets a bound.').waitFor();
    await dialog.getByText('a restart of NATS empties it.').waitFor();
    await dialog.getByText('In memory with one replica').waitFor();
    await dialog.getByText(/^Cannot be changed later\. .*file/).waitFor();
    await dialog.getByRole('button', { name: 'Configuration' }).click();
    await dialog.getByText('In memory with one replica').waitFor({ state: 'detached' });
    await dialog.getByRole('textbox', { name: 'ttl', exact: true }).fill('1 day');
    await dialog.getByText('The ttl ends past values too').waitFor();
    await dialog.getByRole('textbox', { name: 'ttl', exact: true }).fill('');
    const as = async (form: string, label: string) => {
      await dialog.getByText(form, { exact: true }).click();
      return dialog.getByLabel(label).textContent();
    };
    const json = '{"bucket":"kept-config","storage":"file","history":20}';
    expect(await as('curl', 'The same with curl')).toContain(`--data-raw '${json}'`);
    expect(await as('CLI', 'The same on the command line')).toBe(`kvflow invoke kv-bucket-create '${json}'`);
    expect(await as('TypeScript', 'The same in TypeScript')).toContain('await kvflow.kvBucketCreate({');
    await expectAccessible(page);
    await dialog.getByRole('button', { name: 'Create', exact: true }).click();
    await dialog.waitFor({ state: 'detached' });
    const { buckets } = await calls.buckets(dashboard.kvflow(), {});
    expect(buckets.find(({ bucket }) => bucket === 'kept-config')).toMatchObject({
      history: 20,
      storage: 'file',
    });
  },
);

browserTest('buckets - what the server refuses is shown with its code and the way out', async () => {
  await calls.create(dashboard.kvflow(), { bucket: 'taken', history: 3 });
  await using visit = await dashboard.visit('/ui/buckets');
  visit.allow(/409/);
  const { page } = visit;
  await page.getByRole('button', { name: 'Create bucket' }).first().click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox', { name: /^bucket/ }).fill('taken');
  await dialog.getByRole('button', { name: 'Create', exact: true }).click();
  await dialog.getByRole('alert').getByText('BUCKET_EXISTS').waitFor();
  await dialog.getByText(/exists with other options: history/).waitFor();
});

browserTest('buckets - options are changed, and only what was changed is sent', async () => {
  const k = dashboard.kvflow();
  await calls.create(k, {
    bucket: 'to-edit',
    description: 'before',
    ttl: 3_600_000_000_000,
    metadata: { a: 'b' },
  });
  await using page = await dashboard.page('/ui/buckets?q=to-edit');
  await page.getByRole('button', { name: 'Actions of to-edit' }).click();
  await page.getByRole('menuitem', { name: 'Edit options' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox', { name: 'description' }).fill('after');
  await dialog.getByRole('textbox', { name: 'ttl', exact: true }).fill('');
  await dialog.getByRole('textbox', { name: 'history' }).fill('9');
  await eventually(async () =>
    expect(await dialog.getByRole('combobox', { name: 'storage' }).isDisabled()).toBe(true),
  );
  const shown = JSON.parse((await dialog.getByLabel('JSON that will be sent').textContent()) ?? '');
  expect(shown).toEqual({ bucket: 'to-edit', description: 'after', ttl: 0, history: 9 });
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.waitFor({ state: 'detached' });
  await page.getByText('after').waitFor();
  const info = { description: 'after', ttl: 0, history: 9, metadata: { a: 'b' } };
  expect(await k.call('kv-bucket-info', { bucket: 'to-edit' })).toMatchObject(info);
});

browserTest('buckets - one is deleted once its name was typed', async () => {
  const k = dashboard.kvflow();
  await calls.create(k, { bucket: 'to-delete' });
  await calls.put(k, { bucket: 'to-delete', key: 'a', value: 'x' });
  await using page = await dashboard.page('/ui/buckets?q=to-delete');
  await page.getByRole('button', { name: 'Actions of to-delete' }).click();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('deleted with 1 value').waitFor();
  const button = dialog.getByRole('button', { name: 'Delete bucket' });
  await dialog.getByRole('textbox').fill('to-delet');
  await eventually(async () => expect(await button.isDisabled()).toBe(true));
  await dialog.getByRole('textbox').fill('to-delete');
  await button.click();
  await page.getByText('No bucket fits').waitFor();
  expect((await k.fail('kv-bucket-info', { bucket: 'to-delete' })).code).toBe('BUCKET_NOT_FOUND');
});

browserTest('buckets - totals, limits and what others write are shown; sorted and searched', async () => {
  const k = dashboard.kvflow();
  await calls.create(k, { bucket: 'many', max_bytes: 100_000 });
  await calls.create(k, { bucket: 'copy-of-many', mirror: { name: 'many' } });
  await calls.create(k, { bucket: 'remembers', history: 60 });
  for (let i = 0; i < 30; i++) await calls.put(k, { bucket: 'many', key: `k.${i}`, value: 'x'.repeat(300) });
  await using page = await dashboard.page('/ui/buckets');
  const cells = (name: string) => page.getByRole('row', { name: new RegExp(`^${name}`) }).getByRole('cell');
  await eventually(async () => expect(await cells('many').nth(1).textContent()).toBe('30'));
  await page.getByLabel(/^many: bytes used of its limit: 1\d %$/).waitFor();
  await cells('copy-of-many').getByRole('link', { name: 'many', exact: true }).waitFor();
  const keys = Number(await page.locator('[data-total="Keys"]').textContent());
  await calls.put(k, { bucket: 'many', key: 'one-more', value: 'x' });
  await eventually(async () =>
    expect(Number(await page.locator('[data-total="Keys"]').textContent())).toBeGreaterThan(keys),
  );
  await page
    .getByText(/in 1 min$/)
    .first()
    .waitFor();
  await page.getByRole('button', { name: 'History' }).click();
  await page.getByRole('button', { name: 'History' }).click();
  const names = async () => page.locator('tbody tr td:first-child a').allTextContents();
  expect((await names())[0]).toBe('remembers');
  await page.keyboard.press('/');
  await page.keyboard.type('copy-of');
  await eventually(async () => expect((await names())[0]).toBe('copy-of-many'));
  await expectQuery(page, { q: 'copy-of' });
  await page.getByText('Account', { exact: true }).waitFor();
  await page.getByText('Streams', { exact: true }).waitFor();
});

browserTest('buckets - text that somebody stored is shown as text and never run', async () => {
  const evil = '<img src=x onerror="document.title=1"><script>document.title=1</script>javascript:alert(1)';
  await calls.create(dashboard.kvflow(), { bucket: 'evil', description: evil, metadata: { [evil]: evil } });
  await using page = await dashboard.page('/ui/buckets?q=evil');
  await page.getByText(evil, { exact: true }).waitFor();
  await page.getByText(`${evil}: ${evil}`).waitFor();
  await page.getByRole('button', { name: 'Actions of evil' }).click();
  await page.getByRole('menuitem', { name: 'Edit options' }).click();
  await page.getByRole('dialog').waitFor();
  expect(await page.locator('img[src="x"]').count()).toBe(0);
  expect(await page.title()).toBe('Buckets · kvflow');
});

browserTest('buckets - the page and its dialogs have no serious fault of accessibility', async () => {
  await calls.create(dashboard.kvflow(), {
    bucket: 'seen',
    ttl: 1_000_000_000,
    max_bytes: 5_000,
    key_ttl: true,
    description: 'x',
  });
  await using page = await dashboard.page('/ui/buckets');
  await page.getByRole('row', { name: /^seen/ }).waitFor();
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Create bucket' }).first().click();
  await page.getByRole('dialog').getByRole('button', { name: 'Add mirror' }).click();
  await expectAccessible(page);
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Leave', exact: true }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Actions of seen' }).click();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  await page.getByRole('dialog').waitFor();
  await expectAccessible(page);
});

browserTest('buckets - those whose servers are away are named', async () => {
  await calls.create(dashboard.kvflow(), { bucket: 'there' });
  await using page = await dashboard.page('/ui/buckets');
  await page.getByRole('row', { name: /^there/ }).waitFor();
  expect(await page.getByText('out of reach').count()).toBe(0);
  // In place of a cluster with a server that is away, which tests/functions/kv-bucket-list.test.ts has.
  await page.route('**/functions/kv-bucket-list/invocations', async route => {
    const response = await route.fetch();
    const { data, ...envelope } = await response.json();
    await route.fulfill({
      response,
      json: { ...envelope, data: { ...data, unavailable: ['lost', 'lost-too'] } },
    });
  });
  await page.reload();
  const notice = page.getByRole('status').filter({ hasText: '2 buckets are out of reach' });
  await notice.getByText('lost-too', { exact: true }).waitFor();
  await expectAccessible(page);
  await page.unrouteAll({ behavior: 'wait' });
});
