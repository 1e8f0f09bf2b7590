/** What identify keeps, clicked in a real browser; the state is made by identify itself. */
import { expect, jest, test } from '@jest/globals';
import { PackError } from '../../contract/errors.ts';
import { exactNumber } from '../../contract/exact-number.ts';
import { decodeEventToken, decodeToken, encodeToken } from '../../contract/recognition-token.ts';
import { pointsOf } from '../../dashboard/src/pages/recognition/counts.ts';
import * as core from '../../runtime/recognition/keys.ts';
import { eventKey } from '../../runtime/recognition/keys.ts';
import { recognitionStatus } from '../../runtime/server/recognition-status.ts';
import { eventually } from '../support/eventually.ts';
import { soon } from '../support/soon.ts';
import { warehouseAway } from '../support/warehouses/memory.ts';
import { expectAccessible } from './support/accessible.ts';
import { expectQuery } from './support/address.ts';
import { browserTest } from './support/dashboard.ts';
import { lockedDashboard } from './support/locked.ts';
import { openRecognizing } from './support/recognizing.ts';

// Several looks for faults of accessibility, each of them much work.
jest.setTimeout(60_000);
const dashboard = openRecognizing();
const { embedded, away, sees, isNamed } = dashboard;

test('tokens - the same as those of recognition, and read back', async () => {
  for (const text of ['1', 'a.b c/ü', '', '日本=', '..', 'x'.repeat(201), 'ü'.repeat(150)]) {
    const token = await encodeToken(text);
    expect(token).toBe(core.encodeToken(text));
    expect(decodeToken(token)).toEqual(
      text.length > 100 ? { text: token.slice(2, 14), hashed: true } : { text, hashed: false },
    );
  }
  const tokenOf = (event: object, fields: string[], keyTag = '') =>
    eventKey({ ...event }, JSON.stringify(event), {
      table: 'events',
      primaryKeyFields: fields,
      keyTag,
    } as never);
  const event = { a: 'a/b', b: 12.5, c: true };
  const read = { table: 'events', key: ['a/b', '12.5', 'true'] };
  expect(decodeEventToken(tokenOf(event, ['a', 'b', 'c']))).toEqual(read);
  expect(decodeEventToken(tokenOf(event, ['a', 'b', 'c'], '=k0123456789ab'))).toEqual(read);
  expect(decodeEventToken(tokenOf({ a: 'x'.repeat(199), b: 'y' }, ['a', 'b']))).toBeUndefined();
  expect(decodeEventToken(tokenOf(event, []))).toBeUndefined();
});

test('metrics - counters and latencies of each destination, and what happened between two looks', () => {
  const text = (anonymous: number, count: number) =>
    [
      '# TYPE kvflow_recognition_anonymous_total counter',
      `kvflow_recognition_anonymous_total{destination="a"} ${anonymous}`,
      'kvflow_recognition_anonymous_total{destination="b"} 5',
      `kvflow_recognition_amend_seconds_bucket{destination="a",le="0.05"} ${count}`,
      `kvflow_recognition_amend_seconds_bucket{destination="a",le="+Inf"} ${count}`,
      `kvflow_recognition_amend_seconds_sum{destination="a"} ${count * 0.02}`,
      `kvflow_recognition_amend_seconds_count{destination="a"} ${count}`,
      'kvflow_recognition_pending{destination="b"} 3',
      'process_cpu_seconds_total 1.5',
    ].join('\n');
  const read = (metrics: string) => new Map(Object.entries(recognitionStatus(metrics)));
  const [first, second] = [read(text(10, 0)), read(text(16, 4))];
  expect(first.get('b')).toMatchObject({ anonymous: 5, pending: 3 });
  const samples = [
    { at: 1_000, counts: first },
    { at: 3_000, counts: second },
  ];
  expect(pointsOf(samples, undefined)).toMatchObject([{ anonymous: 3, late: 0, average: 20, most: 50 }]);
  expect(pointsOf(samples, 'b')).toMatchObject([{ anonymous: 0, average: null, most: null }]);
});

browserTest('recognition - nothing yet says what to do, and does it; counters become a chart', async () => {
  await using page = await dashboard.page('/ui/recognition');
  await page.getByText('identify was not called yet').waitFor();
  await page.getByRole('button', { name: 'Show the example' }).click();
  await page.getByText(`curl ${dashboard.url()}/functions/identify/invocations`).waitFor();
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Try it' }).click();
  await page.getByText('visitor-1 was recognized').waitFor();
  expect(embedded.row('events', 'event1')).toMatchObject({ user_id: '77', user_email: 'ada@example.com' });
  const row = page.getByRole('row', { name: /^embedded 4 3 1 2 0 0 2 0 0/ });
  await row.waitFor();
  const chart = page.getByRole('img', { name: /^Events per second over time/ });
  await chart.waitFor();
  await sees('charted', ['c1', 'c2', 'c3']);
  await isNamed('charted', 'c4', { id: 'c' });
  await page.getByRole('img', { name: /over time: anonymous, identified, recognized/ }).waitFor();
  await eventually(async () => expect(await chart.locator('path.recharts-line-curve').count()).toBe(5));
  await expectAccessible(page);
});

