/** What a call or an undo would change is told as it then comes about, and nothing is changed by asking. */
import { expect, test } from '@jest/globals';
import { withMemory } from '../support/identify-memory.ts';
import { soon } from '../support/soon.ts';

const at = (second: number) => ({ timestamp: new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString() });
const page = (event_id: string, user: object = {}, more: object = {}) => ({
  event_id,
  user: { anonymous_id: 'v', ...user },
  ...more,
});

interface Preview {
  loads: number;
  visitors: { anonymous_id: string; before: { value: string }[]; after: { value: string }[] }[];
  rows: { key: Record<string, string>; old: Record<string, string>; new: Record<string, string> }[];
  rows_total: number;
}

async function start() {
  const k = await withMemory();
  const preview = async (input: object) =>
    (await k.call('identify-preview', { destination: 'memory', ...input })) as unknown as Preview;
  const table = () => JSON.stringify([...k.memory.rows('events')].sort());
  /** Everything that recognition keeps. */
  const state = async () => {
    await k.recognition.idle();
    const kept: unknown[] = [table()];
    for (const bucket of ['anonymous_events', 'recognition_audit', 'recognition_pending'])
      kept.push(await k.nats.kv.keys(soon(), bucket, '>'));
    return kept;
  };
  /** Changes nothing, and comes about. */
  const holds = async (planned: Preview, act: () => Promise<unknown>) => {
    await act();
    for (const { key, new: now } of planned.rows) {
      const row = k.memory.row('events', key.event_id ?? '') ?? {};
      expect({ key, ...Object.fromEntries(Object.keys(now).map(name => [name, row[name] ?? null])) }).toEqual(
        { key, ...now },
      );
    }
  };
  return { ...k, preview, state, holds };
}

test('identify-preview - a login is planned: who the visitor is, and which rows change', async () => {
  await using k = await start();
  await k.identify([page('1'), page('2'), { event_id: '3', user: { anonymous_id: 'other' } }]);
  const before = await k.state();
  const login = page('4', { id: 'u', email: 'u@x' });
  const planned = await k.preview({ events: [login] });
  expect(await k.state()).toEqual(before);
  expect(planned).toMatchObject({ loads: 1, rows_total: 2, visitors: [{ anonymous_id: 'v', before: [] }] });
  expect(planned.visitors[0]?.after.map(({ value }) => value)).toEqual(['u', 'u@x']);
  expect(planned.rows[0]).toMatchObject({
    old: { user_id: null },
    new: { user_id: 'u', user_email: 'u@x' },
  });
  await k.holds(planned, () => k.identify([login]));
  expect(await k.preview({ events: [login] })).toMatchObject({ visitors: [], rows_total: 0 });
});

test('identify-preview - rows that would go to another user are planned, and those of an undo', async () => {
  await using k = await start();
  await k.identify([page('1', {}, at(5)), page('2', {}, at(12))]);
  await k.identify([page('3', { id: 'u2', email: 'u2@x' }, at(10))]);
  const before = await k.state();
  const late = page('4', { id: 'u1' }, at(3));
  const planned = await k.preview({ event: late });
  expect(planned.rows).toMatchObject([
    {
      key: { event_id: '1' },
      old: { user_id: 'u2', user_email: 'u2@x' },
      new: { user_id: 'u1', user_email: null },
    },
  ]);
  const undo = await k.preview({ undo: 'v', limit: 1 });
  expect(undo).toMatchObject({ rows_total: 2, visitors: [{ after: [] }] });
  expect(undo.rows).toHaveLength(1);
  expect(await k.state()).toEqual(before);
  await k.holds(planned, () => k.identify([late]));
  await k.holds(await k.preview({ undo: 'v' }), () => k.call('identify-undo', { anonymous_id: 'v' }));
  expect(await k.preview({ undo: 'v' })).toMatchObject({ rows_total: 0 });
});
