import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, expect, test } from '@jest/globals';
import { createQuarantine } from '../../../runtime/sandbox/host/quarantine.ts';
import type { Sandbox } from '../../../runtime/sandbox/sandbox.ts';
import { eventually } from '../../support/eventually.ts';
import { PATIENCE } from '../../support/patience.ts';
import { whileAlive } from '../../support/while-alive.ts';
import { memoryStore, openSandbox, runner, single } from './support.ts';

const sandbox = openSandbox();
const run = runner(sandbox);
afterAll(() => sandbox.close());

/** As soon as it has one: on a busy machine a process takes its time to start. */
const workerOf = async (box: Sandbox, namespace: string): Promise<number> => {
  for (let i = 0; i < 2_000; i++) {
    const found = box.workers().find(worker => worker.namespace === namespace);
    if (found) return found.pid;
    await pause(10);
  }
  throw new Error(`no worker for ${namespace}`);
};
const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

test('sandbox - a worker killed in the middle of a batch loses no event, and counts none twice', async () => {
  const store = memoryStore(3);
  const script =
    'await new Promise(r => setTimeout(r, 5)); const n = (await $kv.get("k")) ?? 0; await $kv.set("k", n + 1); return {i: $.i, n}';
  const call = run(
    script,
    Array.from({ length: 60 }, (_, i) => ({ i })),
    { kv: store.kv, namespace: 'killed' },
  );
  const pid = await workerOf(sandbox, 'killed');
  while (store.counts.gets === 0) await pause(1);
  expect(sandbox.stats().underWay).toBeGreaterThan(0);
  process.kill(pid, 'SIGKILL');
  const { results } = await call;
  expect(sandbox.stats().underWay).toBe(0);
  expect(results.map(({ events: [event] }) => event)).toEqual(
    Array.from({ length: 60 }, (_, i) => ({ i, n: i })),
  );
  expect(store.read('k')).toBe(60);
  expect(sandbox.stats().killed.ended).toBeGreaterThan(0);
});

test('sandbox - the culprit alone fails, the others of its batch run again', async () => {
  const { results } = await run(
    'if ($.i === 7) for (;;); return $',
    Array.from({ length: 20 }, (_, i) => ({ i })),
    { timeoutMs: 200 * PATIENCE },
  );
  expect(results.filter(({ outcome }) => outcome === 'ok')).toHaveLength(19);
  expect(results[7]?.error).toMatchObject({ code: 'SCRIPT_TIMEOUT' });
});

test('sandbox - the culprit of a full heap is found among others', async () => {
  const script =
    'await null; if ($.i === 3) { const all = []; for (;;) all.push(new Array(1e5).fill($.i)) } return $';
  const { results } = await run(
    script,
    Array.from({ length: 6 }, (_, i) => ({ i })),
    // Its memory ends it, however slow the machine is.
    { timeoutMs: 30_000 },
  );
  expect(results.map(({ outcome }) => outcome)).toEqual(['ok', 'ok', 'ok', 'error', 'ok', 'ok']);
  expect(results[3]?.error?.code).toBe('SCRIPT_OUT_OF_MEMORY');
});

test('sandbox - a script that keeps killing its worker is refused for a while, and says so', async () => {
  await using own = openSandbox({ quarantineMs: 600_000 });
  const go = (script: string) => runner(own)(script, [{}], { timeoutMs: 100 });
  for (let i = 0; i < 3; i++) await go('for (;;);');
  const { killed } = own.stats();
  expect(single(await go('for (;;);'))).toMatchObject({
    code: 'RATE_LIMITED',
    limit: 'parked',
    retry_after_ms: expect.any(Number),
    message: expect.stringMatching(/was not run: .*\(SCRIPT_TIMEOUT\) and is refused for \d+ more seconds/),
  });
  expect(own.stats()).toMatchObject({ killed, quarantined: 1 });
  const other = runner(own)('return {other: 1}');
  expect(single(await other)).toEqual({ other: 1 });
  let time = 0;
  const { strike, refusal } = createQuarantine(700, () => time);
  for (let i = 0; i < 3; i++) strike('for (;;);', 'SCRIPT_TIMEOUT');
  time = 699;
  expect(refusal('for (;;);')).toMatchObject({ limit: 'parked', retry_after_ms: 1 });
  time = 700;
  expect(refusal('for (;;);')).toBeUndefined();
});

