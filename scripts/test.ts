/**
 * What `npm test` runs: jest on the sources as they are, and at the very end one line with the counts of tests:
 * `N passed, N failed`. Arguments go to jest: `npm test -- tests/functions`.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The parts of jest's JSON that are counted. */
interface Results {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  /** Suites that did not even load: none of their tests was counted. */
  numRuntimeErrorTestSuites: number;
}

const root = join(import.meta.dirname, '..');
const folder = await mkdtemp(join(tmpdir(), 'kvflow-test-'));
try {
  const output = join(folder, 'results.json');
  process.exitCode = await runJest(output);
  console.log(summary(await readResults(output)));
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function runJest(output: string): Promise<number> {
  const args = [
    // jest needs it to load ES modules.
    '--experimental-vm-modules',
    '--no-warnings',
    join(root, 'node_modules/jest/bin/jest.js'),
    // Many tests run real servers: more than two at a time only get into each other's way.
    '--maxWorkers=2',
    '--workerThreads=false',
    '--json',
    `--outputFile=${output}`,
    ...process.argv.slice(2),
  ];
  // With --json jest prints its whole JSON on stdout, which is in the file already; people read stderr.
  const jest = spawn(process.execPath, args, { cwd: root, stdio: ['inherit', 'ignore', 'inherit'] });
  const forward = (signal: NodeJS.Signals): void => void jest.kill(signal);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, forward);
  const [code] = (await once(jest, 'exit')) as [number | null];
  return code ?? 1;
}

async function readResults(output: string): Promise<Results | undefined> {
  const text = await readFile(output, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as Results);
}

function summary(results: Results | undefined): string {
  if (!results) return '0 passed, 1 failed';
  const { numPassedTests, numFailedTests, numPendingTests, numRuntimeErrorTestSuites } = results;
  const skipped = numPendingTests > 0 ? `${numPendingTests} skipped\n` : '';
  return `${skipped}${numPassedTests} passed, ${numFailedTests + numRuntimeErrorTestSuites} failed`;
}
