/** Puts the program of the script workers together for dist/, so that no start has to: it takes comments out of half a megabyte. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const host = join(import.meta.dirname, '../dist/runtime/sandbox/host');
const { builtProgramPath, programHead, workerProgram } = (await import(
  join(host, 'bundle.js')
)) as typeof import('../runtime/sandbox/host/bundle.ts');

for (const engine of ['vm2', 'context'] as const)
  await writeFile(builtProgramPath(engine, host), programHead() + workerProgram(engine));
