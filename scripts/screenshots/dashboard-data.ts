import type { TestKvflow } from '../../tests/support/kvflow.ts';
import type { MemoryDestination } from '../../tests/support/warehouses/memory.ts';
import { warehouseAway } from '../../tests/support/warehouses/memory.ts';

const MINUTE = 60_000_000_000;
const DAY = 24 * 60 * MINUTE;
const PEOPLE = ['ada', 'grace', 'linus', 'margaret', 'donald', 'barbara', 'edsger', 'radia'];
const PATHS = ['/home', '/pricing', '/docs', '/blog/keys', '/signup'];
const SESSIONS = `const key = 'session_' + $.user_id
const session = (await $kv.get(key)) ?? { pageViews: 0 }
session.pageViews++
session.lastPage = $.url
await $kv.set(key, session, { ttlMs: 30 * 60 * 1000 })
$.pageViews = session.pageViews
return $`;

/** A warehouse that is there, and one that is not. */
export interface SampleWarehouses {
  warehouse: MemoryDestination;
  archive: MemoryDestination;
}

/** Buckets, sessions and visitors of a shop, as they come about: by calls. */
export async function fillWithSamples(kvflow: TestKvflow, { archive }: SampleWarehouses): Promise<void> {
  await makeBuckets(kvflow);
  await makeSessions(kvflow);
  await makeVisitors(kvflow, archive);
}

async function makeBuckets(k: TestKvflow): Promise<void> {
  const buckets = [
    { bucket: 'user-preferences', history: 10, description: 'Theme, language and plan of each user' },
    { bucket: 'orders', max_bytes: 1_048_576, compression: true, metadata: { team: 'shop', tier: 'gold' } },
    { bucket: 'feature-flags', history: 64, description: 'Who sees what' },
    { bucket: 'rate-limits', storage: 'memory', key_ttl: true, ttl: 60 * MINUTE },
    { bucket: 'page-cache', ttl: 7 * DAY, max_bytes: 262_144, key_ttl: true },
    { bucket: 'orders-copy', mirror: { name: 'orders' } },
  ];
  for (const bucket of buckets) await k.call('kv-bucket-create', bucket);
  const put = (bucket: string, items: object[]) => k.call('kv-key-put-many', { bucket, items });
  await put(
    'orders',
    Array.from({ length: 900 }, (_, i) => ({
      key: `2026.${String(1 + (i % 12)).padStart(2, '0')}.order-${1000 + i}`,
      value: {
        id: 1000 + i,
        customer: PEOPLE[i % PEOPLE.length],
        total: 1990 + ((i * 733) % 9000),
        paid: i % 5 > 0,
      },
    })),
  );
  await put(
    'user-preferences',
    PEOPLE.flatMap(name => [
      { key: `user.${name}.theme`, value: name.length % 2 ? 'dark' : 'light' },
      { key: `user.${name}.profile`, value: { language: 'en', plan: 'free', since: '2025-03-01' } },
    ]),
  );
  await put('user-preferences', [
    { key: 'user.ada.profile', value: { language: 'en', plan: 'pro', since: '2025-03-01', seats: 5 } },
  ]);
  await put('user-preferences', [
    { key: 'user.ada.profile', value: { language: 'de', plan: 'team', since: '2025-03-01', seats: 12 } },
  ]);
  await put('feature-flags', [
    { key: 'new-checkout', value: { enabled: true, share: 0.25 } },
    { key: 'dark-mode', value: { enabled: true } },
  ]);
  await put(
    'page-cache',
    PATHS.map(path => ({
      key: `page${path.replaceAll('/', '.')}`,
      value: `<html>${'x'.repeat(30_000)}`,
      ttl: 30 * MINUTE,
    })),
  );
  for (const name of PEOPLE)
    await k.call('kv-key-increment', { bucket: 'rate-limits', key: `calls.${name}`, by: 3 });
}

async function makeSessions(k: TestKvflow): Promise<void> {
  const events = Array.from({ length: 40 }, (_, i) => ({
    user_id: PEOPLE[(i * 3) % PEOPLE.length],
    url: PATHS[i % PATHS.length],
  }));
  await k.call('transform', { script: SESSIONS, events });
  await k.call('transform', { script: SESSIONS, events: events.slice(0, 3), namespace: 'mobile' });
  const first = SESSIONS.replace('session.lastPage = $.url\n', '');
  const store = (script: string, description: string) =>
    k.call('transform-script-put', { script_id: 'sessions', script, description });
  await store(first, 'Counts page views');
  await store(SESSIONS, 'Counts page views, remembers the last page');
}

async function makeVisitors(k: TestKvflow, archive: MemoryDestination): Promise<void> {
  for (let i = 0; i < 12; i++) await identify(k, [page(i, `v-${100 + (i % 4)}`)]);
  await identify(k, [login(100, 'v-100', { id: 'u-7', email: 'ada@example.com' })]);
  await identify(k, [login(101, 'v-101', { email: 'grace@example.com' })]);
  await identify(k, [page(13, 'v-100')]);
  archive.fault = warehouseAway();
  await identify(k, [page(20, 'v-200'), page(21, 'v-201')], 'archive');
  await identify(k, [login(102, 'v-200', { id: 'u-9', email: 'linus@example.com' })], 'archive');
}

/** Some more calls of identify, for the charts. `round` tells them apart. */
export async function moreVisitors(k: TestKvflow, round: number): Promise<void> {
  const first = 1_000 + round * 100;
  const count = 6 + ((round * 5) % 9);
  await identify(
    k,
    Array.from({ length: count }, (_, i) => page(first + i, `v-${first + (i % 3)}`)),
  );
  const email = `${PEOPLE[round % PEOPLE.length]}@example.com`;
  await identify(k, [login(first + 50, `v-${first}`, { id: `u-${first}`, email })]);
}

async function identify(k: TestKvflow, events: object[], destination = 'warehouse'): Promise<void> {
  await k.call('identify', { destination, events });
}

function page(i: number, anonymous_id: string) {
  return { event_id: `e-${i}`, event_type: 'page', url: PATHS[i % PATHS.length], user: { anonymous_id } };
}

function login(i: number, anonymous_id: string, user: object) {
  return { event_id: `e-${i}`, event_type: 'login', user: { anonymous_id, ...user } };
}
