/** The program of one worker; see worker.ts. */
import { keepCompiledCode } from '../../transports/cli/compile-cache.ts';
import { collectOnceIdle, growHeapSlowly } from '../../transports/cli/heap.ts';

keepCompiledCode(process.env);
growHeapSlowly();
const { runWorker } = await import('./worker.ts');
collectOnceIdle();
// The log is written, and the pipe to the leader would keep this process.
process.exit(await runWorker());
