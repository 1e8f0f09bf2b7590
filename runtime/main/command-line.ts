import { runCli } from '../transports/cli/cli.ts';
import { processIo } from '../transports/cli/io.ts';
import { createCliHost } from './cli-host.ts';

/** Runs the command line that this process was started with; answers the exit code. */
export function runCommandLine({ argv, env, cwd }: NodeJS.Process): Promise<number> {
  return runCli(argv.slice(2), createCliHost({ env, cwd: cwd() }), processIo());
}
