import { onPath, run } from '../../processes/command.ts';

let found: Promise<string[]> | undefined;

/**
 * A program to start the server through so that the kernel ends it with this process, even when that is killed: setpriv, on
 * Linux machines that have it. Elsewhere nothing, and the next start ends what was left over. Looked for once per process.
 */
export function endsWithParent(): Promise<string[]> {
  found ??= findLauncher();
  return found;
}

async function findLauncher(): Promise<string[]> {
  if (process.platform !== 'linux') return [];
  const [setpriv] = await onPath('setpriv', process.env);
  if (setpriv === undefined) return [];
  const launcher = [setpriv, '--pdeathsig', 'TERM', '--'];
  // Older ones, and those of busybox, do not know the option.
  return run(setpriv, [...launcher.slice(1), 'true'], { env: process.env, timeoutMs: 2000 }).then(
    () => launcher,
    () => [],
  );
}