test('sandbox - a worker serves one tenant and is ended, not handed over', async () => {
  await using own = openSandbox({ maxWorkers: 1 });
  const go = (namespace: string) => own.run({ script: 'return $', events: [{}], namespace });
  await go('a');
  const first = await workerOf(own, 'a');
  await go('b');
  const second = await workerOf(own, 'b');
  expect(second).not.toBe(first);
  await eventually(() => expect(alive(first)).toBe(false));
});

test('sandbox - other tenants are answered while one hangs', async () => {
  await run('return $', [{}], { namespace: 'calm' });
  const { bad } = await whileAlive(1_500, async ms => {
    let hangs = true;
    const bad = run('for (;;);', [{}], { namespace: `wild.${ms}`, timeoutMs: ms }).then(result => {
      hangs = false;
      return result;
    });
    for (let i = 0; i < 10; i++)
      expect(single(await run('return {i: $.i}', [{ i }], { namespace: 'calm' }))).toEqual({ i });
    expect(hangs).toBe(true);
    return { bad };
  });
  expect(single(await bad)).toMatchObject({ code: 'SCRIPT_TIMEOUT' });
});

test('sandbox - memory returns: a worker that grew is replaced when idle', async () => {
  await using own = openSandbox({ memoryMb: 256 });
  const grow =
    'const keep = []; for (let i = 0; i < 100; i++) keep.push(new Uint8Array(2e6).fill(1)); return {n: keep.length}';
  const growing = runner(own)(grow, [{}], { namespace: 'big', timeoutMs: 5_000 * PATIENCE });
  // It may be gone as soon as the call is answered.
  const pid = await workerOf(own, 'big');
  expect(single(await growing)).toEqual({ n: 100 });
  const recycled = async () => {
    await runner(own)('return $', [{}], { namespace: 'big' });
    expect(own.stats().recycled).toBeGreaterThan(0);
  };
  await eventually(recycled, { every: 100 });
  await eventually(() => expect(alive(pid)).toBe(false));
});

test('sandbox - an idle worker ends', async () => {
  await using own = openSandbox({ idleMs: 100 });
  await runner(own)('return $');
  const pid = await workerOf(own, 'test');
  await eventually(() => expect(alive(pid)).toBe(false));
});

test('sandbox - a call can be ended early', async () => {
  const controller = new AbortController();
  const before = sandbox.stats().events;
  const running = run(
    'if ($.wait) await new Promise(() => {}); return $',
    [{ wait: false }, { wait: true }],
    { signal: controller.signal, timeoutMs: 30_000 },
  );
  await eventually(() => expect(sandbox.stats().events).toBe(before + 1), { within: 20_000 });
  controller.abort();
  const { results } = await running;
  expect(results[0]?.outcome).toBe('ok');
  expect(results[1]?.error?.code).toBe('TIMEOUT');
});

test('sandbox - close answers calls under way and leaves no process', async () => {
  const own = openSandbox();
  const call = runner(own)('await new Promise(() => {})', [{}], { timeoutMs: 5000 });
  const pid = await workerOf(own, 'test');
  await own.close();
  expect(single(await call)).toMatchObject({ code: 'UNAVAILABLE' });
  expect(alive(pid)).toBe(false);
  await expect(runner(own)('return $')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
});

test('sandbox - thousands of events and several calls at once', async () => {
  const events = Array.from({ length: 3000 }, (_, i) => ({ i, pad: 'x'.repeat(500) }));
  const calls = await Promise.all([1, 2, 3].map(k => run('return {i: $.i}', events, { variables: { k } })));
  for (const { results } of calls)
    expect(results.map(({ events: [event] }) => event?.i)).toEqual(events.map(({ i }) => i));
});

test('sandbox - events larger than a frame', async () => {
  const big = 'é'.repeat(400_000);
  const { results } = await run('return {n: $.big.length, big: $.big}', Array(5).fill({ big }));
  expect(results.every(({ events: [event] }) => event?.n === 400_000 && event.big === big)).toBe(true);
});

test('sandbox - it says which layers are active', () => {
  const layers = sandbox.layers();
  expect(layers.find(({ name }) => name === 'process')?.active).toBe(true);
  if (process.platform === 'linux') expect(layers.find(({ name }) => name === 'nofile')?.active).toBe(true);
});
