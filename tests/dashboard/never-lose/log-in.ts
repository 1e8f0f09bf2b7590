/** A part of never-lose.test.ts. */
import { expect } from '@jest/globals';
import { calls } from '../../support/calls.ts';
import { eventually } from '../../support/eventually.ts';
import { expectAccessible } from '../support/accessible.ts';
import type { Dashboard } from '../support/dashboard.ts';
import { browserTest } from '../support/dashboard.ts';
import { lockedDashboard } from '../support/locked.ts';
import { type } from './shared.ts';

/** Registers them, on a server and browser that all parts share. */
export function logIn(open: Dashboard): void {
  browserTest('rights - a key that may not look is told so, never that nothing is there', async () => {
    const k = open.kvflow();
    await calls.create(k, { bucket: 'transform_kv', key_encoding: 'base64', key_ttl: true });
    await calls.put(k, { bucket: 'transform_kv', key: 'default.x', value: '1' });
    await using locked = await lockedDashboard(open, {
      name: 'viewer',
      read_only: true,
      buckets: ['orders*'],
    });
    await using visit = await open.visit('/ui/buckets');
    visit.allow(/403/);
    await locked.logIn(visit, '/ui/sessions');
    const { page } = visit;
    const main = page.getByRole('main');
    await main.getByText('API key "viewer" may not use bucket "transform_kv".').waitFor();
    expect(await main.getByText('No sessions yet').count()).toBe(0);
    for (const [view, nothing] of [
      ['remembered', 'No visitor is remembered'],
      ['pending', 'Nothing is pending'],
      ['audit', 'No row was amended yet'],
    ] as const) {
      await page.goto(`${locked.url}/ui/recognition?view=${view}`);
      await main.getByText('API key "viewer" may not use bucket "anonymous_events".').first().waitFor();
      expect(await main.getByText(nothing).count()).toBe(0);
    }
    await calls.create(k, { bucket: 'secrets', history: 2 });
    await calls.put(k, { bucket: 'secrets', key: 's', value: '1' });
    const bucket = 'API key "viewer" may not use bucket "secrets".';
    for (const [path, says] of [
      ['buckets/secrets', bucket],
      ['buckets/secrets?view=deleted', bucket],
      ['buckets/secrets?view=tree', bucket],
      ['buckets/secrets/keys/s', bucket],
      ['buckets/secrets/keys/s?tab=history', bucket],
      ['buckets/secrets/usage', bucket],
      ['buckets/secrets/past?since=0', bucket],
      ['buckets/secrets/changes', bucket],
      ['live?bucket=secrets', bucket],
      ['sessions/buckets/transform_kv/default.x', 'API key "viewer" may not use bucket "transform_kv".'],
      ['sessions/scripts', 'API key "viewer" may not use bucket "transform_scripts".'],
      ['sessions/scripts/any', 'API key "viewer" may not use bucket "transform_scripts".'],
      ['recognition?view=identities', 'API key "viewer" may not use bucket "anonymous_events".'],
      ['recognition?view=dead', 'API key "viewer" may not use bucket "anonymous_events".'],
      ['recognition/visitors/v1', 'API key "viewer" may not use bucket "anonymous_events".'],
      ['functions/kv-key-put', 'API key "viewer" is read-only and kv-key-put changes data.'],
      ['import-export?bucket=secrets', bucket],
      ['admin-log', 'API key "viewer" may not use bucket "kvflow_admin_log".'],
    ] as const) {
      await page.goto(`${locked.url}/ui/${path}`);
      await main.getByText(says).first().waitFor();
      const lies =
        /No keys? |No deleted|\b0\+? listed|Nothing |Nobody|No change|There is no such|No sessions|No scripts|is not there/;
      expect([path, (await main.textContent())?.match(lies)?.[0]]).toEqual([path, undefined]);
    }
  });

  browserTest(
    'log-in - it lies over the page: the same key finds what was typed, another key does not',
    async () => {
      const k = open.kvflow();
      await calls.create(k, { bucket: 'layer' });
      await calls.put(k, { bucket: 'layer', key: 'k', value: 'a' });
      await using locked = await lockedDashboard(open, { name: 'first' });
      await using visit = await open.visit('/ui/buckets');
      await locked.logIn(visit, '/ui/buckets/layer/keys/k');
      const { page } = visit;
      await page.getByRole('button', { name: 'Edit' }).click();
      await type(page, 'SECRET');
      const logOut = async () => {
        await page.getByRole('button', { name: /^API key/ }).click();
        await page.getByRole('menuitem', { name: 'Log out' }).waitFor();
        await expectAccessible(page);
        await page.getByRole('menuitem', { name: 'Log out' }).click();
      };
      const logIn = async (key: string) => {
        await page.getByRole('textbox', { name: 'API key' }).fill(key);
        await page.getByRole('button', { name: 'Log in' }).click();
        await page.getByRole('heading', { name: 'Log in' }).waitFor({ state: 'detached' });
      };
      // Refused in the middle of it: the page is still there below.
      await page.route('**/invocations', route => route.fulfill(REFUSED));
      await calls.put(k, { bucket: 'layer', key: 'k', value: 'theirs' });
      await page.getByRole('heading', { name: 'Log in' }).waitFor();
      await page.unroute('**/invocations');
      await logIn(locked.key);
      expect(await page.locator('.cm-content').textContent()).toBe('aSECRET');
      await logOut();
      await logIn(locked.key);
      await page.getByText('You have a draft that was not saved').waitFor();
      await page.getByText('aSECRET').waitFor();
      // A dialog is below the log-in too.
      await page.goto(`${locked.url}/ui/buckets/layer`);
      await page.getByRole('button', { name: 'New key' }).first().click();
      await page.getByRole('dialog').getByRole('textbox', { name: 'Key' }).fill('mine');
      await page.route('**/invocations', route => route.fulfill(REFUSED));
      await page.getByRole('dialog').getByRole('button', { name: 'Write' }).click();
      await page.getByRole('heading', { name: 'Log in' }).waitFor();
      expect(await page.getByRole('dialog').isVisible()).toBe(false);
      await page.unroute('**/invocations');
      await logIn(locked.key);
      await eventually(async () =>
        expect(await page.getByRole('dialog').getByRole('textbox', { name: 'Key' }).inputValue()).toBe(
          'mine',
        ),
      );
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: 'Leave' }).click();
      const other = await locked.add({ name: 'second' });
      await logOut();
      await logIn(other);
      await page.goto(`${locked.url}/ui/buckets/layer/keys/k`);
      await page.getByRole('heading', { name: 'k' }).waitFor();
      await page.getByText('theirs').first().waitFor();
      expect(await page.content()).not.toContain('SECRET');
      // Taken away for good: what was typed is there below, and not for another key.
      await page.getByRole('button', { name: 'Edit' }).click();
      await type(page, 'REVOKED');
      await locked.revoke('second', other);
      await calls.put(k, { bucket: 'layer', key: 'k', value: 'later' });
      await page.getByRole('heading', { name: 'Log in' }).waitFor();
      expect(await page.locator('.cm-content').textContent()).toContain('REVOKED');
      await logIn(locked.key);
      await page.goto(`${locked.url}/ui/buckets/layer/keys/k`);
      await page.getByText('later').first().waitFor();
      expect(await page.content()).not.toContain('REVOKED');
      // A new key of that name is whose it was.
      const again = await locked.add({ name: 'second' });
      await logOut();
      await logIn(again);
      await page.goto(`${locked.url}/ui/buckets/layer/keys/k`);
      await page.getByText('You have a draft that was not saved').waitFor();
      await page.getByText('theirsREVOKED').waitFor();
    },
  );

  browserTest(
    'log-in - what was asked for before it, and is refused after it, is asked for again',
    async () => {
      await using locked = await lockedDashboard(open);
      await using visit = await open.visit('/ui/buckets');
      const { page } = visit;
      const asked = Promise.withResolvers<void>();
      const refusal = Promise.withResolvers<void>();
      const late = Promise.withResolvers<void>();
      // The first answer comes when somebody has logged in long since; `/access` is refused at once.
      await page.route(
        `${locked.url}/functions`,
        async route => {
          asked.resolve();
          await refusal.promise;
          await route.fulfill(REFUSED).catch(() => undefined);
          late.resolve();
        },
        { times: 1 },
      );
      await locked.logIn(visit, '/ui/functions', asked.promise);
      refusal.resolve();
      await late.promise;
      await page.getByRole('link', { name: 'Get a key' }).waitFor();
    },
  );
}

const REFUSED = {
  status: 401,
  json: { error: { code: 'UNAUTHENTICATED', message: 'No.', retryable: false } },
};
