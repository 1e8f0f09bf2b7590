import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { commandLine, identify, isRunning } from '../../../runtime/processes/process-identity.ts';
import { until } from '../nats/server/helpers.ts';

const linuxTest = existsSync('/proc/self/stat') ? test : test.skip;

test('identity - of this process is the same every time, and it runs', async () => {
  const self = await identify(process.pid);
  expect(self).toEqual({ pid: process.pid, startedAt: expect.stringMatching(/\d/) });
  expect(await identify(process.pid)).toEqual(self);
  expect(await isRunning({ pid: process.pid, startedAt: self?.startedAt })).toBe(true);
  expect(await isRunning({ pid: process.pid, startedAt: undefined })).toBe(true);
  expect(await commandLine(process.pid)).toContain('jest');
});

test('identity - two processes started one after the other differ, and a process that is gone has none', async () => {
  const child = spawn('sleep', ['60']);
  await once(child, 'spawn');
  const known = await identify(child.pid ?? 0);
  expect(known?.startedAt).not.toBe((await identify(process.pid))?.startedAt);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(await identify(child.pid ?? 0)).toBeUndefined();
});

test('identity - numbers that cannot be a process have none', async () => {
  for (const pid of [0, -1, 1.5, Number.NaN]) expect(await identify(pid)).toBeUndefined();
});

linuxTest('identity - a zombie has none (skipped where there is no /proc)', async () => {
  // The shell becomes a sleep that never asks how its child ended.
  const parent = spawn('sh', ['-c', 'sleep 0.01 & echo $!; exec sleep 60']);
  const [line] = await once(parent.stdout, 'data');
  await until('the child is a zombie', async () => (await identify(Number(line))) === undefined);
  expect(existsSync(`/proc/${Number(line)}`)).toBe(true);
  parent.kill();
  await once(parent, 'exit');
});
