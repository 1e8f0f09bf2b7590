import { createSandbox, type Sandbox } from '../runtime/sandbox/sandbox.ts';
import type { Figure } from './measure.ts';
import { median } from './measure.ts';

const TIMES = 7;
const EVENT_MS = 3_000;
const BUSY = `const t = Date.now(); while (Date.now() - t < ${EVENT_MS}); return {}`;
/** More than there are workers. */
const BUSY_TENANTS = 6;
const MAX_RATIO = 20;

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

/** Each by a tenant of its own. */
async function several(sandbox: Sandbox, name: string): Promise<number[]> {
  const taken: number[] = [];
  for (let time = 0; time < TIMES; time++) {
    taken.push(await answer(sandbox, `${name}-${time}`));
    await pause(300);
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
