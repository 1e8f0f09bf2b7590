import { expect, test } from '@jest/globals';
import manifest from '../../manifest.json' with { type: 'json' };
import { isFailure } from '../../runtime/core/envelope.ts';
import { calls } from '../support/calls.ts';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import { heardOfAll } from '../support/heard-of-all.ts';
import type { TestKvflow } from '../support/kvflow.ts';
import { joinNats, startWithServer } from '../support/kvflow.ts';
import type { TestNats } from '../support/nats.ts';
import { startNats } from '../support/nats.ts';
import { PATIENCE } from '../support/patience.ts';

const bucket = 'b';

const INPUTS: Record<string, Record<string, unknown>> = {
  'kv-bucket-create': { bucket: 'new' },
  'kv-bucket-list': {},
  'kv-key-put': { bucket, key: 'lost', value: 'x' },
  'kv-key-get': { bucket, key: 'a' },
  'kv-key-list': { bucket },
};

for (const [name, input] of Object.entries(INPUTS)) {
  test(`${name} - with NATS away answers UNAVAILABLE within the deadline and works again by itself`, async () => {
    await using k = await startWithServer();
    await warmUp(k);
    await k.server.stop();
    // A write that was sent just before the end was noticed has an unknown outcome; a read never has.
    if (!annotations(name).readOnly) await eventually(() => expect(k.nats.connected()).toBe(false));
    // The last one is held for the time a restart takes, not until its deadline.
    for (const timeoutMs of name === 'kv-key-put' ? [300, 10_000 * PATIENCE] : [300]) {
      const started = Date.now();
      const error = await k.fail(name, input, { timeoutMs });
      expect(error).toMatchObject({ status_code: 503, code: 'UNAVAILABLE', retryable: true });
      expect(Date.now() - started).toBeLessThan(Math.min(timeoutMs + 1_000 * PATIENCE, 5_000 * PATIENCE));
    }
    await k.server.start();
    await eventually(() => k.call(name, input, { timeoutMs: 1_000 }));
  });

  test(`${name} - with NATS hanging answers at the deadline: a read UNAVAILABLE, a write TIMEOUT, retryable if idempotent`, async () => {
    await using k = await startWithServer();
    await warmUp(k);
    await hang(k);
    const started = Date.now();
    const error = await k.fail(name, input, { timeoutMs: 500 });
    const took = Date.now() - started;
    k.server.resume();
    const { idempotent, readOnly } = annotations(name);
    const expected = readOnly
      ? { status_code: 503, code: 'UNAVAILABLE', retryable: true }
      : { status_code: 504, code: 'TIMEOUT', retryable: idempotent };
    expect(error).toMatchObject(expected);
    expect(took).toBeGreaterThanOrEqual(490);
    expect(took).toBeLessThan(500 + 1_500 * PATIENCE);
    await eventually(() => k.call(name, input));
  });

  test(`${name} - works when NATS starts after kvflow`, async () => {
    const port = await freePort();
    await using k = joinNats({ servers: [`nats://127.0.0.1:${port}`] });
    const early = await k.fail(name, input, { timeoutMs: 200 });
    expect(early).toMatchObject({ status_code: 503, code: 'UNAVAILABLE' });
    const waiting = calls.create(k, { bucket }, { timeoutMs: 5_000 }).catch(() => undefined);
    await using _server = await startNats({ port });
    await waiting;
    await eventually(() => warmUp(k));
    await k.call(name, input);
  });
}

