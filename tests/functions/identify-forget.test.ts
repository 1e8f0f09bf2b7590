/** What is kept of a visitor or a user goes when somebody asks for it, and nothing of others. */
import { expect, test } from '@jest/globals';
import { PackError } from '../../contract/errors.ts';
import { parseExact } from '../../contract/exact-json.ts';
import { EVERYTHING } from '../../runtime/core/principal.ts';
import { RECOGNITION_DEFAULTS } from '../../runtime/recognition/settings.ts';
import { startWithServer } from '../support/kvflow.ts';
import { connectOfficial } from '../support/official.ts';
import { soon } from '../support/soon.ts';
import { memoryDestination, memoryDestinations, warehouseAway } from '../support/warehouses/memory.ts';

const page = (event_id: string, anonymous_id: string, user: object = {}, more: object = {}) => ({
  event_id,
  user: { anonymous_id, ...user },
  ...more,
});

interface Logged {
  at: string;
  action: string;
  input: object;
}

async function start(adminLog = false) {
  const memory = memoryDestination();
  const defaults = { ...RECOGNITION_DEFAULTS, reconcileAfterMs: 0 };
  const k = await startWithServer({
    adminLog,
    recognition: { destinations: memoryDestinations(memory), defaults },
  });
  memory.refuse = ({ bad }) => (bad ? new PackError('WAREHOUSE_ERROR', 'not this one') : undefined);
  const identify = (...events: object[]) => k.call('identify', { destination: 'memory', events });
  /** Whether a text is anywhere in the buckets of recognition. */
  const keeps = async (text: string) => {
    await k.recognition.idle();
    for (const bucket of [
      'anonymous_events',
      'recognition_audit',
      'recognition_dead',
      'recognition_pending',
    ]) {
      const keys = await k.nats.kv.keys(soon(), bucket, '>').catch(() => []);
      const found = keys.length > 0 ? await k.nats.kv.getMany(soon(), bucket, keys) : [];
      const all = [
        ...keys,
        ...found.map(one => (one && 'value' in one ? Buffer.from(one.value).toString() : '')),
      ];
      if (all.some(one => one.includes(text))) return true;
    }
    return false;
  };
  const rows = (...ids: string[]) =>
    ids.map(id => {
      const row = memory.row('events', id);
      return `${row?.user_id ?? '-'} ${row?.user_email ?? '-'}`;
    });
  return { ...k, memory, identify, keeps, rows };
}

test('identify-forget - a visitor leaves nothing behind but its rows, and others lose nothing', async () => {
  await using k = await start();
  await k.identify(page('1', 'visitor-a'), page('2', 'visitor-b'), page('d', 'visitor-a', {}, { bad: true }));
  await k.identify(page('3', 'visitor-a', { email: 'a@x' }), page('4', 'visitor-b', { email: 'b@x' }));
  const receipt = await k.call('identify-forget', { anonymous_id: 'visitor-a' });
  expect(receipt).toMatchObject({ visitors: 1, changes: 1, dead_letters: 1, rows: 0, pending: 0 });
  expect(await k.keeps('visitor-a')).toBe(false);
  expect(await k.keeps('a@x')).toBe(false);
  expect(await k.keeps('visitor-b')).toBe(true);
  expect(k.rows('1', '2', '3')).toEqual(['- a@x', '- b@x', '- a@x']);
  // What comes afterwards begins anew.
  await k.identify(page('5', 'visitor-a'));
  expect(k.rows('5')).toEqual(['- -']);
  expect(await k.call('identify-forget', { anonymous_id: 'never' })).toMatchObject({
    visitors: 0,
    events: 0,
  });
});

