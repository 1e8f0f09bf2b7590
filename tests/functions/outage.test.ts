import { expect, test } from '@jest/globals';
import manifest from '../../manifest.json' with { type: 'json' };
import { isFailure } from '../../runtime/core/envelope.ts';
import { calls } from '../support/calls.ts';
import { eventually } from '../support/eventually.ts';
import type { TestKvflow } from '../support/kvflow.ts';
import { joinNats, startKvflow } from '../support/kvflow.ts';
import { freePort, startNats } from '../support/nats.ts';

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
    await using k = await startKvflow();
    await warmUp(k);
    await k.server.stop();
    for (const timeoutMs of [300, 1_000, 10_000]) {
      const started = Date.now();
      const error = await k.fail(name, input, { timeoutMs });
      expect(error).toMatchObject({ status_code: 503, code: 'UNAVAILABLE', retryable: true });
      expect(Date.now() - started).toBeLessThan(timeoutMs + 1_000);
    }
    await k.server.start();
    await eventually(() => k.call(name, input, { timeoutMs: 1_000 }));
  });

  test(`${name} - with NATS hanging answers TIMEOUT at the deadline, retryable if idempotent`, async () => {
    await using k = await startKvflow();
    await warmUp(k);
    k.server.pause();
    const started = Date.now();
    const error = await k.fail(name, input, { timeoutMs: 500 });
    const took = Date.now() - started;
    k.server.resume();
    const { idempotent } = annotations(name);
    expect(error).toMatchObject({ status_code: 504, code: 'TIMEOUT', retryable: idempotent });
    expect(took).toBeGreaterThanOrEqual(490);
    expect(took).toBeLessThan(2_000);
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

test('kv-key-put - a write that was refused while NATS was away is never made later', async () => {
  await using k = await startKvflow();
  await warmUp(k);
  await k.server.stop('SIGKILL');
  const puts = Array.from({ length: 20 }, (_, i) =>
    k.fail('kv-key-put', { bucket, key: `lost.${i}`, value: 'x' }, { timeoutMs: 300 }),
  );
  const errors = await Promise.all(puts);
  // Right after the end of the server some may have been under way: their outcome is unknown, and they say so.
  expect(errors.filter(({ code }) => code === 'UNAVAILABLE').length).toBeGreaterThan(0);
  await k.server.start();
  await eventually(() => calls.put(k, { bucket, key: 'after', value: 'x' }, { timeoutMs: 1_000 }));
  const refused = errors.flatMap(({ code }, i) => (code === 'UNAVAILABLE' ? [`lost.${i}`] : []));
  const { items } = await calls.list(k, { bucket });
  expect(items.map(({ key }) => key).filter(key => refused.includes(key))).toEqual([]);
});

test('kv-key-put - over restarts every acknowledged write is there and every refused one is not', async () => {
  await using k = await startKvflow();
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
  await using k = await startKvflow();
  await calls.create(k, { bucket, history: 10 });
  const { revision } = await calls.put(k, { bucket, key: 'a', value: 'first' });
  k.server.pause();
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

function annotations(name: string): { idempotent: boolean } {
  const found = manifest.functions.find(fn => fn.name === name);
  if (!found) throw new Error(`no function ${name}`);
  return found.annotations;
}
