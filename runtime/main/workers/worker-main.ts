/** The program of one worker; see worker.ts. */
import { keepCompiledCode } from '../../transports/cli/compile-cache.ts';

keepCompiledCode(process.env);
const { runWorker } = await import('./worker.ts');
process.exitCode = await runWorker();
