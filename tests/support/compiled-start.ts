import { setTimeout as sleep } from 'node:timers/promises';
import { makePlace } from '../runtime/transports/cli/kvflow-process.ts';
import { PATIENCE } from './patience.ts';

/** An end in order takes less than a second. */
const END_MS = 20_000 * PATIENCE;

/**
 * Starts a kvflow, and ends it in order. Only a process that ends so keeps the code that Node compiled for it (NODE_COMPILE_CACHE);
 * tests kill most of theirs, and each start after this one takes a third less of the processor.
 */
export async function compileStart(): Promise<void> {
  await using place = await makePlace();
  const { child, ended } = await place.start();
  child.kill('SIGTERM');
  // One that does not end is killed with its place: each test then compiles what it runs.
  await Promise.race([ended, sleep(END_MS, undefined, { ref: false })]);
}