browserTest('recognition - remembered visitors, identities and what was changed', async () => {
  await sees('v 1', ['a1', 'a2']);
  await sees('v-2', ['b1'], { namespace: 'shop' });
  await isNamed('v 1', 'a3', { email: 'a@b.com' });
  await using page = await dashboard.page('/ui/recognition');
  await page.getByRole('tab', { name: 'Remembered visitors' }).click();
  await page.getByRole('row', { name: /^v-2 embedded · shop 1 event_id: "b1"/ }).waitFor();
  await page
    .getByRole('row', { name: /^v-2/ })
    .getByText(/^(7 d 00:00:00|6 d 23:59:\d\d)$/)
    .waitFor();
  await expectAccessible(page);
  await page.getByRole('tab', { name: 'Identities' }).click();
  const identity = page.getByRole('row', { name: /^v 1 embedded email a@b\.com partial events \/ a3/ });
  await identity.waitFor();
  await expectAccessible(page);
  await isNamed('v 1', 'a4', { id: 'u1' });
  await page.getByRole('row', { name: /^v 1 embedded .*id u1 events \/ a4/ }).waitFor();
  await page.getByRole('tab', { name: 'Audit' }).click();
  const changed = page.getByRole('row', { name: /^v 1 embedded event_id a1/ });
  await changed.filter({ hasText: 'user_email' }).getByText('a@b.com').waitFor();
  await changed.filter({ hasText: 'user_id' }).getByText('u1').waitFor();
  await expectAccessible(page);
  await expectQuery(page, { view: 'audit' });
});

browserTest('recognition - a visitor is looked up, and the recognition undone by clicking', async () => {
  await sees('lost.and/found', ['l1', 'l2']);
  await isNamed('lost.and/found', 'l3', { id: 'u9', email: 'l@b.com' });
  await using page = await dashboard.page('/ui/recognition');
  await page.getByRole('heading', { name: 'Recognition', level: 1 }).waitFor();
  await page.keyboard.press('/');
  await page.keyboard.type('lost.and/found');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'lost.and/found', level: 1 }).waitFor();
  const known = page.getByRole('region', { name: 'embedded' });
  await known.getByRole('heading', { name: '2 rows changed' }).waitFor();
  const row = known.getByRole('row', { name: /^event_id l1/ });
  expect(await row.textContent()).toMatch(/user_id\s*NULL.*u9.*user_email\s*NULL.*l@b\.com/);
  await expectAccessible(page);
  await known.getByRole('button', { name: 'Undo recognition' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText(/2 rows go back/).waitFor();
  await expectAccessible(page);
  expect(embedded.row('events', 'l1')).toMatchObject({ user_id: 'u9' });
  await dialog.getByRole('button', { name: 'Undo recognition' }).click();
  await page.getByText('2 rows set back.').waitFor();
  // Without the columns that are NULL.
  expect(Object.keys(embedded.row('events', 'l1') ?? {}).sort()).toEqual([
    'event_id',
    'event_type',
    'user_anonymous_id',
  ]);
  await known.getByText('nobody: the recognition was undone').waitFor();
  await known.getByRole('heading', { name: '2 rows changed' }).waitFor({ state: 'detached' });
  expect(await known.getByRole('button', { name: 'Undo recognition' }).getAttribute('aria-disabled')).toBe(
    'true',
  );
  await page.reload();
  await known.getByText('nobody: the recognition was undone').waitFor();
});

browserTest('recognition - nobody by an id, and ids that are dots or longer than a key', async () => {
  const long = 'long '.repeat(60).trim();
  await isNamed(long, 'long1', { id: 'u-long' });
  await isNamed('../x', 'dots1', { id: 'u-dots' });
  await using page = await dashboard.page('/ui/recognition/visitors/nobody-such');
  await page.getByText('Nobody by this id').waitFor();
  await expectAccessible(page);
  for (const [id, user] of [
    [long, 'u-long'],
    ['../x', 'u-dots'],
    // No visitor has such an id, and it is no part of an address either.
    ['..', 'Nobody by this id'],
  ] as const) {
    await page.getByLabel('Look up an anonymous id').fill(id);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: id, level: 1 }).waitFor();
    await page.getByText(user, { exact: true }).waitFor();
  }
  await page.goto(`${dashboard.url()}/ui/recognition?view=identities`);
  await page
    .getByRole('row', { name: /u-long/ })
    .getByRole('link')
    .click();
  await page.getByText(/too long for a key/).waitFor();
  await page.getByText('u-long', { exact: true }).waitFor();
});

