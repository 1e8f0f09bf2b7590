/** What transform keeps, clicked in a real browser; the state is made by transform itself. */
import { expect, jest, test } from '@jest/globals';
import { DEAD_BUCKET } from '../../contract/own-buckets.ts';
import { readSessionKey, sessionToken } from '../../contract/session-key.ts';
import { valueSummary } from '../../dashboard/src/lib/value-summary.ts';
import { dashboardRoute } from '../../runtime/server/routes/dashboard.ts';
import { calls } from '../support/calls.ts';
import { eventually } from '../support/eventually.ts';
import { serve } from '../support/served.ts';
import { expectAccessible } from './support/accessible.ts';
import { expectQuery } from './support/address.ts';
import { builtDashboard } from './support/built.ts';
import { browserTest, openDashboard } from './support/dashboard.ts';
import { lockedDashboard } from './support/locked.ts';

// Several looks for faults of accessibility, each of them much work.
jest.setTimeout(60_000);
const dashboard = openDashboard();
const COUNT = `const s = (await $kv.get('session_' + $.u)) ?? { views: 0 }
s.views++
await $kv.set('session_' + $.u, s, { ttlMs: 1800000 })
return { views: s.views }`;

/** Events of users, through the script. */
async function count(users: string[], more: object = {}): Promise<void> {
  await dashboard.kvflow().call('transform', { script: COUNT, events: users.map(u => ({ u })), ...more });
}

test('session keys - read back as transform wrote them, whatever is in them', () => {
  for (const [namespace, key] of [
    ['default', 'session_ada'],
    ['a.b', 'user.1%2E~x'],
    ['', ''],
    ['né', '日本 / <b>'],
  ] as const) {
    const stored = `${sessionToken(namespace)}.${sessionToken(key)}`;
    expect(readSessionKey(stored)).toEqual({ namespace, key, shortened: false });
  }
  expect(readSessionKey(`ns.${'k'.repeat(100)}~${'a1'.repeat(32)}`)).toEqual({
    namespace: 'ns',
    key: `${'k'.repeat(100)}…`,
    shortened: true,
  });
});

test('value summary - says what is in a value in one line', () => {
  expect(valueSummary({ views: 3, id: 'x', tags: [1, 2, 3, 4] })).toBe('views: 3, id: "x", tags: [4 items]');
  expect(valueSummary({})).toBe('{}');
  expect(valueSummary('a\nb')).toBe('"a\\nb"');
  expect(valueSummary('x'.repeat(500)).length).toBe(160);
});

browserTest('sessions - nothing yet says what to do, and does it with a click', async () => {
  await using page = await dashboard.page('/ui/sessions?bucket=first_kv');
  await page.getByText('No sessions yet').waitFor();
  await page.getByRole('button', { name: 'Show the example' }).click();
  await page.getByText(`curl ${dashboard.url()}/functions/transform/invocations`).waitFor();
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Try it' }).click();
  await page.getByText('Three events were counted.').waitFor();
  expect((await calls.list(dashboard.kvflow(), { bucket: 'transform_kv' })).items).toHaveLength(2);
});

browserTest(
  'sessions - kept on a NATS of its own they are listed and read, and not changed as keys',
  async () => {
    await count(['far'], { kv_bucket: 'scripts_kv' });
    await using served = await serve(dashboard.kvflow(), {
      homePage: false,
      plugins: [dashboardRoute(await builtDashboard())],
      state: {
        transform: { bucket: 'scripts_kv', own_nats: true },
        recognition: { own_nats: true },
      },
    });
    await using visit = await dashboard.visit('/');
    visit.allowOrigin(served.url);
    const { page } = visit;
    const asked: string[] = [];
    page.on('request', request => asked.push(new URL(request.url()).pathname));
    await page.goto(`${served.url}/ui/sessions`);
    await eventually(async () =>
      expect(await page.getByRole('combobox', { name: 'Bucket' }).inputValue()).toBe('scripts_kv'),
    );
    await page.getByRole('link', { name: 'session_far' }).click();
    await page.getByRole('treeitem', { name: 'views: 1' }).waitFor();
    await page.getByText(/TRANSFORM_NATS_URL/).waitFor();
    await expectAccessible(page);
    expect(await page.getByRole('button', { name: 'Delete' }).getAttribute('aria-disabled')).toBe('true');
    expect(await page.getByRole('link', { name: /^key / }).count()).toBe(0);
    for (const [tab, nothing] of [
      ['remembered', 'No visitor is remembered'],
      ['identities', 'Nobody has been named yet'],
      ['pending', 'Nothing is pending'],
      ['audit', 'No row was amended yet'],
    ]) {
      await page.goto(`${served.url}/ui/recognition?view=${tab}`);
      await page.getByText(String(nothing)).waitFor();
    }
    await page.goto(`${served.url}/ui/recognition/visitors/v1`);
    await page.getByText('Nobody by this id').waitFor();
    // What scripts and identify keep is asked of their functions, wherever it is; no key is read past them.
    expect(asked.filter(path => /kv-key-(list|get|get-many|tree|history)/.test(path))).toEqual([]);
  },
);

