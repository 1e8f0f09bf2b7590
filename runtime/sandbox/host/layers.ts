import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { PackError } from '../../../contract/errors.ts';
import type { Layer } from '../types.ts';

/** The unprivileged user id workers run as when the server itself is root: nobody. */
export const NOBODY = 65_534;

/** V8's heap in a worker that may have as much. */
export const HEAP_MB = 64;

/** How workers are started and locked on this system. Found once, at start. */
export interface LockPlan {
  platform: NodeJS.Platform;
  /** Paths of the util-linux tools, undefined where they are not there. */
  prlimit: string | undefined;
  setpriv: string | undefined;
  /** No lock: keeps workers off the processor of the server. */
  taskset: string | undefined;
  /** Workers get the user id of {@link NOBODY}. Set to false when the system refuses it. */
  dropUid: boolean;
}

/** Looks at the system once. */
export function detectPlan(): LockPlan {
  const { platform } = process;
  const linux = platform === 'linux';
  return {
    platform,
    prlimit: linux ? findTool('prlimit') : undefined,
    setpriv: linux ? findTool('setpriv') : undefined,
    taskset: linux ? findTool('taskset') : undefined,
    dropUid: platform !== 'win32' && process.getuid?.() === 0,
  };
}

/** The tools that lock workers and that this system lacks, and what is open without them; empty where none is missing. */
export function missingLayers({ platform, prlimit, setpriv }: LockPlan): string[] {
  return [
    prlimit === undefined
      ? 'prlimit (files, sockets and memory of a worker are not limited from outside)'
      : '',
    setpriv === undefined ? 'setpriv (a worker may gain privileges and outlive kvflow)' : '',
  ]
    .filter(text => text !== '')
    .map(text => (platform === 'linux' ? text : `${text.split(' ')[0]}, which ${platform} does not have`));
}

/** Why no script runs where all layers are required; undefined where none is missing. */
export function refusalWithout(missing: readonly string[]): PackError | undefined {
  if (missing.length === 0) return undefined;
  return new PackError(
    'UNSUPPORTED',
    `transform: scripts do not run here, because TRANSFORM_REQUIRE_LAYERS is "all" and this is missing: ${missing.join('; ')}. Install util-linux, or set it to "best".`,
  );
}

/** What of a worker's start is its own. */
export interface StartOptions {
  heapMb: number;
  /** The processors it is to run on, as a list for taskset(1). */
  processors?: string | undefined;
}

/** The command that starts a worker: Node with every door of its own closed, and ended with us where that works. */
export function startCommand(
  { setpriv, taskset }: LockPlan,
  loader: string,
  { heapMb, processors }: StartOptions,
): { file: string; args: string[] } {
  const node = [
    '--permission',
    '--no-experimental-sqlite',
    '--no-addons',
    '--disallow-code-generation-from-strings',
    '--disable-sigusr1',
    '--no-warnings',
    // Else Node reads the loader twice, to find out.
    '--input-type=commonjs',
    // Keeps a busy worker near its size at rest; measured to cost no speed.
    '--max-semi-space-size=8',
    // What helps elsewhere takes the processor from other workers here.
    '--single-threaded-gc',
    `--max-old-space-size=${heapMb}`,
    '-e',
    loader,
  ];
  const command = [
    ...(taskset && processors ? [taskset, '--cpu-list', processors] : []),
    ...(setpriv ? [setpriv, '--pdeathsig', 'KILL', '--no-new-privs'] : []),
    process.execPath,
    ...node,
  ];
  const [file = process.execPath, ...args] = command;
  return { file, args };
}

/** The limits set from outside once a worker is loaded, before any script runs: no new file, socket, pipe or process, and a memory cap. */
export function prlimitArgs(pid: number, dataBytes: number): string[] {
  return [
    '--pid',
    String(pid),
    '--nofile=0:0',
    '--fsize=0:0',
    '--core=0:0',
    `--data=${dataBytes}:${dataBytes}`,
  ];
}

/** Every layer and whether it is active: for one log line at start and for docs/security.md. */
export function describeLayers(plan: LockPlan): Layer[] {
  const linux = plan.platform === 'linux';
  const other = linux ? 'install util-linux' : `not available on ${plan.platform}`;
  const layer = (name: string, active: boolean, note: string): Layer => ({ name, active, note });
  const major = Number(process.versions.node.split('.')[0]);
  return [
    layer('vm2', true, 'keeps scripts from each other; not relied on as a boundary'),
    layer(
      'process',
      true,
      'scripts run in a child process with nothing of our environment, one tenant at a time',
    ),
    layer('permission', true, 'Node permission model: no files, child processes, workers, addons, inspector'),
    layer(
      'network',
      linux && plan.prlimit !== undefined ? true : major >= 26,
      plan.prlimit ? 'no new descriptors' : 'Node 26 permission model',
    ),
    layer(
      'nofile',
      plan.prlimit !== undefined,
      plan.prlimit ? 'no new file, socket, pipe or process after start' : other,
    ),
    layer(
      'memory',
      plan.prlimit !== undefined,
      plan.prlimit ? 'heap and data segment capped' : `heap capped only; ${other}`,
    ),
    layer(
      'uid',
      plan.dropUid,
      plan.dropUid ? `workers run as uid ${NOBODY}` : 'the server is not root: workers share its uid',
    ),
    layer(
      'pdeathsig',
      plan.setpriv !== undefined,
      plan.setpriv ? 'workers end with the server' : `workers end when idle; ${other}`,
    ),
    layer('sigusr1', plan.platform !== 'win32', 'the signal that opens the inspector is taken'),
  ];
}

function findTool(name: string): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter).concat('/usr/bin', '/bin', '/usr/sbin', '/sbin');
  return folders.map(folder => join(folder, name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
