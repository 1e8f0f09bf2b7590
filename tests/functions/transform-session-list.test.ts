/** What scripts keep is listed by page, with the keys as scripts know them, and none of another namespace. */
import { expect, test } from '@jest/globals';
import { startKvflow } from '../support/kvflow.ts';

interface Sessions {
  sessions: { key: string; value?: unknown; size: number; shortened?: boolean; expires_at?: string }[];
  total: number;
  cursor?: string;
}

test('transform-session-list - keys of any text, page by page, with values that are not too long', async () => {
  await using k = await startKvflow();
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
