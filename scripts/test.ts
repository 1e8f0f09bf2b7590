/**
 * What `npm test` runs: jest on the sources as they are, and at the very end one line with the counts of tests:
 * `N passed, N failed`. Arguments go to jest: `npm test -- tests/functions`.
 *
 * Under CI=true a few files that failed are run a second time, alone: a server that got no processor for seconds, with
 * another file's browser beside it, is not a fault of the change. What passes only then is named in the last lines.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { failedFiles, type Results, type SecondRun, summary } from './test-summary.ts';

/** More files than this do not fail for want of time. */
const MOST_SECOND_RUNS = 3;

const root = join(import.meta.dirname, '..');
const folder = await mkdtemp(join(tmpdir(), 'kvflow-test-'));
try {
  // Many tests run real servers: more than two at a time only get into each other's way.
  const results = await runJest('results.json', ['--maxWorkers=2', ...process.argv.slice(2)]);
  const second = await runAgain(results);
  const { lines, passed } = summary(results, second);
  process.exitCode = passed ? 0 : 1;
  console.log(lines.join('\n'));
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function runAgain(results: Results | undefined): Promise<SecondRun | undefined> {
  const files = results ? failedFiles(results) : [];
  if (process.env.CI !== 'true' || files.length === 0 || files.length > MOST_SECOND_RUNS) return undefined;
  console.error(`Failed, and run once more by itself:\n${files.join('\n')}`);
  const again = await runJest('second.json', ['--runInBand', '--runTestsByPath', ...files]);
  return again && { files, results: again };
}

/** Undefined: jest did not come to its end. */
async function runJest(output: string, more: string[]): Promise<Results | undefined> {
  const file = join(folder, output);
  const args = [
    // jest needs it to load ES modules.
    '--experimental-vm-modules',
    '--no-warnings',
    join(root, 'node_modules/jest/bin/jest.js'),
    '--workerThreads=false',
    '--json',
    `--outputFile=${file}`,
    ...more,
  ];
  // With --json jest prints its whole JSON on stdout, which is in the file already; people read stderr.
  const jest = spawn(process.execPath, args, { cwd: root, stdio: ['inherit', 'ignore', 'inherit'] });
  const forward = (signal: NodeJS.Signals): void => void jest.kill(signal);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, forward);
  await once(jest, 'exit');
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, forward);
  const text = await readFile(file, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as Results);
}