test('identify-forget - a user is found on every device, by any value, and their rows are cleared where asked for', async () => {
  await using k = await start();
  await k.identify(page('1', 'phone'), page('2', 'laptop'), page('9', 'other'));
  await k.identify(page('3', 'phone', { id: 'u1', email: 'a@x' }), page('4', 'laptop', { email: ' A@X' }));
  await k.identify(page('5', 'other', { id: 'u2', email: 'b@x' }));
  k.memory.sql("UPDATE events SET user_id = 'by hand' WHERE event_id = '1'");
  const receipt = await k.call('identify-forget', { value: 'a@x', rows: 'clear' });
  expect(receipt).toMatchObject({ visitors: 2, rows: 4 });
  expect(k.rows('1', '2', '3', '4', '9', '5')).toEqual([
    'by hand -',
    '- -',
    '- -',
    '- -',
    'u2 b@x',
    'u2 b@x',
  ]);
  expect([await k.keeps('a@x'), await k.keeps('A@X'), await k.keeps('b@x')]).toEqual([false, false, true]);
});

test('identify-forget - a user whose login was undone is found by it, and what it had brought goes', async () => {
  await using k = await start();
  await k.identify(page('1', 'phone'), page('9', 'other'));
  await k.identify(page('2', 'phone', { id: 'u1', email: 'a@x' }), page('8', 'other', { email: 'b@x' }));
  await k.identify(page('3', 'phone', { email: 'a@x' }));
  await k.call('identify-undo', { anonymous_id: 'phone' });
  await k.call('identify-undo', { anonymous_id: 'phone' });
  // Who is known is another matter.
  expect(await k.call('identify-visitor-list', { value: 'a@x' })).toMatchObject({ visitors: [] });
  await k.identify(page('4', 'phone', { email: 'c@x' }));
  expect(await k.call('identify-forget', { value: ' A@x', rows: 'clear' })).toMatchObject({ visitors: 1 });
  expect([await k.keeps('a@x'), await k.keeps('u1'), await k.keeps('b@x')]).toEqual([false, false, true]);
  expect(k.rows('2', '3', '8')).toEqual(['- -', '- -', '- b@x']);
});

test('identify-forget - rows whose keys are numbers above 2^53 are cleared, each of them', async () => {
  await using k = await start();
  // As JavaScript reads them, two after each other are one number.
  const keys = Array.from({ length: 10 }, (_, i) => [
    `90071992547${41 + i}999`,
    `90071992547${42 + i}001`,
  ]).flat();
  const numbered = (id: string, email = '') =>
    parseExact(`{"event_id":${id},"user":{"anonymous_id":"v"${email}}}`) as object;
  await k.identify(numbered('9007199254740993'), numbered('9007199254740997'));
  for (const id of keys) await k.identify(numbered(id, ',"email":"a@x"'));
  const receipt = await k.call('identify-forget', { anonymous_id: 'v', rows: 'clear' });
  expect(receipt).toMatchObject({ rows: 22 });
  const target = { table: 'events', primaryKeyFields: ['event_id'] };
  const ids = [...keys, '9007199254740993', '9007199254740997'].map(id => ({ event_id: BigInt(id) }));
  const rows = await k.memory.read(soon(), target, ids);
  expect(rows.map(row => row?.user_email)).toEqual(ids.map(() => null));
});

test.each([
  ['a path', ['/key/id']],
  ['a column and a path', ['kind', '/key/id']],
])(
  'identify-forget - rows of logins too are cleared where calls name their primary key by %s',
  async (_what, fields) => {
    await using k = await start();
    const call = { destination: 'memory', table: 'own', primary_key_fields: fields };
    const event = (id: string, user: object = {}) => ({
      event_id: id,
      kind: 'page',
      key: { id },
      user: { anonymous_id: 'v', ...user },
    });
    await k.call('identify', { ...call, events: [event('1'), event('2', { id: 'u', email: 'u@x' })] });
    await k.recognition.idle();
    const forgotten = await k.call('identify-forget', { value: 'u', rows: 'clear' });
    expect(forgotten).toMatchObject({ visitors: 1, rows: 2 });
    expect([...k.memory.rows('own').values()].map(row => row.user_id ?? row.user_email)).toEqual([
      undefined,
      undefined,
    ]);
  },
);

