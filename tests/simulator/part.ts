/** A process that plays the seeds that it is told, and says what came of each. */
import type { Seeds } from './seeds.ts';
import { playSeeds } from './seeds.ts';

const asked = JSON.parse(process.argv[2] ?? '[]') as Seeds[];
for await (const played of playSeeds(asked)) process.send?.(played);
process.disconnect?.();
