import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { PackError } from '../../../contract/errors.ts';
import { takeLock } from '../../../runtime/locks/lock-file.ts';
import { openNats } from '../../../runtime/nats/open.ts';
import type { DestinationSettings } from '../../../runtime/warehouses/destination-kind.ts';
import { createDestinations } from '../../../runtime/warehouses/destinations.ts';
import { nextVersion, within } from '../../suites/warehouse/subject.ts';
import { startNats } from '../../support/nats.ts';

/** Destinations on a NATS and a data directory of their own. */
async function open(destinations: Record<string, DestinationSettings> = {}) {
  const nats = await startNats();
  const joined = openNats({ servers: [nats.url] }, { info: () => undefined, warn: () => undefined });
  await joined.joined;
  const dataDir = await mkdtemp(join(tmpdir(), 'kvflow-destinations-'));
  const make = () => createDestinations({ destinations, kv: joined.kv, dataDir, takeLock });
  const made = make();
  return {
    destinations: made,
    make,
    [Symbol.asyncDispose]: async () => {
      await made.close();
      await joined.close();
      await nats[Symbol.asyncDispose]();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

const target = { table: 'events', primaryKeyFields: ['event_id'] };
const event = (id: string) => ({ event: { event_id: id, n: 1 }, version: nextVersion() });

test('destinations - the embedded warehouse is there by itself, and keeps its data', async () => {
  await using it = await open();
  expect(it.destinations.names).toEqual(['embedded']);
  const embedded = await it.destinations.open('embedded');
  expect(embedded).toMatchObject({ ...target, name: 'embedded', type: 'sqlite' });
  expect(await embedded.load(within(), target, [event('a')])).toEqual([undefined]);
  // Another process may have it open as well.
  const other = await it.make().open('embedded');
  expect(await other.load(within(), target, [event('b')])).toEqual([undefined]);
  await it.destinations.close();
  const rows = await other.read(within(), target, [{ event_id: 'a' }, { event_id: 'b' }]);
  expect(rows.map(row => row?.n)).toEqual([1, 1]);
  await (other as unknown as { close(): Promise<void> }).close();
});

test('destinations - a data directory that holds a PGlite warehouse keeps it, which one process at a time has open', async () => {
  await using it = await open({ asked: { type: 'pglite' } });
  const asked = await it.destinations.open('asked');
  expect(await asked.load(within(), target, [event('a')])).toEqual([undefined]);
  const other = it.make();
  const embedded = await other.open('embedded');
  expect(embedded.type).toBe('pglite');
  await expect(embedded.load(within(), target, [event('b')])).rejects.toMatchObject({
    code: 'UNAVAILABLE',
    message: expect.stringContaining('one at a time'),
  });
  await it.destinations.close();
  expect(await embedded.load(within(), target, [event('b')])).toEqual([undefined]);
  const rows = await embedded.read(within(), target, [{ event_id: 'a' }, { event_id: 'b' }]);
  expect(rows.map(row => row?.n)).toEqual([1, 1]);
  await other.close();
});

test('destinations - one that is not there is named with those that are', async () => {
  await using it = await open({ warehouse: { type: 'postgres', url: 'postgres://127.0.0.1:1/x' } });
  for (const name of ['gone', '__proto__', 'toString']) {
    const error = await it.destinations.open(name).catch((thrown: PackError) => thrown);
    expect(error).toMatchObject({
      code: 'DESTINATION_NOT_FOUND',
      details: { destinations: ['embedded', 'warehouse'] },
    });
  }
});

test('destinations - one that is away keeps no other from working, and opens without it', async () => {
  await using it = await open({
    away: { type: 'postgres', url: 'postgres://u:p@127.0.0.1:1/x', table: 't', primaryKeyFields: ['id'] },
    wrong: { type: 'postgres', url: 'nonsense' },
  });
  const away = await it.destinations.open('away');
  const failing = away.load(within(), target, [event('a')]).catch((error: PackError) => error.code);
  const embedded = await it.destinations.open('embedded');
  expect(await embedded.load(within(), target, [event('a')])).toEqual([undefined]);
  expect(await failing).toBe('UNAVAILABLE');
  await expect(it.destinations.open('wrong')).rejects.toMatchObject({ code: 'WAREHOUSE_ERROR' });
  expect(await it.destinations.open('away')).toBe(away);
});

test('destinations - a destination that is named embedded takes the place of the default', async () => {
  await using it = await open({ embedded: { type: 'postgres', url: 'postgres://127.0.0.1:1/x' } });
  expect(it.destinations.names).toEqual(['embedded']);
  expect((await it.destinations.open('embedded')).type).toBe('postgres');
});