test.each([
  ['a path', ['/key/id']],
  ['another column', ['other_id']],
  ['a column and a path', ['kind', '/key/id']],
])(
  'identify-forget - the row of a visitor of whom a login alone is known is cleared where calls name their primary key by %s',
  async (_what, fields) => {
    await using k = await start();
    const call = { destination: 'memory', table: 'own', primary_key_fields: fields };
    const ids = (id: string) => ({ event_id: id, other_id: id, kind: 'page', key: { id } });
    const event = (id: string, user: object) => ({ ...ids(id), user: { anonymous_id: 'v', ...user } });
    const users = () => [...k.memory.rows('own').values()].map(row => row.user_id ?? row.user_email ?? '-');
    await k.call('identify', { ...call, event: event('1', { id: 'u', email: 'u@x' }) });
    await k.recognition.idle();
    const forgotten = await k.call('identify-forget', { value: 'u', rows: 'clear' });
    expect(forgotten).toMatchObject({ visitors: 1, rows: 1, events: 0 });
    expect(users()).toEqual(['-']);
    // By a login that was undone as well, and by one of a call that named the key otherwise.
    await k.call('identify', { ...call, event: event('2', { id: 'u' }) });
    await k.call('identify-undo', { anonymous_id: 'v' });
    await k.call('identify', { destination: 'memory', event: event('3', { id: 'w' }) });
    expect(await k.call('identify-forget', { value: 'u', rows: 'clear' })).toMatchObject({ rows: 2 });
    expect(users()).toEqual(['-', '-']);
  },
);

test('identify-forget - calls that are not finished are told, and nothing is cleared while the warehouse is away', async () => {
  await using k = await start();
  await k.identify(page('1', 'v'));
  await k.identify(page('2', 'v', { email: 'a@x' }));
  k.memory.fault = warehouseAway();
  await k.identify(page('3', 'v'));
  expect((await k.fail('identify-forget', { anonymous_id: 'v', rows: 'clear' })).code).toBe('UNAVAILABLE');
  expect(await k.call('identify-forget', { anonymous_id: 'v' })).toMatchObject({ pending: 1 });
  k.memory.fault = undefined;
  await k.recognition.reconcile(soon());
  expect(await k.call('identify-forget', { anonymous_id: 'v' })).toMatchObject({ events: 1, pending: 0 });
  expect(await k.keeps('.v')).toBe(false);
});

test('identify-forget - a user is found again, and all of it cleared, after the warehouse was away in between', async () => {
  await using k = await start();
  await k.identify(page('1', 'v'));
  await k.identify(page('2', 'v', { email: 'a@x' }));
  k.memory.fault = warehouseAway();
  expect((await k.fail('identify-forget', { value: 'a@x', rows: 'clear' })).code).toBe('UNAVAILABLE');
  k.memory.fault = undefined;
  const again = await k.call('identify-forget', { value: 'a@x', rows: 'clear' });
  expect(again).toMatchObject({ visitors: 1, changes: 1, rows: 2 });
  expect(await k.keeps('a@x')).toBe(false);
  expect(k.rows('1', '2')).toEqual(['- -', '- -']);
});

test('identify-forget - a user of whom calls were unfinished is found by the second try, with what those calls brought', async () => {
  await using k = await start();
  await k.identify(page('1', 'v'));
  await k.identify(page('2', 'v', { email: 'a@x' }));
  k.memory.fault = warehouseAway();
  await k.identify(page('3', 'v'));
  expect(await k.call('identify-forget', { value: 'a@x' })).toMatchObject({ visitors: 1, pending: 1 });
  k.memory.fault = undefined;
  await k.recognition.reconcile(soon());
  // Nobody is known by it any more.
  expect(k.rows('3')).toEqual(['- -']);
  const again = await k.call('identify-forget', { value: 'a@x' });
  expect(again).toMatchObject({ visitors: 1, events: 1, pending: 0 });
  expect([await k.keeps('.v'), await k.keeps('a@x')]).toEqual([false, false]);
});

