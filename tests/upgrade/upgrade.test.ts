/** Data of the build before, made by make-fixture.ts, is opened by this one and has all that was in it. */
import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Place } from '../runtime/transports/cli/kvflow-process.ts';
import { makePlace } from '../runtime/transports/cli/kvflow-process.ts';
import { eventually } from '../support/eventually.ts';

/** Builds, and whether theirs has flows, a warehouse of kvflow's own and what was amended in it. */
const BUILDS = [
  { build: 'build-2026-11-25', hasMore: false },
  { build: 'build-2026-11-29', hasMore: true },
];
const later = { type: 'sqlite', table: 'events', primary_key_fields: ['event_id'], query: true };

let place: Place;
let url: string;
let facts: { key: string; first: number };

describe.each(BUILDS)('$build', ({ build, hasMore }) => {
  beforeAll(async () => {
    place = await makePlace();
    execFileSync('tar', ['xzf', join(import.meta.dirname, `${build}.tgz`), '-C', place.path]);
    facts = JSON.parse(await readFile(join(place.path, 'facts.json'), 'utf8'));
    // The warehouse that was out of reach is there now.
    await writeFile(join(place.path, 'kvflow.yaml'), JSON.stringify({ destinations: { later } }));
    ({ url } = await place.start({ env: hasMore ? {} : { KVFLOW_FLOWS: 'off' } }));
  }, 60_000);

  afterAll(async () => await place?.[Symbol.asyncDispose]());

  test('upgrade - an API key of the build before is taken, and none is not', async () => {
    expect(await call('kv-bucket-list', {}, '')).toMatchObject({ error: { code: 'UNAUTHENTICATED' } });
    const { buckets } = await data('kv-bucket-list', {});
    expect((buckets as { bucket: string }[]).map(({ bucket }) => bucket)).toEqual(
      expect.arrayContaining(['plain', 'coded', 'lasting', 'transform_kv', 'transform_scripts']),
    );
  });

  test('upgrade - items, history, markers, times to live and counters are as they were, and are written on', async () => {
    const bucket = 'plain';
    expect(await data('kv-bucket-info', { bucket })).toMatchObject({
      history: 5,
      metadata: { owner: 'fixture' },
    });
    const { items } = await data('kv-key-history', { bucket, key: 'versions' });
    expect((items as { value: string }[]).map(({ value }) => value).sort()).toEqual(['one', 'three', 'two']);
    expect(await data('kv-key-get', { bucket, key: 'json', json: true })).toMatchObject({
      value: { a: [1, { b: null }] },
    });
    expect(await data('kv-key-get', { bucket, key: 'bytes' })).toMatchObject({
      value: 'AP8=',
      encoding: 'base64',
    });
    expect(await call('kv-key-get', { bucket, key: 'gone' })).toMatchObject({
      error: { details: { operation: 'delete' } },
    });
    const lasting = await data('kv-key-get', { bucket: 'lasting', key: 'a' });
    expect(Date.parse(String(lasting.expires_at))).toBeGreaterThan(Date.parse('2100-01-01'));
    expect(await data('kv-key-increment', { bucket, key: 'counter' })).toMatchObject({ value: 8 });
    expect(await data('kv-key-get', { bucket: 'coded', key: 'ключ .a b' })).toMatchObject({ value: 'x' });
  });

  test('upgrade - stored scripts keep their versions and scripts their state', async () => {
    const event = { n: 1 };
    const run = { event, script_id: 'stored' };
    expect(await data('transform', run)).toMatchObject({ events: [{ n: 1, version: 2 }] });
    expect(await data('transform', { ...run, script_version: facts.first })).toMatchObject({
      events: [{ version: 1 }],
    });
    const read = { event, script: 'return { seen: await $kv.get("seen") }', namespace: 'tenant' };
    expect(await data('transform', read)).toMatchObject({ events: [{ seen: 41 }] });
  });

  test('upgrade - remembered events are recognized, and what was pending is loaded once its warehouse is back', async () => {
    const event = { event_id: 'e3', user: { anonymous_id: 'visitor', id: 'user-1' } };
    const { recognized, events } = await data('identify', { event, lookback_minutes: 52_560_000 });
    expect(recognized).toBe(2);
    expect((events as { event_id: string }[]).map(({ event_id }) => event_id).sort()).toEqual([
      'e1',
      'e2',
      'e3',
    ]);
    // Older keys have no right to tables, which came later; a new one is taken up by the running server.
    const { stdout } = await place.run(['keys', 'add', 'analyst', '--tables', '*']);
    const query = { destination: 'later', sql: "SELECT event_id, user_id FROM events WHERE event_id = 'p1'" };
    await eventually(
      async () => {
        const { data: found } = await call('warehouse-query', query, keyIn(stdout));
        expect(found).toMatchObject({ rows: [['p1', 'user-7']] });
      },
      { within: 30_000, every: 200 },
    );
  }, 60_000);

  if (hasMore) {
    test('upgrade - rows that were amended in the warehouse of kvflow are set back by what was written down', async () => {
      const undo = { anonymous_id: 'buyer', destination: 'embedded' };
      expect(await data('identify-undo', undo)).toMatchObject({ restored: 1, forgotten: 1 });
      const { stdout } = await place.run(['keys', 'add', 'reader', '--tables', '*']);
      const query = {
        // The same file: what is configured without one is in the data directory too.
        destination: 'later',
        sql: "SELECT event_id, user_id FROM events WHERE event_id LIKE 'w_' ORDER BY event_id",
      };
      await eventually(
        async () => {
          const { data: found } = await call('warehouse-query', query, keyIn(stdout));
          expect(found).toMatchObject({
            rows: [
              ['w1', null],
              ['w2', 'user-9'],
            ],
          });
        },
        { within: 30_000, every: 200 },
      );
    });

    test('upgrade - flows run as they were deployed', async () => {
      const { stdout } = await place.run(['keys', 'add', 'flows', '--flows']);
      const headers = { authorization: `Bearer ${keyIn(stdout)}` };
      await eventually(
        async () => {
          const response = await fetch(`${url}/flows/http/fixture`, { headers });
          expect([response.status, await response.text()]).toEqual([200, 'three']);
        },
        { within: 60_000, every: 200 },
      );
    }, 90_000);
  }
});

async function data(name: string, input: object): Promise<Record<string, unknown>> {
  const { data, error } = await call(name, input);
  if (!data) throw new Error(`${name}: ${JSON.stringify(error)}`);
  return data;
}

async function call(name: string, input: object, key = facts.key) {
  const response = await fetch(`${url}/functions/${name}/invocations`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(key && { authorization: `Bearer ${key}` }) },
    body: JSON.stringify(input),
  });
  return (await response.json()) as { data?: Record<string, unknown>; error?: Record<string, unknown> };
}

/** The API key that a command says. */
function keyIn(stdout: string): string {
  return /kvflow_\S+|[\w-]{32,}/.exec(stdout)?.[0] ?? '';
}