browserTest(
  'sessions - by namespace, with value, time left and what changes meanwhile; searched',
  async () => {
    await count(['ada', 'ada', 'grace'], { namespace: 'web' });
    await count(['ada', 'with.dots and spaces/slash'], { namespace: 'mobile.app' });
    await using page = await dashboard.page('/ui/sessions');
    const web = page.getByRole('region', { name: 'Namespace web' });
    const mobile = page.getByRole('region', { name: 'Namespace mobile.app' });
    await web
      .getByRole('row', { name: /session_ada views: 2/ })
      .getByText(/^(29|30):\d\d$/)
      .waitFor();
    await mobile.getByRole('row', { name: /session_ada views: 1/ }).waitFor();
    await count(['grace'], { namespace: 'web' });
    await web.getByRole('row', { name: /session_grace views: 2/ }).waitFor();
    await expectAccessible(page);
    await page.getByText(/^mobile\.app 2$/).click();
    await web.waitFor({ state: 'detached' });
    await expectQuery(page, { namespace: 'mobile.app' });
    await page.keyboard.press('/');
    await page.keyboard.type('WITH.dots');
    await mobile.getByRole('row', { name: /session_ada/ }).waitFor({ state: 'detached' });
    await mobile.getByRole('link', { name: 'session_with.dots and spaces/slash' }).click();
    await page.getByRole('heading', { name: 'session_with.dots and spaces/slash', level: 1 }).waitFor();
    await page.getByRole('treeitem', { name: 'views: 1' }).waitFor();
    await page.getByRole('link', { name: /^key mobile%2Eapp/ }).waitFor();
    await expectAccessible(page);
    await page.reload();
    await page.getByRole('treeitem', { name: 'views: 1' }).waitFor();
  },
);

browserTest(
  'sessions - the last written come first, and older ones on demand, through a large bucket',
  async () => {
    const bucket = 'large_kv';
    const k = dashboard.kvflow();
    await calls.create(k, { bucket, key_ttl: true, key_encoding: 'base64' } as never);
    const many = (from: number, size: number) =>
      k.call('kv-key-put-many', {
        bucket,
        items: Array.from({ length: size }, (_, i) => ({
          key: `n.user ${from + i}`,
          value: { i: from + i },
        })),
      });
    for (let from = 0; from < 3_000; from += 1_000) await many(from, 1_000);
    await using page = await dashboard.page(`/ui/sessions?bucket=${bucket}`);
    await page.getByRole('link', { name: 'user 2999' }).waitFor();
    expect(await page.locator('tbody a').first().textContent()).toBe('user 2999');
    await page.getByText('All 3,000').waitFor();
    await page.getByRole('button', { name: 'Show older sessions' }).click();
    // Of so many rows only those in view exist.
    const table = page.getByRole('table', { name: 'Sessions of n' });
    await eventually(async () => expect(await table.getAttribute('aria-rowcount')).toBe('401'));
    expect(await table.getByRole('link').count()).toBeLessThan(100);
    await page.getByRole('region', { name: 'Sessions of n' }).press('End');
    await page.getByRole('link', { name: 'user 2600', exact: true }).waitFor();
    await page.getByLabel('Search session keys').fill('user 7');
    await page.getByRole('link', { name: 'user 799', exact: true }).waitFor();
    await page.getByLabel('Search session keys').fill('no such');
    await page.getByText('No session key fits').waitFor();
  },
);

browserTest('sessions - one is deleted, and says so when it is gone', async () => {
  await count(['leaver']);
  await using visit = await dashboard.visit('/ui/sessions?q=leaver');
  const { page } = visit;
  await page.getByRole('link', { name: 'session_leaver' }).click();
  await page.getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await page.getByText('The session was deleted.').waitFor();
  await page.getByRole('heading', { name: 'Sessions', level: 1 }).waitFor();
  visit.allow(/404/);
  await page.goto(`${dashboard.url()}/ui/sessions/buckets/transform_kv/default.session_leaver`);
  await page.getByText('This session is over').waitFor();
});

