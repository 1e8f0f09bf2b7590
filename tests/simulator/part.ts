/** A process that plays the seeds that it is told, and says what came of each. */
import { keepCompiledCode } from '../../runtime/transports/cli/compile-cache.ts';
import type { Seeds } from './seeds.ts';
import { playSeeds } from './seeds.ts';

// Without their types, and compiled, the product's files are the same for every process.
keepCompiledCode(process.env);
const asked = JSON.parse(process.argv[2] ?? '[]') as Seeds[];
for await (const played of playSeeds(asked)) process.send?.(played);
process.disconnect?.();
