import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { createSandbox, type Sandbox } from '../runtime/sandbox/sandbox.ts';
import type { Figure } from './measure.ts';
import { median, time } from './measure.ts';
import type { PlainWork } from './plain-transform.ts';
import { stage } from './stage.ts';
import { BATCH, EVENTS, NDJSON, SCRIPT, TEXTS } from './transform-events.ts';

const ROUND_MS = 500;
const ROUNDS = 5;

const COLD_ROUNDS = 30;
const TENANT_ROUNDS = 8;
const WARM_POLL_MS = 5;
/** Calls at once. */
const CALLS = 2;

/** Events per second of `work`, which handles one batch, kept busy by `lanes` at once for one round. */
async function rate(work: () => Promise<unknown> | unknown, lanes = 1): Promise<number> {
  const start = performance.now();
  let batches = 0;
  const lane = async (): Promise<void> => {
    for (; performance.now() - start < ROUND_MS; batches++) await work();
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return (batches * BATCH * 1000) / (performance.now() - start);
}

/** Ours and the baseline take turns, so that a busy machine slows both; the median of the ratios counts. */
async function compareRates(ours: () => Promise<number>, baseline: () => Promise<number>): Promise<Figure> {
  const rounds: { ours: number; baseline: number }[] = [];
  for (let i = 0; i < ROUNDS; i++) rounds.push({ ours: await ours(), baseline: await baseline() });
  return {
    value: median(rounds.map(round => round.ours)),
    unit: 'events/s',
    baseline: median(rounds.map(round => round.baseline)),
    ratio: median(rounds.map(round => round.ours / round.baseline)),
  };
}

const batchOf = (sandbox: Sandbox) => () =>
  sandbox.run({ script: SCRIPT, events: EVENTS, namespace: 'bench' });

/**
 * `transform`: batches of 100 events of 1 KB as lines of JSON, through invoke as every host calls it, against the same
 * function in process, JSON in and out. Goal 0.6.
 */
export async function transform(): Promise<Figure> {
  await using s = await stage();
  const work = () => s.call('transform', { script: SCRIPT, ndjson: NDJSON });
  return await againstPlain(() => rate(work, CALLS));
}

/** `transform-values`: the same, with values in and out instead of lines of JSON. */
export async function transformValues(): Promise<Figure> {
  await using s = await stage();
  const work = () => s.call('transform', { script: SCRIPT, events: EVENTS });
  return await againstPlain(() => rate(work, CALLS));
}

async function againstPlain(ours: () => Promise<number>): Promise<Figure> {
  const workerData: PlainWork = { texts: TEXTS, roundMs: ROUND_MS };
  const plain = new Worker(new URL('./plain-transform.ts', import.meta.url), { workerData });
  const baseline = async (): Promise<number> => {
    plain.postMessage('go');
    const [rate] = await once(plain, 'message');
    return rate;
  };
  await ours();
  await baseline();
  const figure = await compareRates(ours, baseline);
  await plain.terminate();
  return figure;
}

/** `transform-peer`: against one event at a time over stdio to a vm2 process. Goal 20. */
export async function transformPeer(): Promise<Figure> {
  const sandbox = createSandbox();
  const work = batchOf(sandbox);
  const peer = startPeer();
  await rate(work, CALLS);
  const baseline = async (): Promise<void> => {
    for (const event of EVENTS) await peer.execute(event);
  };
  const figure = await compareRates(
    () => rate(work, CALLS),
    () => rate(baseline),
  );
  peer.child.kill();
  await sandbox.close();
  return figure;
}

/**
 * `transform-cold`: ms of the first event of a script never seen, with a warm worker, against a later event of the same
 * script. Goal: at most 8 times as long.
 */
export async function transformCold(): Promise<Figure> {
  const sandbox = createSandbox();
  const one = (script: string) =>
    time(() => sandbox.run({ script, events: [EVENTS[0]], namespace: 'bench' }));
  await one('return $');
  const figure = await timesAsLong(COLD_ROUNDS, async round => {
    const script = `return {...$, n: ${round}}`;
    const cold = await one(script);
    return { ours: cold, baseline: median([await one(script), await one(script), await one(script)]) };
  });
  await sandbox.close();
  const memory = await workerMiB();
  const note = `at most 8 times as long is the goal; a worker takes ${memory.toFixed(0)} MiB, 70 are allowed`;
  return { ...figure, note };
}

/**
 * `transform-tenant`: ms of the first event of a namespace that has no worker yet, while a warm one is ready, against the first of a
 * new script of one that has its worker. Goal: at most 3 times as long.
 */
export async function transformTenant(): Promise<Figure> {
  const sandbox = createSandbox({ warmWorkers: 1, maxWorkers: TENANT_ROUNDS + 2 });
  const one = (script: string, namespace: string) =>
    time(() => sandbox.run({ script, events: [EVENTS[0]], namespace }));
  await one('return $', 'known');
  const figure = await timesAsLong(TENANT_ROUNDS, async round => {
    while (sandbox.stats().warmWorkers === 0) await pause(WARM_POLL_MS);
    const script = `return {...$, n: ${round}}`;
    const baseline = await one(script, 'known');
    return { ours: await one(script, `new ${round}`), baseline };
  });
  await sandbox.close();
  return { ...figure, note: 'at most 3 times as long is the goal' };
}

/** Times that each round measured; the ratio is below 1 where ours take longer. */
async function timesAsLong(
  rounds: number,
  measure: (round: number) => Promise<{ ours: number; baseline: number }>,
): Promise<Figure> {
  const pairs: { ours: number; baseline: number }[] = [];
  for (let round = 0; round < rounds; round++) pairs.push(await measure(round));
  return {
    value: median(pairs.map(pair => pair.ours)),
    unit: 'ms',
    baseline: median(pairs.map(pair => pair.baseline)),
    ratio: median(pairs.map(pair => pair.baseline / pair.ours)),
  };
}

/** Resident memory of a locked worker that has run a script. Linux only. */
async function workerMiB(): Promise<number> {
  const sandbox = createSandbox();
  await sandbox.run({ script: SCRIPT, events: EVENTS, namespace: 'bench' });
  const [worker] = sandbox.workers();
  const status = readFileSync(`/proc/${worker?.pid}/status`, 'utf8');
  await sandbox.close();
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
}

/** The executor of a peer: a Node process with vm2's NodeVM, a line of JSON in, a line of JSON out, one at a time. */
function startPeer(): { execute: (event: unknown) => Promise<unknown>; child: ChildProcess } {
  const vm2 = createRequire(import.meta.url).resolve('vm2');
  const program = `const { NodeVM } = require(${JSON.stringify(vm2)});
const vm = new NodeVM({ console: 'redirect', sandbox: {} });
const run = vm.run(${JSON.stringify(`module.exports = async $ => { ${SCRIPT} }`)});
require('readline').createInterface({ input: process.stdin }).on('line', async line => {
  const { payload } = JSON.parse(line);
  let reply;
  try { reply = { ok: true, result: await run(payload), log: [] } } catch (e) { reply = { ok: false, error: String(e), stack: e.stack, log: [] } }
  process.stdout.write('J:' + JSON.stringify(reply) + '\\n');
});`;
  const child = spawn(process.execPath, ['-e', program], { stdio: ['pipe', 'pipe', 'inherit'] });
  const waiting: ((value: unknown) => void)[] = [];
  createInterface({ input: child.stdout }).on('line', line => waiting.shift()?.(JSON.parse(line.slice(2))));
  const execute = (payload: unknown): Promise<unknown> =>
    new Promise(resolve => {
      waiting.push(resolve);
      child.stdin.write(`${JSON.stringify({ command: 'execute', payload })}\n`);
    });
  return { execute, child };
}
