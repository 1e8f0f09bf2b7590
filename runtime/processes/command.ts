import { type ExecFileException, execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

/** Environment variables by name, as `process.env` holds them. */
export type CommandEnv = Readonly<Record<string, string | undefined>>;

/** How to run a command. */
export interface RunOptions {
  env: CommandEnv;
  /** Ends the command with SIGKILL after so many milliseconds. Default 60 000. */
  timeoutMs?: number;
  /** Working directory. Default: this process's own. */
  cwd?: string;
}

/**
 * Runs a command to its end, messages in English.
 * @throws Error naming the command and the end of what it printed.
 */
export function run(
  command: string,
  args: readonly string[],
  { env, timeoutMs = 60_000, cwd }: RunOptions,
): Promise<{ stdout: string; stderr: string }> {
  const options = { env: { ...env, LC_ALL: 'C' }, timeout: timeoutMs, killSignal: 'SIGKILL', cwd } as const;
  return new Promise((resolve, reject) => {
    execFile(
      command,
      args,
      { ...options, maxBuffer: 16 << 20, encoding: 'utf8' },
      (error, stdout, stderr) => {
        if (error === null) resolve({ stdout, stderr });
        else reject(new Error(failure(command, error, stderr.trim() || stdout.trim()), { cause: error }));
      },
    );
  });
}

/** Every executable of that name in the directories of PATH, in PATH's order. */
export async function onPath(
  name: string,
  env: CommandEnv,
  extraDirs: readonly string[] = [],
): Promise<string[]> {
  const file = process.platform === 'win32' ? `${name}.exe` : name;
  const dirs = (env.PATH ?? env.Path ?? '').split(delimiter).filter(dir => dir !== '');
  const candidates = [...new Set([...dirs, ...extraDirs])].map(dir => join(dir, file));
  const checked = await Promise.all(candidates.map(isExecutable));
  return candidates.filter((_, i) => checked[i]);
}

/** Whether the path is a file this user may execute. */
export async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

function failure(command: string, error: ExecFileException, output: string): string {
  if (error.code === 'ENOENT') return `${command} was not found`;
  if (error.code === 'EACCES') return `${command} may not be executed (permission denied)`;
  const how = error.killed
    ? 'took too long and was ended'
    : `failed (${error.signal ?? error.code ?? 'unknown'})`;
  const tail = output.split('\n').slice(-4).join(' ').slice(-600);
  return tail === '' ? `${command} ${how}` : `${command} ${how}: ${tail}`;
}
