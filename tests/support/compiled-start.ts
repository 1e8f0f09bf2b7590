import { makePlace } from '../runtime/transports/cli/kvflow-process.ts';

/**
 * Starts a kvflow, and ends it in order. Only a process that ends so keeps the code that Node compiled for it (NODE_COMPILE_CACHE);
 * tests kill most of theirs, and each start after this one takes a third less of the processor.
 */
export async function compileStart(): Promise<void> {
  await using place = await makePlace();
  const { child, ended } = await place.start();
  child.kill('SIGTERM');
  await ended;
}
