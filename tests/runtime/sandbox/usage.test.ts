import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import type { CpuMeter } from '../../../runtime/sandbox/host/lane-cpu.ts';
import { createLaneCpu } from '../../../runtime/sandbox/host/lane-cpu.ts';
import { createUsage, DEFAULT_USAGE } from '../../../runtime/sandbox/host/usage.ts';
import { memoryStore, openSandbox, runner } from './support.ts';

const numbered = (count: number) => Array.from({ length: count }, (_, n) => ({ n }));

test('transform usage - a tenant that has used up its minute waits until enough of it came back; others do not', () => {
  let time = 0;
  const { enter } = createUsage({ ...DEFAULT_USAGE, cpuMsPerMinute: 600, kvPerMinute: 60 }, () => time);
  const call = enter('a');
  call.spendCpu(900);
  expect(() => enter('a')).toThrow(
    expect.objectContaining({ code: 'RATE_LIMITED', details: { retry_after_ms: 30_000 } }),
  );
  const other = enter('b');
  other.spendKv(61);
  expect(() => enter('b')).toThrow(/\$kv operations \(60 a minute\)/);
  time = 999;
  expect(() => enter('b')).toThrow(expect.objectContaining({ details: { retry_after_ms: 1 } }));
  time = 1_000;
  enter('b');
  time = 29_999;
  expect(() => enter('a')).toThrow(/processor time/);
  time = 30_000;
  enter('a');
});

test('transform usage - what a tenant has used up is not forgotten for the many that come after it', () => {
  const { enter } = createUsage({ ...DEFAULT_USAGE, cpuMsPerMinute: 600 }, () => 0);
  enter('greedy').spendCpu(900);
  for (let n = 0; n < 2_001; n += 1) enter(`tenant-${n}`);
  expect(() => enter('greedy')).toThrow(expect.objectContaining({ code: 'RATE_LIMITED' }));
});

test('transform usage - the fault comes with the first that passes the bound of a call, not before', () => {
  const call = createUsage({ ...DEFAULT_USAGE, cpuMsPerCall: 100, kvPerCall: 20 }).enter('a');
  expect([call.spendKv(19), call.spendKv(1), call.spendCpu(60), call.spendCpu(40)]).toEqual(
    Array(4).fill(undefined),
  );
  expect(call.spendKv(1)).toMatchObject({ limit: 'call_kv_operations' });
  expect(call.spendCpu(1)).toMatchObject({ limit: 'call_cpu_ms' });
});

test('transform usage - a call that asks $kv for too much ends, with all of its events, and the next is served', async () => {
  await using sandbox = openSandbox({ usage: { kvPerCall: 20 } });
  const run = runner(sandbox);
  const store = memoryStore();
  const script = 'try { await $kv.get("k" + $.n) } catch {} await $kv.set("x" + $.n, 1); return $';
  const { results } = await run(script, numbered(40), { kv: store.kv });
  const faults = results.filter(({ error }) => error?.limit === 'call_kv_operations');
  expect(faults.length).toBeGreaterThan(0);
  expect(faults[0]?.error).toMatchObject({
    code: 'PAYLOAD_TOO_LARGE',
    message: expect.stringContaining('made 20 $kv operations'),
  });
  expect(results.at(-1)?.outcome).toBe('error');
  expect(store.entries.size).toBeLessThanOrEqual(20);
  expect((await run(script, numbered(3), { kv: store.kv })).results.map(({ outcome }) => outcome)).toEqual([
    'ok',
    'ok',
    'ok',
  ]);
});

test('transform usage - a call that uses the processor for too long ends between its events', async () => {
  await using sandbox = openSandbox({ usage: { cpuMsPerCall: 40 } });
  const run = runner(sandbox);
  const spin = 'let sum = 0; for (let i = 0; i < 3e7; i++) sum += i % 7; return { sum }';
  const { results } = await run(spin, numbered(200), { timeoutMs: 20_000 });
  expect(results.at(-1)?.error).toMatchObject({ code: 'PAYLOAD_TOO_LARGE', limit: 'call_cpu_ms' });
  expect((await run('return $', [{ ok: 1 }])).results[0]?.events).toEqual([{ ok: 1 }]);
});

test('transform usage - many short calls use up the minute of their tenant as one long call does', async () => {
  await using sandbox = openSandbox({ usage: { cpuMsPerMinute: 200 } });
  const run = runner(sandbox);
  const spin = 'let sum = 0; for (let i = 0; i < 1e7; i++) sum += i % 7; return { sum }';
  let calls = 0;
  const all = async () => {
    for (; ; calls++) {
      await run(spin, [{}], { tenant: 'a' });
      // The worker has nothing to do when it is looked at.
      await pause(30);
    }
  };
  await expect(all()).rejects.toMatchObject({ code: 'RATE_LIMITED' });
  expect(calls).toBeGreaterThan(0);
  expect((await run('return $', [{ ok: 1 }], { tenant: 'b' })).results[0]?.events).toEqual([{ ok: 1 }]);
});

test('transform usage - what a worker uses is paid for by whom it worked for, to its end', () => {
  let [time, used] = [0, 500 as number | undefined];
  let running: CpuMeter | undefined;
  const cpu = createLaneCpu({ running: () => running, waits: () => false }, () => time);
  const meter = () => {
    const spent: number[] = [];
    return { spent, spend: (ms: number) => void spent.push(ms), close: () => undefined };
  };
  const [a, b, c] = [meter(), meter(), meter()];
  cpu.begin({ cpuMs: () => used });
  cpu.send(a);
  [time, used] = [20, 520];
  cpu.rest();
  // Idle when it is looked at: the last one pays.
  cpu.look();
  used = 540;
  time = 40;
  cpu.send(b);
  running = b;
  [time, used] = [60, 550];
  cpu.look();
  running = undefined;
  used = 570;
  cpu.end();
  cpu.look();
  expect([a.spent, b.spent]).toEqual([
    [20, 20],
    [10, 20],
  ]);
  // Where the system does not say, the clock does; what the worker waits at rest costs nothing.
  [time, used] = [1_000, undefined];
  cpu.begin({ cpuMs: () => used });
  cpu.send(c);
  time = 1_015;
  cpu.rest();
  time = 2_000;
  cpu.look();
  cpu.send(c);
  time = 2_030;
  cpu.end();
  expect(c.spent).toEqual([15, 30]);
});

test('transform usage - what a worker collects at rest of what its start left behind is paid for by nobody, once', () => {
  let [time, used] = [0, 500];
  const cpu = createLaneCpu({ running: () => undefined, waits: () => false }, () => time);
  const spent: number[] = [];
  cpu.begin({ cpuMs: () => used });
  cpu.send({ spend: ms => void spent.push(ms), close: () => undefined });
  const looks = [
    [25, 520],
    [1_025, 550],
    [2_025, 640],
    [3_025, 680],
  ] as const;
  cpu.rest();
  for ([time, used] of looks) cpu.look();
  expect(spent).toEqual([20, 0, 20, 40]);
});
