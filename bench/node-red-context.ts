// @ts-expect-error It is JavaScript; hosts/node-red/tsconfig.json has it checked.
import context from '../hosts/node-red/context.js';
import type { ContextStore } from '../hosts/node-red/lib/context/types.d.ts';
import { joinNats } from '../tests/support/kvflow.ts';
import { startNats } from '../tests/support/nats.ts';
import { connectOfficial } from '../tests/support/official.ts';
import { serve } from '../tests/support/served.ts';
import type { Figure } from './measure.ts';
import { median, time } from './measure.ts';

const WRITES = 200;

/**
 * Milliseconds until an instance of Node-RED reads from its context store what another has set, over HTTP; against what a watch
 * of the NATS client takes to tell another connection of a put.
 */
export async function nodeRedContext(): Promise<Figure> {
  await using nats = await startNats();
  await using kvflow = joinNats({ servers: [nats.url] });
  await using served = await serve(kvflow);
  const open = async (): Promise<ContextStore> => {
    const store: ContextStore = context({ url: served.url, bucket: 'context' });
    await store.open();
    return store;
  };
  const [one, other] = [await open(), await open()];
  const seen: number[] = [];
  for (let n = 0; n < WRITES; n++) {
    seen.push(
      await time(async () => {
        one.set('flow', 'n', n);
        while (other.get('flow', 'n') !== n) await new Promise(setImmediate);
      }),
    );
  }
  await Promise.all([one.close(), other.close()]);
  const told = await toldByClient(nats.url);
  return { value: median(seen), unit: 'ms', baseline: told, ratio: told / median(seen) };
}

async function toldByClient(url: string): Promise<number> {
  await using writer = await connectOfficial(url);
  await using reader = await connectOfficial(url);
  const kv = await writer.kvm.create('plain');
  const changes = await (await reader.kvm.open('plain')).watch({ include: 'updates' });
  const told = changes[Symbol.asyncIterator]();
  const times: number[] = [];
  for (let n = 0; n < WRITES; n++) {
    times.push(
      await time(async () => {
        await Promise.all([told.next(), kv.put('n', String(n))]);
      }),
    );
  }
  changes.stop();
  return median(times);
}
