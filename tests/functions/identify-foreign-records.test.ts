/** A bucket that calls name may hold items of others, and a record may be damaged: neither costs an answer or an event. */
import { expect, test } from '@jest/globals';
import { ADMIN_LOG_BUCKET, AUDIT_BUCKET, EVENTS_BUCKET, PENDING_BUCKET } from '../../contract/own-buckets.ts';
import { RECOGNITION_DEFAULTS } from '../../runtime/recognition/settings.ts';
import { startKvflow } from '../support/kvflow.ts';
import { memoryDestination, memoryDestinations } from '../support/warehouses/memory.ts';

const named = '"by":"events/e1","at":1';
const FOREIGN: [string, unknown][] = [
  ['text', 'text'],
  ['nothing', ''],
  ['a number', '7'],
  ['no fields', '{}'],
  ['null', 'null'],
  ['a list', '[1]'],
  ['JSON that was cut', '{"identity":['],
  ['a mapping without its event', '{"identity":[],"at":1}'],
  ['a mapping of texts', '{"identity":"x","by":1,"at":"y"}'],
  ['a mapping of nobody', `{"identity":[{}],${named}}`],
  ['a mapping with logins that are none', `{"identity":[],${named},"logins":[1]}`],
  ['an event without its table', '{"event":{},"primary_key_fields":[]}'],
  ['an event that is none', '{"table":"events","primary_key_fields":["event_id"],"event":1}'],
  ['changes without rows', '{"destination":"memory","by":"events/e1","at":"2026-01-01T00:00:00Z"}'],
];

test('foreign records - every list answers without them, and identify recognizes as if they were not there', async () => {
  const memory = memoryDestination();
  const recognition = { destinations: memoryDestinations(memory), defaults: RECOGNITION_DEFAULTS };
  await using k = await startKvflow({ recognition });
  const identify = (...events: object[]) => k.call('identify', { destination: 'memory', events });
  const page = (event_id: string, anonymous_id: string, user: object = {}) => ({
    event_id,
    user: { anonymous_id, ...user },
  });
  await identify(page('known-1', 'known'), page('known-2', 'known', { email: 'known@x' }));
  await k.invoke('kv-bucket-create', { bucket: PENDING_BUCKET });
  for (const [at, [, value]] of FOREIGN.entries()) {
    const visitor = `default.memory.v${at}`;
    for (const key of [visitor, `${visitor}.events/e${at}-1`])
      await k.call('kv-key-put', { bucket: EVENTS_BUCKET, key, value });
    const key = `${EVENTS_BUCKET}.${visitor}.events/e${at}-1.x`;
    await k.call('kv-key-put', { bucket: AUDIT_BUCKET, key, value });
    const pending = `memory.${EVENTS_BUCKET}.default.call${at}`;
    await k.call('kv-key-put', { bucket: PENDING_BUCKET, key: pending, value });
  }

  await k.invoke('kv-bucket-create', { bucket: ADMIN_LOG_BUCKET });
  for (const [at, [, value]] of FOREIGN.entries())
    await k.call('kv-key-put', { bucket: ADMIN_LOG_BUCKET, key: `log.kv-key-purge.x${at}`, value });
  const log = (await k.call('admin-log-list', {})) as unknown as { entries: { action: string }[] };
  expect(log.entries.every(({ action }) => action === 'kv-bucket-create')).toBe(true);

  const visitors = (await k.call('identify-visitor-list', {})) as unknown as {
    visitors: { anonymous_id: string }[];
  };
  expect(visitors.visitors.map(({ anonymous_id }) => anonymous_id)).toEqual(['known']);
  const newest = { order: 'newest', all_namespaces: true };
  expect(await k.call('identify-visitor-list', newest)).toMatchObject({
    visitors: [{ anonymous_id: 'known' }],
  });
  expect(await k.call('identify-event-list', { all_namespaces: true })).toMatchObject({
    events: [{ anonymous_id: 'known' }, { anonymous_id: 'known' }],
  });
  expect(await k.call('identify-pending-list', {})).toMatchObject({ calls: [] });
  expect(await k.call('identify-pending-list', { order: 'newest' })).toMatchObject({ calls: [] });
  const { changes } = (await k.call('identify-change-list', {})) as unknown as {
    changes: { anonymous_id: string }[];
  };
  expect(new Set(changes.map(({ anonymous_id }) => anonymous_id))).toEqual(new Set(['known']));
  for (const [at] of FOREIGN.entries()) {
    const about = { anonymous_id: `v${at}`, destination: 'memory' };
    expect(await k.call('identify-visitor-get', about)).toMatchObject({ known: [{ identity: [] }] });
    await k.call('identify-preview', { undo: `v${at}`, destination: 'memory' });
  }

  const all = FOREIGN.map((_, at) => at);
  await identify(...all.map(at => page(`e${at}-1`, `v${at}`)));
  await identify(...all.map(at => page(`e${at}-2`, `v${at}`, { email: `v${at}@x` })));
  for (const at of all) expect(memory.row('events', `e${at}-1`)).toMatchObject({ user_email: `v${at}@x` });
  expect(await k.call('identify-undo', { anonymous_id: 'v0', destination: 'memory' })).toMatchObject({
    restored: 1,
  });
  await k.call('identify-forget', { anonymous_id: 'v1', destination: 'memory' });
}, 60_000);
