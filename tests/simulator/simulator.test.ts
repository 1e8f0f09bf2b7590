/** Some runs of the simulator, and that it finds a fault which is put in; `npm run simulate` has as many runs as one likes. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { seedOf } from '../support/seed.ts';

const MAIN = join(import.meta.dirname, 'main.ts');
const RUNS = 24;

test('simulator - steps, appends, conditional writes, commits, locks, queues, listings, watches and identify hold over lost, late, doubled and false answers', async () => {
  const seed = seedOf('KVFLOW_SIMULATE_SEED');
  console.info(`simulator: seed ${seed}`);
  const { stdout } = await simulate([RUNS, seed]);
  expect(stdout).toContain(', 0 failed');
}, 120_000);

test('simulator - finds steps that are taken twice, and a seed gives the same run again', async () => {
  const found = async () => (await simulate([3, 5], { KVFLOW_SIMULATE_FAULT: '1' })).stdout.split(' in ')[0];
  const first = await found();
  expect(first).toContain('doubled: n is ');
  expect(await found()).toBe(first);
}, 60_000);

test('simulator - a seed gives the same run alone and after others', async () => {
  const last = async (args: number[]) => (await simulate(args)).stdout.split('the last is ')[1];
  const alone = await last([1, 6]);
  expect(alone).toMatch(/^[0-9a-f]{12}-[0-9a-f]{12}$/m);
  expect(await last([4, 3])).toBe(alone);
}, 60_000);

test.each([1_002_785, 1_005_332, 1_005_851, 2_000_479])(
  'simulator - seed %i: a new item that a former leader refuses over itself is not pushed again after others took it and were done with it',
  async seed => {
    expect((await simulate([1, seed])).stdout).toContain(', 0 failed');
  },
  60_000,
);

async function simulate(args: number[], env: Record<string, string> = {}): Promise<{ stdout: string }> {
  const run = promisify(execFile)(process.execPath, ['--no-warnings', MAIN, ...args.map(String)], {
    env: { ...process.env, ...env },
  });
  // Code 1: it found something, which is in what it said.
  return await run.catch((error: { stdout: string }) => error);
}
