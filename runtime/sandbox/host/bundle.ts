import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EngineName } from '../engines/engine.ts';
import { runLoader, type Start, type WorkerOptions } from '../worker/loader.ts';
import { keptProgram, type OpenProgram, openProgram, programPath } from './kept-program.ts';
import { type Bundles, programHead, REALM_MARK, workerProgram } from './program.ts';

/** The text of a worker, and how it gets there. */
export interface WorkerBundle {
  /** Passed to `node -e`. */
  loader: string;
  /** Written to its stdin; empty where it has a file. */
  sent: Buffer;
  /** Files that it has open from {@link FIRST_FD} on: where the parent has no time to send, it need not wait. */
  fds: number[];
}

/** The first behind stdin, stdout and stderr. */
const FIRST_FD = 3;

/** Our own part of the program, as the build leaves it beside this module; see scripts/build-worker.ts. */
export const BUNDLES_FILE = 'worker-bundles.json';

/** Opened once, for all workers of this process. */
const programs = new Map<EngineName, Promise<string | OpenProgram>>();

/** For a worker with these options. */
export async function workerBundle(options: WorkerOptions): Promise<WorkerBundle> {
  const { engine } = options;
  const program = programs.get(engine) ?? programOf(engine);
  programs.set(engine, program);
  program.catch(() => programs.delete(engine));
  const made = await program;
  if (typeof made === 'string') return { loader: loaderWith({ options }), sent: Buffer.from(made), fds: [] };
  const { fd, size, code } = made;
  const file = { fd: FIRST_FD, size, ...(code && { code: { ...code, fd: FIRST_FD + 1 } }) };
  return {
    loader: loaderWith({ options, file }),
    sent: Buffer.alloc(0),
    fds: [fd, ...(code ? [code.fd] : [])],
  };
}

/**
 * The build leaves the program beside this module; it is put together again where a package of the engine was updated since.
 * Where the sources run as they are, it is built when they have changed, and kept.
 */
async function programOf(engine: EngineName): Promise<string | OpenProgram> {
  const read = process.platform === 'linux' ? openProgram : keptProgram;
  if (import.meta.filename.endsWith('.ts')) {
    const { programOfSources } = await import('./program-of-sources.ts');
    return await programOfSources<string | OpenProgram>(engine, read);
  }
  const folder = import.meta.dirname;
  const kept = read(programPath(engine, folder), programHead());
  return (
    kept ?? workerProgram(engine, JSON.parse(readFileSync(join(folder, BUNDLES_FILE), 'utf8')) as Bundles)
  );
}

/** What a worker is started with, as code. */
export function loaderWith(start: Omit<Start, 'mark'>): string {
  return `(${runLoader.toString()})(require,process,${JSON.stringify({ ...start, mark: REALM_MARK })})`;
}
