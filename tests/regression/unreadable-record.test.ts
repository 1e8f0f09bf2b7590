/**
 * A record that cannot be read costs itself alone, and is named: one that was damaged on disk, at which the server ends a batch of
 * direct gets, and one that a newer kvflow wrote in a form of its own.
 */
import { cp, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { headers } from '@nats-io/transport-node';
import { exportLines } from '../../runtime/core/bulk-export.ts';
import { importLines } from '../../runtime/core/bulk-import.ts';
import { bucketOf, madeBucket } from '../functions/kv.ts';
import { eventually } from '../support/eventually.ts';
import { joinNats, startWithServer } from '../support/kvflow.ts';
import { startServerWithOfficial, startWithOfficial } from '../support/with-official.ts';

const COUNT = 300;
const KEYS = Array.from({ length: COUNT }, (_, index) => `k.${index}`);
const DAMAGED = ['k.0', 'k.120', 'k.121', 'k.299'];

for (const history of [1, 3]) {
  test(`an unreadable record, history ${history} - reads of many keys answer all others and name it`, async () => {
    await using k = await startWithServer();
    const bucket = await madeBucket(k, 'b', { history });
    await bucket.putMany(KEYS.map(key => ({ key, value: `value of ${key}.` })));
    await k.server.stop();
    const file = join(k.server.store, '$G', 'streams', 'KV_b', 'msgs', '1.blk');
    for (const key of DAMAGED) await damage(file, `value of ${key}.`);
    await k.server.start();
    const asked = ['never.written', ...KEYS];
    for (const consistent of [false, true]) {
      const { items, missing, unreadable } = await bucket.getMany(asked, { consistent });
      expect(items).toHaveLength(COUNT - DAMAGED.length);
      expect(items.filter(({ key, value }) => value !== `value of ${key}.`)).toEqual([]);
      expect({ missing, unreadable }).toEqual({ missing: ['never.written'], unreadable: DAMAGED });
      expect(await bucket.getMany(['k.120', 'nothing'], { consistent })).toMatchObject({
        items: [],
        missing: ['nothing'],
        unreadable: ['k.120'],
      });
    }
    expect((await bucket.list({ limit: 1000 })).items).toHaveLength(COUNT - DAMAGED.length);
    expect((await bucket.export()).records).toHaveLength(COUNT - DAMAGED.length);
  });
}

for (const history of [1, 3]) {
  test(`a record of a later form, history ${history} - is named and refused, and all others are answered`, async () => {
    await using k = await startWithOfficial();
    const bucket = await madeBucket(k, 'b', { history });
    const later = headers();
    later.set('Kvflow-Form', '2');
    await k.official.nc.request('$KV.b.a', 'a');
    await k.official.nc.request('$KV.b.later', 'later', { headers: later, timeout: 5_000 });
    await k.official.nc.request('$KV.b.z', 'z');
    const named = { unreadable: ['later'] };
    const refused = { code: 'UNSUPPORTED', message: expect.stringMatching(/Key "later".* newer kvflow/) };
    const others = [{ key: 'a' }, { key: 'z' }];
    expect(await bucket.fail('kv-key-get', { key: 'later' })).toMatchObject(refused);
    expect(await bucket.fail('kv-key-increment', { key: 'later' })).toMatchObject({ code: 'UNSUPPORTED' });
    for (const consistent of [false, true]) {
      const many = await bucket.getMany(['a', 'later', 'z', 'none'], { consistent });
      expect(many).toMatchObject({ items: others, missing: ['none'], ...named });
    }
    for (const include_values of [true, false])
      expect(await bucket.list({ include_values })).toMatchObject({ items: others, ...named });
    expect(await bucket.list({ deleted: true })).toMatchObject({ items: [], ...named });
    const first = await bucket.list({ limit: 1 });
    const second = await bucket.list({ limit: 1, cursor: first.cursor });
    expect([...first.items, ...second.items]).toMatchObject(others);
    expect([...(first.unreadable ?? []), ...(second.unreadable ?? [])]).toEqual(['later']);
    expect(await k.call('kv-key-history', { bucket: 'b', filter: '>' })).toMatchObject({
      items: others,
      ...named,
    });
    for (const past of [false, true])
      expect(await bucket.export({ history: past })).toMatchObject({ records: others, ...named });
    expect((await bucket.watch({ start: 'current' })).events).toMatchObject([
      { key: 'a', value: 'a' },
      { key: 'later', operation: 'put', revision: 2, unreadable: true, size: 5 },
      { key: 'z', value: 'z' },
    ]);
    // What moves or ends many keys does not pass it by in silence.
    expect(await bucket.fail('kv-key-purge', { filter: '>' })).toMatchObject(refused);
    expect(await bucket.fail('kv-key-tree', {})).toMatchObject(refused);
    await bucketOf(k, 'copy').create();
    const lines = async function* () {
      for await (const { text } of exportLines(k.invoke, { bucket: 'b' })) yield* text.trimEnd().split('\n');
    };
    await expect(importLines(k.invoke, lines(), { bucket: 'copy' })).rejects.toThrow(
      /lacks "later".* 2 items were imported/,
    );
  });
}

test('an unreadable record - that was written last does not make a mirror believed that lacks keys', async () => {
  await using k = await startServerWithOfficial();
  const bucket = await madeBucket(k, 'b');
  await k.official.addPartialMirror();
  await k.server.stop();
  const stream = (name: string) => join(k.server.store, '$G', 'streams', name);
  await cp(stream('KV_part'), stream('../empty'), { recursive: true });
  await k.server.start();
  for (const key of ['whole.a', 'part.b', 'whole.z']) await bucket.put(key, `value of ${key}.`);
  await k.server.stop();
  await damage(join(stream('KV_b'), 'msgs', '1.blk'), 'value of whole.z.');
  // A mirror that had all before waits for the damaged record, and answers nothing; one with all yet to come does.
  await rm(stream('KV_part'), { recursive: true });
  await rename(stream('../empty'), stream('KV_part'));
  await k.server.start();
  await eventually(async () => {
    const found = await k.official.nc.request('$JS.API.DIRECT.GET.KV_b.$KV.b.part.b', '', { timeout: 500 });
    expect(found.headers?.get('Nats-Stream')).toBe('KV_part');
  });
  // Each one knows nothing of the mirror, which answers every other time.
  for (let turn = 0; turn < 20; turn++) {
    await using another = joinNats(k.joined);
    expect((await bucketOf(another, 'b').getMany(['whole.a'])).missing).toEqual([]);
  }
});

/** Changes one bit of a value in a block of the stream's file. */
async function damage(file: string, text: string): Promise<void> {
  const at = (await readFile(file)).indexOf(text);
  expect(at).toBeGreaterThan(0);
  await using handle = await open(file, 'r+');
  await handle.write(Buffer.from([text.charCodeAt(0) ^ 1]), 0, 1, at);
}
