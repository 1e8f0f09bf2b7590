/**
 * What `npm test` runs: jest on the sources as they are, and at the very end one line with the counts of tests:
 * `N passed, N failed`. Arguments go to jest: `npm test -- tests/functions`.
 *
 * What fails once has failed: nothing is run a second time. A busy machine is met by patience, see patience.ts.
 *
 * Ctrl-C ends jest and every server that a test has started, at once.
 */
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { endMarked } from './marked-processes.ts';
import { patienceOf } from './patience.ts';
import { dataFolder } from './test-data.ts';
import { type Results, summary } from './test-summary.ts';

/** Beyond that, disk and memory are what files wait for. */
const MAX_WORKERS = 8;

/** How long it may take to end what was started. */
const END_WITHIN_MS = 4_000;
/** Everything that a run starts has it in its environment. */
const MARK = { name: 'KVFLOW_TEST_RUN', value: randomUUID() };

const PATIENCE = { KVFLOW_TEST_PATIENCE: String(patienceOf(process.env)) };

/**
 * nats-server gathers what it no longer uses when five times as much is there as was in use, not twice: those of tests have a few
 * MiB in use, and did so again and again, for a fifth of their time. It keeps all processors, as users' servers do: on one it does less at the
 * same moment, and tests would see less.
 */
const SELDOM = { GOGC: process.env.GOGC ?? '400' };

/** Processes that tests ended write their compiled code until they are gone. */
const GONE = { recursive: true, force: true, maxRetries: 20, retryDelay: 100 };

const root = join(import.meta.dirname, '..');
const folder = await mkdtemp(join(tmpdir(), 'kvflow-test-'));
const data = await dataFolder(folder);
let jest: ChildProcess | undefined;
// Before jest is there: a signal that nobody takes ends this process alone.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void end());
try {
  const { lines, passed } = summary(await runJest());
  process.exitCode = passed ? 0 : 1;
  console.log(lines.join('\n'));
} finally {
  await removeFolders();
}

/**
 * How many files run at once: of two processors a third is idle while two files wait for their servers; a fourth would only get
 * into the others' way. KVFLOW_TEST_WORKERS says otherwise.
 */
function workers(): number {
  return Number(process.env.KVFLOW_TEST_WORKERS) || Math.min(MAX_WORKERS, availableParallelism() + 1);
}

/** Undefined: jest did not come to its end. */
async function runJest(): Promise<Results | undefined> {
  const file = join(folder, 'results.json');
  const args = [
    '--no-warnings',
    join(root, 'node_modules/jest/bin/jest.js'),
    '--workerThreads=false',
    '--json',
    `--outputFile=${file}`,
    `--maxWorkers=${workers()}`,
    ...process.argv.slice(2),
  ];
  // With --json jest prints its whole JSON on stdout, which is in the file already; people read stderr.
  // Tests start hundreds of processes of the same code: each compiles only what none did before.
  const compiled = { NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? join(folder, 'compiled') };
  const places = { KVFLOW_TEST_DATA: data, KVFLOW_TEST_BUNDLES: join(folder, 'bundles') };
  const env = { ...process.env, ...PATIENCE, ...SELDOM, ...compiled, ...places, [MARK.name]: MARK.value };
  jest = spawn(process.execPath, args, { cwd: root, env, stdio: ['inherit', 'ignore', 'inherit'] });
  const ends = once(jest, 'exit');
  const [code] = await ends;
  const text = await readFile(file, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : endedBy(code, JSON.parse(text) as Results);
}

/** Where files run in jest's own process, an error behind the last test ends it, whatever it has written of them. */
function endedBy(code: number | null, results: Results): Results {
  if (code === 0 || !results.success) return results;
  return { ...results, success: false, numRuntimeErrorTestSuites: results.numRuntimeErrorTestSuites + 1 };
}

/** Whatever the tests were in the middle of: nothing of it is to be kept. */
async function end(): Promise<void> {
  jest?.kill('SIGKILL');
  await endMarked(MARK.name, MARK.value, END_WITHIN_MS);
  await removeFolders();
  process.exit(130);
}

async function removeFolders(): Promise<void> {
  await Promise.all([rm(folder, GONE), rm(data, GONE)]);
}
