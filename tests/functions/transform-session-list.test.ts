/** What scripts keep is listed by page, with the keys as scripts know them, and none of another namespace. */
import { expect, test } from '@jest/globals';
import { EVERYTHING } from '../../runtime/core/principal.ts';
import { startAccounts } from '../support/accounts.ts';
import { forAll } from '../support/for-all.ts';

const accounts = forAll(() => startAccounts());

interface Sessions {
  sessions: {
    namespace: string;
    key: string;
    value?: unknown;
    size: number;
    shortened?: boolean;
    expires_at?: string;
  }[];
  total: number;
  cursor?: string;
}

test('transform-session-list - keys of any text, page by page, with values that are not too long', async () => {
  await using k = accounts.join();
  const script = 'async function transform(e) { await $kv.set(e.key, e.value); return e; }';
  const keys = ['a.b', 'c%d', 'Zürich', 'x'.repeat(900)];
  const events = keys.map((key, at) => ({ key, value: { at } }));
  await k.call('transform', { script, events: [...events, { key: 'large', value: 'y'.repeat(20_000) }] });
  await k.call('transform', { script, events: [{ key: 'elsewhere', value: 1 }], namespace: 'shop' });
  const all: Sessions['sessions'] = [];
  for (let cursor: string | undefined; ; ) {
    const page = (await k.call('transform-session-list', {
      limit: 2,
      ...(cursor && { cursor }),
    })) as unknown as Sessions;
    expect(page.total).toBe(5);
    all.push(...page.sessions);
    cursor = page.cursor;
    if (!cursor) break;
  }
  const byKey = new Map(all.map(session => [session.key, session]));
  expect([...byKey.keys()].filter(key => key.length < 100).sort()).toEqual(['Zürich', 'a.b', 'c%d', 'large']);
  expect(byKey.get('a.b')).toMatchObject({ value: { at: 0 } });
  expect(byKey.get('large')).toMatchObject({ size: 20_002 });
  expect(byKey.get('large')).not.toHaveProperty('value');
  expect(all.filter(({ shortened }) => shortened)).toHaveLength(1);
  const found = (await k.call('transform-session-list', { contains: 'zür' })) as unknown as Sessions;
  expect(found.sessions.map(({ key }) => key)).toEqual(['Zürich']);
});

test('transform-session-list - of all namespaces, the last written first, as far as a key may see them', async () => {
  await using k = accounts.join();
  const script = 'async function transform(e) { await $kv.set(e.key, e.value); return e; }';
  const keep = (namespace: string, ...keys: string[]) =>
    k.call('transform', {
      script,
      namespace,
      events: keys.map(key => ({ key, value: `${namespace} ${key}` })),
    });
  for (const [namespace, key] of [
    ['shop', 'a'],
    ['web', 'b'],
    ['shop', 'c'],
    ['web', 'A'],
    ['shop', 'a'],
  ] as const)
    await keep(namespace, key);
  const list = async (input: object, more: object = {}) =>
    (await k.call(
      'transform-session-list',
      { all_namespaces: true, order: 'newest', ...input },
      more,
    )) as unknown as Sessions & {
      namespaces?: object[];
      sessions: { namespace: string; stored_key: string; text?: string }[];
    };
  const names = ({ sessions }: Awaited<ReturnType<typeof list>>) =>
    sessions.map(({ namespace, key }) => `${namespace}/${key}`);
  const first = await list({ limit: 2 });
  expect([names(first), first.total, first.namespaces]).toEqual([
    ['shop/a', 'web/A'],
    4,
    [
      { namespace: 'shop', keys: 2 },
      { namespace: 'web', keys: 2 },
    ],
  ]);
  expect(names(await list({ limit: 5, cursor: first.cursor }))).toEqual(['shop/c', 'web/b']);
  expect(names(await list({ contains: 'A', limit: 9 }))).toEqual(['shop/a', 'web/A']);
  const shop = { principal: { ...EVERYTHING, name: 'shop', namespaces: ['sh*'] } };
  const mine = await list({}, shop);
  expect([names(mine), mine.total, mine.namespaces]).toEqual([
    ['shop/a', 'shop/c'],
    2,
    [{ namespace: 'shop', keys: 2 }],
  ]);
  const one = await list({ stored_key: 'shop.a' }, shop);
  expect(one).toMatchObject({ total: 1, sessions: [{ key: 'a', text: '"shop a"' }] });
  expect((await list({ stored_key: 'web.b' }, shop)).sessions).toEqual([]);
  const fail = (input: object, more: object = {}) => k.fail('transform-session-list', input, more);
  expect((await fail({}, shop)).code).toBe('FORBIDDEN');
  expect((await fail({ all_namespaces: true, namespace: 'web' }, shop)).code).toBe('FORBIDDEN');
  expect((await fail({ all_namespaces: true, namespace: 'web' })).errors).toMatchObject([
    { pointer: '/all_namespaces' },
  ]);
  expect((await fail({ order: 'newest', cursor: 'a.b' })).errors).toMatchObject([{ pointer: '/cursor' }]);
});
