import { createRequire, syncBuiltinESMExports } from 'node:module';
import { nuid } from '@nats-io/transport-node';
import type { Random } from '../support/random.ts';
import { createRandom } from '../support/random.ts';

/** Begins again: from here on all that is drawn at random follows from a seed. Answers the numbers of the run. */
export type Chance = (seed: number) => Random;

/** So that ids are drawn apart from what happens: one id more in the product does not give other troubles. */
const IDS = 0x1d5;

/** Takes the place of this process's sources of random numbers, bytes and ids, for good. */
export function installChance(): Chance {
  const ids = createRandom(0);
  const fill = <T extends ArrayBufferView>(view: T): T => {
    const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
    for (let at = 0; at < bytes.length; at++) bytes[at] = ids.below(256);
    return view;
  };
  const randomBytes = (count: number) => fill(Buffer.alloc(count));
  const randomUUID = () => {
    const hex = randomBytes(16).toString('hex');
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`;
  };
  Object.assign(globalThis.crypto, { getRandomValues: fill, randomUUID });
  Object.assign(createRequire(import.meta.url)('node:crypto'), { randomBytes, randomUUID });
  syncBuiltinESMExports();
  return seed => {
    const random = createRandom(seed);
    ids.restart(seed ^ IDS);
    // It counts on from what it draws first.
    Math.random = ids.next;
    nuid.reset();
    Math.random = random.next;
    return random;
  };
}
