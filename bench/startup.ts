import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { natsServerPath } from '../tests/support/nats-binary.ts';
import type { Figure } from './measure.ts';
import { median } from './measure.ts';

const ALLOWED_MS = 1_500;
const ALLOWED_MIB = 110;
const ROUNDS = 5;
/** After the start garbage is still to be collected; a server that idles has had this long. */
const IDLE_MS = 3_000;

/** `kvflow start` as it is installed, until it says that it is ready, against the time that is allowed. */
export async function startup(): Promise<Figure> {
  process.env.NATS_SERVER_BIN = await natsServerPath();
  const times: number[] = [];
  const memory: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const { ms, mib } = await startOnce();
    times.push(ms);
    memory.push(mib);
  }
  const value = median(times);
  const note = `idle resident memory ${median(memory).toFixed(0)} MiB, ${ALLOWED_MIB} are allowed`;
  return { value, unit: 'ms', baseline: ALLOWED_MS, ratio: ALLOWED_MS / value, note };
}

async function startOnce(): Promise<{ ms: number; mib: number }> {
  const folder = await mkdtemp(join(tmpdir(), 'kvflow-bench-'));
  const main = join(import.meta.dirname, '../bin/kvflow.js');
  const env = { ...process.env, KVFLOW_DATA_DIR: folder, KVFLOW_PORT: '0' };
  const start = performance.now();
  const child = spawn(process.execPath, [main, 'start'], { env, stdio: ['ignore', 'pipe', 'ignore'] });
  try {
    for await (const chunk of child.stdout) if (String(chunk).includes('http://')) break;
    const ms = performance.now() - start;
    await sleep(IDLE_MS);
    if (child.exitCode !== null)
      throw new Error(`kvflow ended with ${child.exitCode}; is dist built? npm run build`);
    return { ms, mib: await residentMiB(child.pid) };
  } finally {
    if (child.kill()) await once(child, 'exit');
    await rm(folder, { recursive: true, force: true });
  }
}

/** Linux tells it; elsewhere it is not measured. */
async function residentMiB(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(status.match(/VmRSS:\s+(\d+)/)?.[1] ?? Number.NaN) / 1024;
}
