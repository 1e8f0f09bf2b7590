/** What kvflow.yaml says of recognition and of a destination reaches the warehouse, in a kvflow that runs as users run it. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import { makePlace } from '../runtime/transports/cli/kvflow-process.ts';
import { forAll } from '../support/for-all.ts';
import { postJson } from '../support/post-json.ts';

const table = { type: 'sqlite', primary_key_fields: ['event_id'], query: true };
const YAML = {
  users_recognition: {
    timestamp_node: '/meta/when',
    user_agent_node: '/device/agent',
    normalize: ['/user/id=lower'],
  },
  destinations: {
    plain: { ...table, table: 'plain' },
    clear: { ...table, table: 'clear', nulls: 'clear' },
    snake: { ...table, table: 'snake', naming: 'snake' },
    exact: { ...table, table: 'exact', naming: 'exact' },
    refuse: { ...table, table: 'refuse', misfits: 'refuse' },
    told: { ...table, table: 'told', misfits: 'refuse', rejected_table: 'rejected' },
    columns: { ...table, table: 'columns', misfits_by_column: { strict: 'refuse', wide: 'widen' } },
  },
};

interface Answer {
  loaded: number;
  skipped: { bots: number };
  failed: { index: number; code: string; details?: { column?: string } }[];
}

let url: string;

const place = forAll(() => makePlace(), 60_000);

beforeAll(async () => {
  await writeFile(join(place.path, 'kvflow.yaml'), JSON.stringify(YAML));
  ({ url } = await place.start());
}, 60_000);

async function call(name: string, input: unknown): Promise<unknown> {
  const response = await postJson(`${url}/functions/${name}/invocations`, input);
  const { data, error } = (await response.json()) as { data?: unknown; error?: object };
  if (error) throw new Error(JSON.stringify(error));
  return data;
}

async function load(destination: string, ...events: object[]): Promise<Answer> {
  return (await call('identify', { destination, events })) as Answer;
}

async function rows(destination: string, sql: string): Promise<unknown> {
  return ((await call('warehouse-query', { destination, sql })) as { rows: unknown }).rows;
}

async function columns(destination: string): Promise<string[]> {
  const names = (await rows(
    destination,
    `SELECT name FROM pragma_table_info('${destination}')`,
  )) as string[][];
  return names.flat();
}

test.each([
  ['plain', ['pageview', 'in__']],
  ['snake', ['page_view', 'in__']],
  ['exact', ['pageview', 'in €']],
])('kvflow.yaml - naming of the destination %s names its columns', async (destination, names) => {
  await load(destination, { event_id: 'a', pageView: 1, 'in €': 2 });
  expect(await columns(destination)).toEqual(expect.arrayContaining(names));
});

test('kvflow.yaml - misfits says what becomes of a value that does not fit', async () => {
  const [fits, misfit] = [
    { event_id: 'a', n: 1 },
    { event_id: 'b', n: 'text' },
  ];
  expect(await load('refuse', fits)).toMatchObject({ loaded: 1, failed: [] });
  const refused = await load('refuse', misfit, { event_id: 'c', n: 3 });
  expect(refused).toMatchObject({ loaded: 1, failed: [{ index: 0, details: { column: 'n' } }] });
  // Without a word of it the event is stored, and the value is kept beside its row.
  await load('plain', fits);
  expect(await load('plain', misfit)).toMatchObject({ loaded: 1, failed: [] });
  expect(await rows('plain', `SELECT n, _unmapped LIKE '%text%' FROM plain WHERE event_id = 'b'`)).toEqual([
    [null, 1],
  ]);
});

test('kvflow.yaml - misfits_by_column says it of single columns', async () => {
  await load('columns', { event_id: 'a', strict: 1, wide: 1, other: 1 });
  const { failed } = await load('columns', { event_id: 'b', strict: 'x' });
  expect(failed).toMatchObject([{ index: 0, details: { column: 'strict' } }]);
  expect(await load('columns', { event_id: 'c', wide: 'y', other: 'z' })).toMatchObject({ failed: [] });
  expect(await rows('columns', `SELECT wide, other FROM columns WHERE event_id = 'c'`)).toEqual([
    ['y', null],
  ]);
});

test('kvflow.yaml - timestamp_node and user_agent_node say where to look, and nothing else is looked at', async () => {
  const at = (second: number) => ({ meta: { when: new Date(Date.UTC(2026, 0, 1, 0, 0, second)) } });
  const page = (event_id: string, user: object, more: object) => ({
    event_id,
    user: { anonymous_id: 'v', ...user },
    ...more,
  });
  await load('plain', page('later', { id: 'u2' }, at(20)));
  await load('plain', page('earlier', { id: 'u1' }, { ...at(10), timestamp: '2026-01-01T00:00:50Z' }));
  await load('plain', page('after', {}, at(30)));
  expect(await rows('plain', `SELECT user_id FROM plain WHERE event_id = 'after'`)).toEqual([['u2']]);
  const agent = 'Googlebot/2.1 (+http://www.google.com/bot.html)';
  const { skipped } = await load(
    'plain',
    page('bot', {}, { device: { agent } }),
    page('no-bot', {}, { user_agent: agent }),
  );
  expect(skipped.bots).toBe(1);
});

test('kvflow.yaml - nulls says what null does, and normalize which ids are the same', async () => {
  const visit = (event_id: string, user: object, more: object = {}) => ({
    event_id,
    user: { anonymous_id: 'n', ...user },
    ...more,
  });
  await load('clear', visit('a', { id: 'U1' }, { n: 1 }));
  await load('clear', visit('b', { id: 'u1', email: 'a@x' }), visit('a', { id: null }, { n: null }));
  expect(await rows('clear', `SELECT n, user_id, user_email FROM clear WHERE event_id = 'a'`)).toEqual([
    [null, 'U1', 'a@x'],
  ]);
});

test('kvflow.yaml - the metrics count the dead letters of a destination, until they are dropped', async () => {
  const count = async (destination: string) => {
    const text = await (await fetch(`${url}/metrics`)).text();
    const line = new RegExp(
      `^kvflow_recognition_dead_letters\\{destination="${destination}"\\} (\\d+)$`,
      'm',
    );
    return line.exec(text)?.[1];
  };
  await load('refuse', { event_id: 'm', m: 1 });
  await call('identify-dead-drop', { destination: 'refuse' });
  expect(await count('refuse')).toBeUndefined();
  await load('refuse', { event_id: 'm1', m: 'x' }, { event_id: 'm2', m: 'y' }, { event_id: 'm3', m: 2 });
  await load('refuse', { event_id: 'm1', m: 'x' });
  expect(await count('refuse')).toBe('2');
  await call('identify-dead-drop', { destination: 'refuse' });
  expect(await count('refuse')).toBeUndefined();
});

test('rejected_table - a dead letter is a row of it too, one however often its event comes, and stays when the letter goes', async () => {
  const before = new Date().toISOString();
  await load('told', { event_id: 'a', n: 1 });
  const refused = { event_id: 'b', n: 'x', nested: { list: [1, 'é'] } };
  for (let times = 0; times < 2; times++)
    expect(await load('told', refused, { event_id: 'c', n: 2 })).toMatchObject({ loaded: 1 });
  await call('identify-dead-drop', { destination: 'told' });
  const sql =
    'SELECT event_table, code, column_name, event, rejected_at, rejected_by, message FROM rejected ORDER BY letter';
  const [[table, code, column, event, at, by, message] = [], ...more] = (await rows(
    'told',
    sql,
  )) as string[][];
  expect([table, code, column, more]).toEqual(['told', 'WAREHOUSE_ERROR', 'n', []]);
  expect(JSON.parse(event ?? '')).toEqual(refused);
  expect(Date.parse(at ?? '')).toBeGreaterThanOrEqual(Date.parse(before));
  expect([by, message]).toEqual([expect.stringMatching(/./), expect.stringMatching(/./)]);
});