browserTest('recognition - calls that wait for a warehouse are told, and looked into', async () => {
  await using page = await dashboard.page('/ui/recognition?view=pending');
  await page.getByText('Nothing is pending').waitFor();
  away.fault = warehouseAway();
  try {
    const user = { anonymous_id: 'waiting' };
    const events = ['w1', 'w2'].map(event_id => ({ event_id, order: exactNumber('9007199254740993'), user }));
    await dashboard.kvflow().call('identify', { destination: 'away', events });
    const row = page.getByRole('row', { name: /^away .* 2 .*none yet waiting$/ });
    await row.waitFor();
    // Written down long enough ago, it is tried, which is in vain.
    await eventually(
      async () => {
        await dashboard.kvflow().recognition.reconcile(soon());
        const range = { bucket: 'recognition_locks', filter: 'wait.away' };
        expect((await dashboard.kvflow().call('kv-key-list', range)).items).toHaveLength(1);
      },
      { within: 25_000, every: 500 },
    );
    await row.waitFor({ state: 'detached' });
    const tried = page.getByRole('row', {
      name: /^away .* UNAVAILABLE The warehouse is out of reach\. waiting 1 try, next in (0:\d\d|a moment)$/,
    });
    await tried.waitFor();
    await expectAccessible(page);
    await tried.getByRole('button').click();
    await page.getByRole('dialog').getByText('identificationNodes').waitFor();
    const first = page.getByRole('treeitem').filter({ hasText: /^▸0: / });
    await first.click();
    await page.getByRole('dialog').getByText('order: 9007199254740993').waitFor();
    await expectAccessible(page);
    await page.keyboard.press('Escape');
  } finally {
    away.fault = undefined;
  }
  const left = await eventually(
    async () => {
      const report = await dashboard.kvflow().recognition.reconcile(soon());
      expect(report.left).toBe(0);
      return report;
    },
    { within: 25_000, every: 500 },
  );
  expect(left.left).toBe(0);
  await page.getByText('Nothing is pending').waitFor();
});

browserTest(
  'recognition - events that could not be stored are shown with the reason, replayed and dropped',
  async () => {
    away.refuse = ({ bad }) =>
      bad ? new PackError('WAREHOUSE_ERROR', 'column bad takes numbers') : undefined;
    const refused = (event_id: string) => ({ event_id, bad: 'x', user: { anonymous_id: 'refused' } });
    const input = { destination: 'away', events: [refused('d1'), refused('d2')], lookback_minutes: 60 };
    await dashboard.kvflow().call('identify', input);
    await using page = await dashboard.page('/ui/recognition?view=dead');
    await page.getByText('2 events of those listed end within a day').waitFor();
    const row = page.getByRole('row', { name: /^away .*d1.* WAREHOUSE_ERROR column bad takes numbers/ });
    await row.waitFor();
    await expectAccessible(page);
    away.refuse = () => undefined;
    await row.getByRole('button', { name: 'Replay' }).click();
    await page.getByText('1 event stored.').waitFor();
    await row.waitFor({ state: 'detached' });
    // What is left is of this namespace; another's is beside it, until one is chosen.
    away.refuse = () => new PackError('WAREHOUSE_ERROR', 'column bad takes numbers');
    await dashboard.kvflow().call('identify', { ...input, events: [refused('s1')], namespace: 'shop' });
    await page.getByRole('button', { name: 'Refresh the dead letters' }).click();
    const other = page.getByRole('row', { name: /^away · shop .*s1/ });
    await other.waitFor();
    await page.getByLabel('Namespace').fill('default');
    await other.waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Drop all' }).click();
    await page.getByRole('dialog').getByText('All events of namespace default').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Drop', exact: true }).click();
    await page.getByText('No dead letters').waitFor();
    await page.getByLabel('Namespace').fill('');
    await other.getByRole('button', { name: 'Drop' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Drop', exact: true }).click();
    await page.getByText('No dead letters').waitFor();
    away.refuse = () => undefined;
  },
);

browserTest('recognition - a read-only key sees all of it, and may not undo', async () => {
  await sees('seen', ['s1']);
  await isNamed('seen', 's2', { id: 'u2', email: 's@b.com' });
  await using locked = await lockedDashboard(dashboard);
  await using visit = await dashboard.visit('/');
  await locked.logIn(visit, '/ui/recognition/visitors/seen');
  const { page } = visit;
  await page.getByRole('heading', { name: '1 row changed' }).waitFor();
  const undo = page.getByRole('button', { name: 'Undo recognition' });
  await eventually(async () => expect(await undo.getAttribute('aria-disabled')).toBe('true'));
  await undo.hover();
  await page.getByText('API key "reader" is read-only.').waitFor();
  // What is counted is behind the key as well, and can be read with it.
  expect((await fetch(`${locked.url}/metrics`)).status).toBe(401);
  expect((await fetch(`${locked.url}/recognition`)).status).toBe(401);
  const asked: string[] = [];
  page.on('request', request => asked.push(new URL(request.url()).pathname));
  await page.goto(`${locked.url}/ui/recognition`);
  await page.getByText('identify was not called yet').waitFor();
  expect(asked).toContain('/recognition');
  expect(asked).not.toContain('/metrics');
});
