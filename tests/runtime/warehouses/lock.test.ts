import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, test } from '@jest/globals';
import { PackError } from '../../../contract/errors.ts';
import { LOCKS_BUCKET } from '../../../contract/own-buckets.ts';
import type { KvPut } from '../../../runtime/core/ports/writes.ts';
import type { Nats } from '../../../runtime/nats/open.ts';
import { openNats } from '../../../runtime/nats/open.ts';
import { createLocked } from '../../../runtime/warehouses/shared/lock.ts';
import { within } from '../../suites/warehouse/subject.ts';
import { atLast, forAll } from '../../support/for-all.ts';
import { startNats } from '../../support/nats.ts';

let nats: Nats;

const server = forAll(startNats);

beforeAll(async () => {
  nats = openNats({ servers: [server.url] }, { info: () => undefined, warn: () => undefined });
  atLast(() => nats.close());
});

test('lock - work under one name never overlaps, under two it does', async () => {
  const lockers = Array.from({ length: 5 }, () => createLocked(nats.kv));
  let inside = 0;
  let most = 0;
  const work = async () => {
    most = Math.max(most, ++inside);
    await sleep(5);
    inside -= 1;
  };
  await Promise.all(lockers.map(locked => locked(within(), ['w', 'events'], work)));
  expect(most).toBe(1);
  let release = (): void => undefined;
  const held = new Promise<void>(resolve => {
    release = resolve;
  });
  const [first, second] = lockers;
  const waiting = first?.(within(), ['w', 'a'], () => held);
  await second?.(within(), ['w', 'b'], async () => undefined);
  release();
  await waiting;
});

test('lock - a holder that does not let go ends the wait at the deadline, to be tried again', async () => {
  const locked = createLocked(nats.kv);
  const { promise: work, resolve: release } = Promise.withResolvers<void>();
  const entered = Promise.withResolvers<void>();
  const held = locked(within(), ['w', 'held'], () => {
    entered.resolve();
    return work;
  });
  // Of two that ask at once either may have it.
  await entered.promise;
  const waiting = createLocked(nats.kv)(within(300), ['w', 'held'], async () => undefined);
  await expect(waiting).rejects.toMatchObject({ code: 'TIMEOUT', retryable: true });
  release();
  await held;
  await createLocked(nats.kv)(within(), ['w', 'held'], async () => undefined);
});

test('lock - where it can no longer be told whether it was taken, the key tells it', async () => {
  let isFirst = true;
  const kv = {
    ...nats.kv,
    put: async (...args: Parameters<typeof nats.kv.put>) => {
      const written = await nats.kv.put(...args);
      if (!isFirst) return written;
      isFirst = false;
      throw new PackError('TIMEOUT', 'the answer was lost');
    },
  };
  expect(await createLocked(kv)(within(), ['w', 'unknown'], async () => 'done')).toBe('done');
  expect(await createLocked(nats.kv)(within(), ['w', 'unknown'], async () => 'done')).toBe('done');
});

test('lock - work that fails lets go, and the lock ends by itself where its owner was killed', async () => {
  const locked = createLocked(nats.kv);
  const failing = locked(within(), ['w', 'fails'], () => Promise.reject(new Error('no')));
  await expect(failing).rejects.toThrow('no');
  const written: KvPut[] = [];
  const noted = {
    ...nats.kv,
    put: (call: Parameters<typeof nats.kv.put>[0], write: KvPut) => {
      written.push(write);
      return nats.kv.put(call, write);
    },
  };
  await createLocked(noted)(within(), ['w', 'fails'], async () => undefined);
  expect(written).toMatchObject([{ bucket: LOCKS_BUCKET, ttl: 30_000_000_000, expectedRevision: 0 }]);
});

test('lock - an answer that was lost on its way is noticed as its own', async () => {
  let lost = 0;
  const unreliable = {
    ...nats.kv,
    put: async (call: Parameters<typeof nats.kv.put>[0], write: KvPut) => {
      const put = nats.kv.put(call, write);
      if (lost++ > 0) return await put;
      await put;
      throw new PackError('REVISION_CONFLICT', 'the answer to the first attempt was lost');
    },
  };
  expect(await createLocked(unreliable)(within(), ['w', 'lost'], async () => 'done')).toBe('done');
});
