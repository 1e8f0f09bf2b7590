/** What is written down for people about calls that cannot be finished yet. */
import { expect, test } from '@jest/globals';
import { PackError } from '../../contract/errors.ts';
import { LOCKS_BUCKET } from '../../contract/own-buckets.ts';
import type { Identifying } from '../support/identify.ts';
import { event, joinIdentifying, postgresAt, startIdentifying } from '../support/identify.ts';
import { soon } from '../support/soon.ts';
import { memoryDestination, memoryDestinations, warehouseAway } from '../support/warehouses/memory.ts';

const UNUSED = postgresAt('postgres://unused');
/** The notes, by what they are about. */
async function notesOf(k: Identifying): Promise<Record<string, Record<string, unknown>>> {
  const range = { bucket: LOCKS_BUCKET, filter: 'wait.>' };
  const { items } = (await k.call('kv-key-list', range)) as unknown as {
    items: { key: string; value: string; expires_at?: string }[];
  };
  return Object.fromEntries(
    items.map(({ key, value, expires_at }) => [
      key.slice('wait.'.length),
      { ...JSON.parse(value), ends: expires_at !== undefined },
    ]),
  );
}

test('identify - a warehouse that is away is noted with tries, reason and the next try; the note goes when it is back', async () => {
  const down = memoryDestination('ware_house');
  await using k = await startIdentifying(UNUSED, { destinations: memoryDestinations(down) });
  await using other = joinIdentifying([k.server.url], UNUSED, { destinations: memoryDestinations(down) });
  down.fault = warehouseAway();
  await k.call('identify', { destination: 'ware_house', event: event('e1', 'v') });
  await k.call('identify', { destination: 'ware_house', event: event('e2', 'v') });
  // No process has tried to finish it yet.
  expect(await k.recognition.reconcile(soon())).toEqual({ finished: 0, left: 2 });
  const before = Date.now();
  // Whichever process tries, the count goes on.
  await other.recognition.reconcile(soon());
  const { ware_house: note, ...entries } = await notesOf(k);
  expect(note).toMatchObject({
    code: 'UNAVAILABLE',
    message: 'The warehouse is out of reach.',
    attempts: expect.any(Number),
    ends: true,
  });
  expect(note?.attempts).toBeGreaterThanOrEqual(2);
  expect(Date.parse(String(note?.tried_at))).toBeGreaterThanOrEqual(before - 1_000);
  expect(Date.parse(String(note?.next_try_at))).toBeGreaterThanOrEqual(Date.parse(String(note?.tried_at)));
  // One that is away is no fault of any entry.
  expect(entries).toEqual({});
  down.fault = undefined;
  expect(await other.recognition.reconcile(soon())).toEqual({ finished: 2, left: 0 });
  expect(await notesOf(k)).toEqual({});
});

test('identify - an entry that cannot be finished is noted by itself, without what is secret', async () => {
  const broken = memoryDestination('broken');
  await using k = await startIdentifying(UNUSED, { destinations: memoryDestinations(broken) });
  broken.fault = warehouseAway();
  await k.call('identify', { destination: 'broken', event: event('e1', 'v') });
  await k.call('identify', { destination: 'broken', event: event('e2', 'v') });
  broken.fault = new PackError(
    'WAREHOUSE_ERROR',
    `no such database: postgres://ada:s3cr/t@x@db.example/events ${'x'.repeat(5_000)}`,
  );
  expect(await k.recognition.reconcile(soon())).toEqual({ finished: 0, left: 2 });
  await k.recognition.reconcile(soon());
  const notes = await notesOf(k);
  const pending = (await k.call('kv-key-list', { bucket: 'recognition_pending' })) as unknown as {
    items: { key: string }[];
  };
  expect(Object.keys(notes).sort()).toEqual(pending.items.map(({ key }) => key).sort());
  for (const note of Object.values(notes)) {
    expect(note).toMatchObject({ attempts: 2, code: 'WAREHOUSE_ERROR' });
    const message = String(note.message);
    expect(message).toContain('postgres://***@db.example/events');
    expect(message).not.toContain('s3cr');
    expect(message.length).toBeLessThan(1_100);
  }
  broken.fault = undefined;
  expect(await k.recognition.reconcile(soon())).toEqual({ finished: 2, left: 0 });
  expect(await notesOf(k)).toEqual({});
});

test('identify - notes that cannot be written keep nothing from being finished', async () => {
  const down = memoryDestination('down');
  await using k = await startIdentifying(UNUSED, { destinations: memoryDestinations(down) });
  down.fault = warehouseAway();
  await k.call('identify', { destination: 'down', event: event('e1', 'v') });
  expect(await k.recognition.reconcile(soon())).toEqual({ finished: 0, left: 1 });
  const before = await notesOf(k);
  expect(before).not.toEqual({});
  // Room for claims, and for no further note; what was made so from the beginning is mended.
  await k.nats.kv.updateBucket(soon(), LOCKS_BUCKET, { max_value_size: 400 });
  down.fault = new PackError('WAREHOUSE_ERROR', 'It is wrong. '.repeat(50));
  expect(await k.recognition.reconcile(soon())).toEqual({ finished: 0, left: 1 });
  expect(await notesOf(k)).toEqual(before);
  down.fault = undefined;
  expect(await k.recognition.reconcile(soon())).toEqual({ finished: 1, left: 0 });
});
