/**
 * `npm run test:fuzz`: 10,000 calls of each function, KVFLOW_FUZZ_RUNS in their place, and raw HTTP. The calls wait more for NATS and for
 * processes than they compute, so they are made by several runs at once, each with servers, a seed and a part of the calls of its own:
 * as many as there are cores, or KVFLOW_FUZZ_PROCESSES. A run that fails says what repeats it; KVFLOW_FUZZ_SEED makes one of all.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const ROOT = join(import.meta.dirname, '../..');
const BELOW = 1_000_000_000;

const { KVFLOW_FUZZ_SEED: given, KVFLOW_FUZZ_RUNS = '10000', KVFLOW_FUZZ_PROCESSES } = process.env;
const count = given ? 1 : Number(KVFLOW_FUZZ_PROCESSES ?? availableParallelism());
const runs = Number(KVFLOW_FUZZ_RUNS);
const codes = await Promise.all([
  ...Array.from({ length: count }, (_, part) => run(`functions ${part + 1}`, Math.ceil(runs / count))),
  run('http', runs),
]);
process.exitCode = codes.some(code => code !== 0) ? 1 : 0;

async function run(name: string, calls: number): Promise<number | null> {
  const seed = given ?? String(Math.floor(Math.random() * BELOW));
  const own = { KVFLOW_FUZZ_SEED: seed, KVFLOW_FUZZ_RUNS: String(calls) };
  const file = `tests/fuzz/${name.replace(/ .*/, '')}.test.ts`;
  const child = spawn(process.execPath, [join(ROOT, 'scripts/test.ts'), file], {
    cwd: ROOT,
    env: { ...process.env, ...own },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const input of [child.stdout, child.stderr])
    createInterface({ input }).on('line', line => console.log(`${name}| ${line}`));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0)
    console.log(`${name}| again: KVFLOW_FUZZ_SEED=${seed} KVFLOW_FUZZ_RUNS=${calls} npm run test:fuzz`);
  return code;
}
