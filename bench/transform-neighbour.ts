import { readdirSync, readFileSync } from 'node:fs';
import { createSandbox, type Sandbox } from '../runtime/sandbox/sandbox.ts';
import type { Figure } from './measure.ts';
import { median } from './measure.ts';

const TIMES = 7;
const EVENT_MS = 3_000;
const BUSY = `const t = Date.now(); while (Date.now() - t < ${EVENT_MS}); return {}`;
/** More than there are workers. */
const BUSY_TENANTS = 6;
const MAX_RATIO = 20;
const HOSTILE = new URL('../tests/runtime/sandbox/hostile/', import.meta.url);
const HOSTILE_MS = 400;
const HOSTILE_TENANTS = 4;
/** Of so many, two are slower than the 99th percentile. */
const CALLS = 300;
const IDLE_CALLS = 30;
/** As long as it takes to make another worker ready, on an idle server. */
const PAUSE_MS = 250;

/**
 * `transform-neighbour`: one event of a tenant that has no worker yet, while others keep all workers busy with events of 3 s,
 * against the same on an idle server. Goal at most 20 times as long, which is a ratio of 1.
 */
export async function transformNeighbour(): Promise<Figure> {
  const sandbox = createSandbox({ maxWorkers: 4 });
  await answer(sandbox, 'warm');
  const idle = await several(sandbox, 'idle');
  const gone = new AbortController();
  const busy = Array.from({ length: BUSY_TENANTS }, (_, at) =>
    sandbox.run({
      script: BUSY,
      events: Array(20).fill({}),
      namespace: `busy-${at}`,
      timeoutMs: 2 * EVENT_MS,
      signal: gone.signal,
    }),
  );
  await pause(1_000);
  const crowded = await several(sandbox, 'crowded');
  gone.abort();
  await Promise.all(busy);
  await sandbox.close();
  const times = median(crowded) / median(idle);
  const note = `${median(idle).toFixed(1)} ms idle, ${Math.max(...crowded).toFixed(1)} ms at most; ${times.toFixed(1)} times`;
  return { value: median(crowded), unit: 'ms', baseline: median(idle), ratio: MAX_RATIO / times, note };
}

/**
 * `transform-neighbour-hostile`: the 99th percentile of such calls while four tenants run the hostile scripts of the tests, one
 * after the other, against the median on an idle server. Goal at most 20 times as long, which is a ratio of 1.
 */
export async function transformNeighbourHostile(): Promise<Figure> {
  const sandbox = createSandbox({ memoryMb: 96, maxWorkers: 4, warmWorkers: 2 });
  await answer(sandbox, 'warm');
  const idle = median(await several(sandbox, 'idle', { count: IDLE_CALLS, pauseMs: PAUSE_MS }));
  const gone = new AbortController();
  const busy = Array.from({ length: HOSTILE_TENANTS }, (_, at) => attack(sandbox, at, gone.signal));
  // They have workers by now, and have lost some.
  await pause(1_000);
  const crowded = await several(sandbox, 'crowded', { count: CALLS, pauseMs: PAUSE_MS });
  gone.abort();
  const ran = (await Promise.all(busy)).reduce((sum, count) => sum + count);
  await sandbox.close();
  const times = p99(crowded) / idle;
  const most = `${Math.max(...crowded).toFixed(1)} ms at most`;
  const note = `${idle.toFixed(1)} ms idle, the median ${median(crowded).toFixed(1)} ms and ${most} beside ${ran} hostile calls; ${times.toFixed(1)} times`;
  return { value: p99(crowded), unit: 'ms', baseline: idle, ratio: MAX_RATIO / times, note };
}

/** Runs hostile scripts until it is told to end; answers how many. Each tenant begins at another one. */
async function attack(sandbox: Sandbox, tenant: number, signal: AbortSignal): Promise<number> {
  const names = readdirSync(HOSTILE).filter(name => name.endsWith('.txt'));
  let count = 0;
  for (let at = Math.floor((tenant * names.length) / HOSTILE_TENANTS); !signal.aborted; at++, count++) {
    const script = readFileSync(new URL(names[at % names.length] ?? '', HOSTILE), 'utf8');
    const events = [{ n: 1 }, { n: 2 }];
    const namespace = `hostile-${tenant}`;
    await sandbox.run({ script, events, namespace, timeoutMs: HOSTILE_MS, signal }).catch(() => undefined);
  }
  return count;
}

/** By the nearest rank: so many in a hundred took no longer. */
function p99(taken: readonly number[]): number {
  return [...taken].sort((a, b) => a - b)[Math.ceil((taken.length * 99) / 100) - 1] ?? 0;
}

/** Each by a tenant of its own. */
async function several(
  sandbox: Sandbox,
  name: string,
  { count, pauseMs } = { count: TIMES, pauseMs: 300 },
): Promise<number[]> {
  const taken: number[] = [];
  for (let time = 0; time < count; time++) {
    taken.push(await answer(sandbox, `${name}-${time}`));
    await pause(pauseMs);
  }
  return taken;
}

async function answer(sandbox: Sandbox, namespace: string): Promise<number> {
  const start = performance.now();
  await sandbox.run({ script: 'return { a: 1 }', events: [{}], namespace });
  return performance.now() - start;
}

function pause(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms));
}
