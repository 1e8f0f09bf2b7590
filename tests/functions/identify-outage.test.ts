/** A warehouse, NATS or kvflow itself that goes away and comes back: nothing is lost. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { PackError } from '../../contract/errors.ts';
import { makePlace } from '../runtime/transports/cli/kvflow-process.ts';
import { eventually } from '../support/eventually.ts';
import { forAll } from '../support/for-all.ts';
import { event, joinIdentifying, postgresAt, startIdentifying } from '../support/identify.ts';
import { postJson } from '../support/post-json.ts';
import { soon } from '../support/soon.ts';
import { memoryDestination, memoryDestinations } from '../support/warehouses/memory.ts';
import { onServer, startPostgres } from '../support/warehouses/postgres.ts';

const postgres = forAll(() => startPostgres(), 60_000);

const A = { id: 'u1', email: 'a@b.com' };
test('identify - a warehouse that is down: events are kept, the answer says so, and they are completed', async () => {
  await using k = await startIdentifying(postgresAt(await postgres.database('down')));
  await k.identify([event('e1', 'v')]);
  await postgres.stop();
  try {
    const kept = await k.identify([event('e2', 'v'), event('e3', 'v', A), event('e4', 'w')]);
    expect(kept).toMatchObject({ loaded: 0, failed: [], pending: { events: 3 } });
    expect(['UNAVAILABLE', 'TIMEOUT']).toContain(kept.pending?.code);
    expect(kept.pending?.message).toMatch(/[.?!] The events are kept/);
    expect(await k.recognition.pending(soon())).toEqual(new Map([['warehouse', 1]]));
    expect(await k.recognition.reconcile(soon())).toEqual({ finished: 0, left: 1 });
  } finally {
    await postgres.start();
  }
  await eventually(async () => expect((await k.recognition.reconcile(soon())).left).toBe(0));
  expect(await k.identities(['e1', 'e2', 'e3', 'e4'])).toEqual({
    e1: 'u1/a@b.com',
    e2: 'u1/a@b.com',
    e3: 'u1/a@b.com',
    e4: '-/-',
  });
}, 60_000);

test('identify - a warehouse that never answers keeps no other waiting', async () => {
  const [stuck, good] = [memoryDestination('stuck'), memoryDestination('good')];
  const { promise: never, reject } = Promise.withResolvers<never>();
  never.catch(() => undefined);
  stuck.load = () => never;
  good.fault = new PackError('UNAVAILABLE', 'away');
  await using k = await startIdentifying(postgresAt('postgres://unused'), {
    destinations: memoryDestinations(stuck, good),
  });
  const kept = k.call('identify', { destination: 'good', event: event('e1', 'v') });
  expect(await kept).toMatchObject({ pending: { events: 1 } });
  good.fault = undefined;
  void k.invoke('identify', { destination: 'stuck', event: event('e1', 'v') });
  await using other = joinIdentifying([k.server.url], postgresAt('postgres://unused'), {
    destinations: memoryDestinations(stuck, good),
  });
  await eventually(async () => expect((await k.recognition.pending(soon())).get('stuck')).toBe(1));
  const look = other.recognition.reconcile(soon());
  await eventually(async () => expect(good.row('events', 'e1')).toBeDefined());
  // The next look finds the other destination busy, and ends.
  expect(await other.recognition.reconcile(soon())).toMatchObject({ finished: 0 });
  reject(new PackError('UNAVAILABLE', 'ended'));
  await look;
});

test('identify - NATS restarts in the middle of calls: repeated by the caller or finished by the reconciler, none is lost', async () => {
  await using k = await startIdentifying(postgresAt(await postgres.database('nats_restart')));
  const visitors = Array.from({ length: 60 }, (_, i) => `v${i}`);
  const send = async (events: ReturnType<typeof event>[]) => {
    await eventually(
      async () => {
        const answer = await k.invoke('identify', { destination: 'warehouse', events }, { timeoutMs: 5_000 });
        if (!('error' in answer)) return;
        expect(answer.error).toMatchObject({ code: 'UNAVAILABLE', retryable: true });
        throw new Error('once more');
      },
      { within: 30_000 },
    );
  };
  let next = 0;
  const lane = async () => {
    for (let v = visitors[next++]; v; v = visitors[next++]) {
      await send([event(`${v}-1`, v)]);
      await send([event(`${v}-2`, v, A)]);
      if (v === 'v20') {
        await k.server.stop('SIGKILL');
        await k.server.start();
      }
    }
  };
  await Promise.all([lane(), lane(), lane(), lane()]);
  await eventually(async () => expect((await k.recognition.reconcile(soon())).left).toBe(0), {
    within: 20_000,
  });
  const ids = visitors.map(v => `${v}-1`);
  expect(await k.identities(ids)).toEqual(Object.fromEntries(ids.map(id => [id, 'u1/a@b.com'])));
}, 90_000);

test('kvflow start - finishes in the background what was kept, and counts it on /metrics after a restart too', async () => {
  const url = await postgres.database('served');
  await using place = await makePlace();
  const config = {
    users_recognition: { reconcile_after_sec: 1 },
    destinations: { warehouse: { type: 'postgres', url, table: 'events', primary_key_fields: ['event_id'] } },
  };
  await writeFile(join(place.path, 'kvflow.yaml'), JSON.stringify(config));
  const identify = async (at: string, events: object[]) => {
    const answer = await postJson(`${at}/functions/identify/invocations`, {
      destination: 'warehouse',
      events,
    });
    return ((await answer.json()) as { data: Record<string, unknown> }).data;
  };
  const metrics = async (at: string) => await (await fetch(`${at}/metrics`)).text();
  const first = await place.start();
  expect(await metrics(first.url)).not.toContain('kvflow_recognition');
  expect(await identify(first.url, [event('e1', 'v')])).toMatchObject({ loaded: 1 });
  await postgres.stop();
  expect(await identify(first.url, [event('e2', 'v', A)])).toMatchObject({ pending: { events: 1 } });
  const text = await metrics(first.url);
  expect(text).toContain('kvflow_recognition_pending{destination="warehouse"} 1');
  expect(text).toContain('kvflow_recognition_events_total{destination="warehouse"} 2');
  expect(text).toContain('kvflow_recognition_identified_total{destination="warehouse"} 1');
  first.child.kill('SIGTERM');
  expect((await first.ended).code).toBe(0);
  const second = await place.start();
  await eventually(async () =>
    expect(await metrics(second.url)).toContain('kvflow_recognition_pending{destination="warehouse"} 1'),
  );
  await postgres.start();
  await eventually(
    async () => {
      const rows = await onServer(url, async client => (await client.query('SELECT * FROM events')).rows);
      expect(rows.map(({ event_id, user_id }) => [event_id, user_id]).sort()).toEqual([
        ['e1', 'u1'],
        ['e2', 'u1'],
      ]);
    },
    { within: 30_000 },
  );
  await eventually(async () => expect(await metrics(second.url)).not.toContain('recognition_pending{'));
  second.child.kill('SIGTERM');
  expect((await second.ended).code).toBe(0);
}, 90_000);

test('kvflow start - USER_RECOGNITION_ENABLED=false: identify says what to change', async () => {
  await using place = await makePlace();
  const env = { USER_RECOGNITION_ENABLED: 'false' };
  const ended = await place.run(['invoke', 'identify', '{"event": {}}'], { env });
  expect(ended.code).not.toBe(0);
  expect(ended.stdout + ended.stderr).toContain('USER_RECOGNITION_ENABLED=true');
}, 30_000);
