import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { startKvflow } from '../support/kvflow.ts';

/** What each recipe of docs/transform/recipes.md makes of these events. */
const CASES: Record<string, { events: object[]; expected: object[] }> = {
  sessions: {
    events: [{ user_id: 'u' }, { user_id: 'u' }, { user_id: 'other' }],
    expected: [{ session_page_views: 1 }, { session_page_views: 2 }, { session_page_views: 1 }],
  },
  deduplication: {
    events: [{ event_id: 'a' }, { event_id: 'b' }, { event_id: 'a' }],
    expected: [{ event_id: 'a' }, { event_id: 'b' }],
  },
  enrichment: {
    events: [{ type: 'company', id: 'c', plan: 'pro', country: 'DE' }, { company_id: 'c' }],
    expected: [{ company_id: 'c', company: { plan: 'pro', country: 'DE' } }],
  },
  splitting: {
    events: [{ order_id: 7, items: [{ sku: 'x' }, { sku: 'y' }] }],
    expected: [
      { order_id: 7, position: 0, sku: 'x' },
      { order_id: 7, position: 1, sku: 'y' },
    ],
  },
  routing: {
    events: [{ event_type: 'order', amount: 12.5 }],
    expected: [{ JITSU_TABLE_NAME: 'events_order', __sql_type_amount: 'numeric(12,2)', amount: 12.5 }],
  },
  hashing: {
    events: [{ email: ' Ada@Example.com ', ip: '10.0.0.1', page: '/' }],
    expected: [{ page: '/', email_hash: createHash('sha256').update('ada@example.com').digest('hex') }],
  },
};

async function scripts(): Promise<Map<string, string>> {
  const page = await readFile(join(import.meta.dirname, '../../docs/transform/recipes.md'), 'utf8');
  const blocks = page.matchAll(/```js recipe:(\w+)\n([\s\S]*?)```/g);
  return new Map([...blocks].map(([, name = '', script = '']) => [name, script]));
}

test('transform recipes - every page has its case and every case its page', async () => {
  expect([...(await scripts()).keys()]).toEqual(Object.keys(CASES));
});

for (const [name, { events, expected }] of Object.entries(CASES)) {
  test(`transform recipes - ${name} does what it says`, async () => {
    await using k = await startKvflow();
    const script = (await scripts()).get(name);
    const answer = await k.call('transform', { script, events });
    expect(answer.events).toEqual(expected.map(event => expect.objectContaining(event)));
    if (name === 'hashing') expect(answer.events).toEqual(expected);
  });
}
