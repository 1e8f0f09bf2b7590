/**
 * `npm run simulate`: runs of several kvflows on a NATS in memory that loses, delays, doubles and reorders answers, with time that passes
 * as fast as it can. `-- 5000` is how many runs, `-- 5000 17` begins with seed 17; a seed gives the same run again, alone and
 * after others. `-- 5000 17 whole` has each do all kinds of work, not about half of them. `-- 5000 17 recognition` plays histories of visitors alone, on a NATS that has no troubles. Many runs are shared by as many
 * processes as there are processors.
 */
import { availableParallelism } from 'node:os';
import { playApart } from './apart.ts';
import { sumOf } from './counts.ts';
import type { Played } from './seeds.ts';

/** For fewer a process takes longer to start than to play them. */
const LEAST = 50;
const MAX_FAILED = 5;

const [count = 1_000, first = Math.floor(Math.random() * 1e9)] = process.argv.slice(2, 4).map(Number);
const end = first + count;
const step = Math.min(availableParallelism(), Math.ceil(count / LEAST));
const how = {
  end,
  step,
  recognition: process.argv[4] === 'recognition',
  whole: process.argv[4] === 'whole',
  broken: !!process.env.KVFLOW_SIMULATE_FAULT,
};
const began = performance.now();
const played: Played[] = [];
const parts = Array.from({ length: step }, (_, part) => playApart([{ ...how, first: first + part }], note));
const ended = await Promise.all(parts.map(part => part.ended));
const failed = played.filter(hasFailed);
if (ended.includes(false) && failed.length < MAX_FAILED)
  throw new Error('a process ended before its runs were played');
const seconds = (performance.now() - began) / 1_000;
const last = played.reduce((one, other) => (other.seed > one.seed ? other : one));
console.log(told(sumOf(played.map(({ counts }) => counts))));
console.log(
  `${count} runs from seed ${first} in ${seconds.toFixed(1)} s, ${failed.length} failed; the last is ${last.fingerprint}`,
);
process.exit(failed.length > 0 ? 1 : 0);

function note(one: Played): void {
  played.push(one);
  if (!hasFailed(one)) return;
  console.log(`seed ${one.seed}:\n  ${one.faults.slice(0, 5).join('\n  ')}`);
  if (played.filter(hasFailed).length >= MAX_FAILED) for (const part of parts) part.process.kill();
}

function hasFailed({ faults }: Played): boolean {
  return faults.length > 0;
}

/** What was done in all, the most frequent first. */
function told(counts: Record<string, number>): string {
  const sorted = Object.entries(counts).sort(([, a], [, b]) => b - a);
  return sorted.map(([what, times]) => `${what} ${times}`).join(', ');
}