test('kv-key-put - a write that failed while NATS was away is never made later', async () => {
  await using k = await startWithServer();
  await warmUp(k);
  await k.server.stop('SIGKILL');
  const putMany = () =>
    Array.from({ length: 20 }, (_, i) =>
      k.fail('kv-key-put', { bucket, key: `lost.${i}`, value: 'x' }, { timeoutMs: 300 }),
    );
  // Not noticed yet: sent, or thought to be.
  const codes = new Set((await Promise.all(putMany())).map(({ code }) => code));
  expect(['UNAVAILABLE', 'TIMEOUT']).toEqual(expect.arrayContaining([...codes]));
  await eventually(() => expect(k.nats.connected()).toBe(false));
  for (const error of await Promise.all(putMany())) expect(error.code).toBe('UNAVAILABLE');
  await k.server.start();
  await eventually(() => calls.put(k, { bucket, key: 'after', value: 'x' }, { timeoutMs: 1_000 }));
  expect((await calls.list(k, { bucket })).items.map(({ key }) => key)).toEqual(['a', 'after']);
});

test('kv-key-put - over restarts every acknowledged write is there and every refused one is not', async () => {
  await using k = await startWithServer();
  await calls.create(k, { bucket });
  const outcome = new Map<string, string>();
  let done = false;
  const writer = async (name: number) => {
    for (let i = 0; !done; i++) {
      const key = `${name}.${i}`;
      const envelope = await k.invoke('kv-key-put', { bucket, key, value: key }, { timeoutMs: 100 });
      outcome.set(key, isFailure(envelope) ? envelope.error.code : 'stored');
    }
  };
  const writers = [1, 2, 3, 4].map(writer);
  for (let round = 0; round < 3; round++) {
    await eventually(() => expect(count('stored')).toBeGreaterThan(round * 200 + 50));
    await k.server.stop(round % 2 ? 'SIGTERM' : 'SIGKILL');
    const refused = count('UNAVAILABLE');
    await eventually(() => expect(count('UNAVAILABLE')).toBeGreaterThan(refused));
    await k.server.start();
    const stored = count('stored');
    await eventually(() => expect(count('stored')).toBeGreaterThan(stored + 100));
  }
  done = true;
  await Promise.all(writers);
  expect(new Set(outcome.values())).not.toContain('INTERNAL');
  const wrong: string[] = [];
  for (const [key, how] of outcome) {
    if (how !== 'stored' && how !== 'UNAVAILABLE') continue;
    const found = await k.invoke('kv-key-get', { bucket, key });
    if ((found.status_code === 200) !== (how === 'stored')) wrong.push(`${key}: ${how}`);
  }
  expect(wrong).toEqual([]);

  function count(how: string): number {
    return [...outcome.values()].filter(each => each === how).length;
  }
});

test('kv-key-put - a conditional write that hangs is made once at most', async () => {
  await using k = await startWithServer();
  await calls.create(k, { bucket, history: 10 });
  const { revision } = await calls.put(k, { bucket, key: 'a', value: 'first' });
  await hang(k);
  const write = { bucket, key: 'a', value: 'second', expected_revision: revision };
  const hung = await k.fail('kv-key-put', write, { timeoutMs: 300 });
  expect(hung.code).toBe('TIMEOUT');
  k.server.resume();
  const again = await k.fail('kv-key-put', write);
  expect(again).toMatchObject({
    code: 'REVISION_CONFLICT',
    details: { current_revision: revision + 1 },
  });
  expect(await calls.get(k, { bucket, key: 'a' })).toMatchObject({ value: 'second', revision: revision + 1 });
});

async function warmUp(k: TestKvflow): Promise<void> {
  await calls.create(k, { bucket });
  await calls.put(k, { bucket, key: 'a', value: 'x' });
}

/** Stops the server from answering, and waits until it does not; the bucket is known by then. */
async function hang(k: TestKvflow & { server: TestNats }): Promise<void> {
  await heardOfAll(k);
  await calls.get(k, { bucket, key: 'a' });
  k.server.pause();
  await eventually(async () => {
    const envelope = await k.invoke('kv-key-get', { bucket, key: 'a' }, { timeoutMs: 50 });
    expect(envelope.status_code).toBe(503);
  });
}

function annotations(name: string): { idempotent: boolean; readOnly: boolean } {
  const found = manifest.functions.find(fn => fn.name === name);
  if (!found) throw new Error(`no function ${name}`);
  return found.annotations;
}