browserTest(
  'dead letters of scripts - of all namespaces with the reason, run again once the script is mended, and dropped',
  async () => {
    const { call } = dashboard.kvflow();
    await call('transform-script-put', { script_id: 'picky', script: 'throw new Error("no " + $.of)' });
    const dead = (namespace: string, of: string) =>
      call('transform', { script_id: 'picky', namespace, on_error: 'dead', event: { of } });
    await dead('default', 'ada');
    await dead('shop', 'bob');
    const line = { namespace: 'shop', on_error: 'dead', ndjson: 'no event' };
    await call('transform', { script_id: 'picky', ...line });
    await using page = await dashboard.page('/ui/sessions');
    await page.getByRole('tab', { name: 'Dead letters' }).click();
    const ada = page.getByRole('row', { name: /^picky default of: "ada" SCRIPT_ERROR Error: no ada/ });
    const bob = page.getByRole('row', { name: /^picky shop of: "bob"/ });
    await ada.waitFor();
    await bob.waitFor();
    await page.getByRole('row', { name: /^picky shop "no event"/ }).waitFor();
    await expectAccessible(page);
    await call('transform-script-put', { script_id: 'picky', script: 'return $' });
    await ada.getByRole('button', { name: 'Replay' }).click();
    await page.getByText('1 event went well.').waitFor();
    await ada.waitFor({ state: 'detached' });
    await bob.getByRole('button', { name: 'Drop' }).click();
    const drop = page.getByRole('dialog').getByRole('button', { name: 'Drop', exact: true });
    await drop.click();
    await bob.waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Drop all', exact: true }).click();
    await drop.click();
    await page.getByText('No dead letters').waitFor();
  },
);

browserTest(
  'dead letters - all are replayed and dropped, however many pages they are, and how far that is shows',
  async () => {
    const { call } = dashboard.kvflow();
    const at = { script_id: 'many', namespace: 'many' };
    await call('transform-script-put', { script_id: 'many', script: 'throw new Error("no")' });
    await call('transform', {
      ...at,
      on_error: 'dead',
      events: Array.from({ length: 250 }, (_, n) => ({ n })),
    });
    await call('transform-script-put', {
      script_id: 'many',
      script: 'if ($.n >= 240) throw new Error("no"); return $',
    });
    await using page = await dashboard.page('/ui/sessions/dead');
    await page.getByLabel('Namespace').fill('many');
    const shown = Promise.withResolvers<void>();
    let asked = 0;
    // How far it is stands there until the next answer: that one waits until it was seen.
    await page.route('**/functions/transform-dead-replay/invocations', async route => {
      asked += 1;
      if (asked > 1) await shown.promise;
      await route.continue();
    });
    await page.getByRole('button', { name: 'Replay all', exact: true }).click();
    await page.getByText(/^So far: [\d,]+ events went well/).waitFor();
    shown.resolve();
    await page.getByText('240 events went well, 10 failed again.', { exact: true }).waitFor();
    // One call drops a thousand.
    const [left] = (await calls.list(dashboard.kvflow(), { bucket: DEAD_BUCKET, filter: '*.many.>' })).items;
    const copies = Array.from({ length: 1_000 }, (_, n) => ({ key: `${left?.key}${n}`, value: left?.value }));
    await call('kv-key-put-many', { bucket: DEAD_BUCKET, items: copies });
    const drop = async () => {
      await page.getByRole('button', { name: 'Drop all', exact: true }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Drop', exact: true }).click();
    };
    const cancelled = Promise.withResolvers<void>();
    await page.route('**/functions/transform-dead-drop/invocations', async route => {
      await cancelled.promise;
      await route.continue();
    });
    await drop();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    cancelled.resolve();
    await page.getByText('1,000 events dropped.', { exact: true }).waitFor();
    await page.unroute('**/functions/transform-dead-drop/invocations');
    await drop();
    await page.getByText('10 events dropped.', { exact: true }).waitFor();
    await page.getByText('No dead letters').waitFor();
  },
);

browserTest(
  'dead letters - who leaves the page ends the replay of all with the part that it is at',
  async () => {
    const { call } = dashboard.kvflow();
    await call('transform-script-put', { script_id: 'left', script: 'throw new Error("no")' });
    const events = Array.from({ length: 150 }, (_, n) => ({ n }));
    await call('transform', { script_id: 'left', namespace: 'left', on_error: 'dead', events });
    await call('transform-script-put', { script_id: 'left', script: 'return $' });
    await using page = await dashboard.page('/ui/sessions/dead');
    const asked = Promise.withResolvers<void>();
    const left = Promise.withResolvers<void>();
    await page.route('**/functions/transform-dead-replay/invocations', async route => {
      asked.resolve();
      await left.promise;
      await route.continue();
    });
    await page.getByLabel('Namespace').fill('left');
    await page.getByRole('button', { name: 'Replay all', exact: true }).click();
    await asked.promise;
    await page.getByRole('link', { name: 'Buckets', exact: true }).click();
    await page.getByRole('button', { name: 'Replay all', exact: true }).waitFor({ state: 'detached' });
    left.resolve();
    await page.getByText('100 events went well.', { exact: true }).waitFor();
  },
);

browserTest('sessions - a read-only key sees all of it and is told what it may not do', async () => {
  await count(['seen']);
  await using locked = await lockedDashboard(dashboard);
  await using visit = await dashboard.visit('/');
  await locked.logIn(visit, '/ui/sessions?q=seen');
  const { page } = visit;
  await page.getByRole('link', { name: 'session_seen' }).click();
  const remove = page.getByRole('button', { name: 'Delete' });
  await eventually(async () => expect(await remove.getAttribute('aria-disabled')).toBe('true'));
  await remove.hover();
  await page.getByText('API key "reader" is read-only.').waitFor();
});
