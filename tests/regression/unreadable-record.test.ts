/** A record that was damaged on disk costs itself alone, and is named: the server ends a batch of direct gets at it. */
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { bucketOf } from '../functions/kv.ts';
import { startKvflow } from '../support/kvflow.ts';

const COUNT = 300;
const KEYS = Array.from({ length: COUNT }, (_, index) => `k.${index}`);
const DAMAGED = ['k.0', 'k.120', 'k.121', 'k.299'];

for (const history of [1, 3]) {
  test(`an unreadable record, history ${history} - reads of many keys answer all others and name it`, async () => {
    await using k = await startKvflow();
    const bucket = bucketOf(k, 'b');
    await bucket.create({ history });
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

/** Changes one bit of a value in a block of the stream's file. */
async function damage(file: string, text: string): Promise<void> {
  const at = (await readFile(file)).indexOf(text);
  expect(at).toBeGreaterThan(0);
  await using handle = await open(file, 'r+');
  await handle.write(Buffer.from([text.charCodeAt(0) ^ 1]), 0, 1, at);
}