test('identify-forget - the second try of a user, after one that broke off, finds the dead letters of their anonymous events', async () => {
  await using k = await start();
  await k.identify(page('1', 'v', {}, { bad: true }), page('2', 'v', { email: 'a@x' }));
  const { erase } = k.nats.kv;
  k.nats.kv.erase = async (call, erased) => {
    if (erased.bucket === 'recognition_dead') throw new PackError('UNAVAILABLE', 'gone for a moment');
    return await erase(call, erased);
  };
  await k.fail('identify-forget', { value: 'a@x' });
  k.nats.kv.erase = erase;
  const again = await k.call('identify-forget', { value: 'a@x' });
  expect(again).toMatchObject({ visitors: 1, dead_letters: 1 });
  expect(await k.keeps('.v')).toBe(false);
});

/** Subject, headers and value of all that NATS has stored. */
async function storedTexts(url: string): Promise<string[]> {
  await using official = await connectOfficial(url);
  const texts: string[] = [];
  for await (const { config, state } of official.jsm.streams.list()) {
    for (let seq = state.first_seq; seq <= state.last_seq; seq += 1) {
      const message = await official.jsm.streams.getMessage(config.name, { seq }).catch(() => null);
      const headers = [...(message?.header ?? [])].map(([name, values]) => `${name}: ${values.join()}`);
      if (message) texts.push([message.subject, ...headers, message.string()].join('\n'));
    }
  }
  return texts;
}

test('identify-forget - who wrote of somebody goes with them, and calls in the log stay without their name and without what callers said of themselves', async () => {
  await using k = await start(true);
  const principal = { ...EVERYTHING, name: 'ops' };
  const as = (of: string) => ({
    principal,
    by: { host: `host-${of}`, flow: `flow-${of}`, node: `node-${of}` },
  });
  for (const [who, bad] of [
    ['ann', true],
    ['ben', false],
  ] as const) {
    const identify = (...events: object[]) => k.call('identify', { destination: 'memory', events }, as(who));
    await k.call('identify-forget', { value: `${who}@X.ORG`, destination: 'memory' }, as(who));
    await identify(page(`${who}1`, `${who}-phone`), page(`${who}2`, `${who}-phone`, {}, { bad }));
    await identify(page(`${who}3`, `${who}-phone`, { email: `${who}@x.org` }));
    await k.call('identify-undo', { anonymous_id: `${who}-phone` }, as(who));
    const filter = `default.memory.${who}-phone.*`;
    await k.call('kv-key-purge', { bucket: 'anonymous_events', filter }, as(who));
    await identify(page(`${who}4`, `${who}-phone`, { email: `${who}@x.org` }));
  }
  await k.recognition.idle();
  const about = async (who: string) =>
    (await storedTexts(k.server.url)).filter(text => text.toLowerCase().includes(who)).length;
  const [{ entries: before }, ofBen] = [await k.call('admin-log-list', {}), await about('ben')];
  expect([await about('ann-phone'), await about('node-ann')].every(count => count > 1)).toBe(true);

  const receipt = await k.call('identify-forget', { value: 'ann@x.org' }, as('dpo'));
  expect(receipt).toMatchObject({ visitors: 1, log_entries: 2 });
  await k.recognition.idle();
  expect([await about('ann-phone'), await about('ann@x.org')]).toEqual([0, 0]);
  expect(await about('ben')).toBe(ofBen);
  const { entries } = await k.call('admin-log-list', {});
  const [own, ...others] = entries as unknown as Logged[];
  expect(own).toMatchObject({ action: 'identify-forget', input: {}, by: as('dpo').by });
  const ofAnn = (one: Logged) => JSON.stringify(one.input).includes('ann-phone');
  const [named, unnamed] = [true, false].map(is =>
    (before as unknown as Logged[]).filter(one => ofAnn(one) === is),
  );
  const changed = named?.map(one => ({
    ...one,
    by: { key: 'ops' },
    input: {},
    revision: expect.any(Number),
  }));
  expect(named).toHaveLength(2);
  expect(new Set(others)).toEqual(new Set([...(changed ?? []), ...(unnamed ?? [])]));
});

test('identify-forget - a destination that nobody knows and nothing is kept of is told, not taken for a visitor who left nothing', async () => {
  await using k = await start();
  const unknown = { anonymous_id: 'v', destination: 'nope' };
  expect((await k.fail('identify-forget', unknown)).code).toBe('DESTINATION_NOT_FOUND');
});
