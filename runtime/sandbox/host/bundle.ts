import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EngineName } from '../engines/engine.ts';
import { runLoader } from '../worker/loader.ts';
import type { WorkerOptions } from '../worker/main.ts';
import { keptProgram, programPath } from './kept-program.ts';
import { type Bundles, programHead, workerProgram } from './program.ts';

/** Passed to `node -e`. */
export const LOADER = `(${runLoader.toString()})(require,process)`;

/** Our own part of the program, as the build leaves it beside this module; see scripts/build-worker.ts. */
export const BUNDLES_FILE = 'worker-bundles.json';

const programs = new Map<EngineName, Promise<string>>();

/** The text of a worker. */
export async function workerBundle(options: WorkerOptions): Promise<Buffer> {
  const { engine } = options;
  const program = programs.get(engine) ?? programOf(engine);
  programs.set(engine, program);
  program.catch(() => programs.delete(engine));
  return Buffer.from(`(${await program})(${JSON.stringify(options)})`);
}

/**
 * The build leaves the program beside this module; it is put together again where a package of the engine was updated since.
 * Where the sources run as they are, it is built when they have changed, and kept.
 */
async function programOf(engine: EngineName): Promise<string> {
  if (import.meta.filename.endsWith('.ts')) {
    const { programOfSources } = await import('./program-of-sources.ts');
    return await programOfSources(engine);
  }
  const folder = import.meta.dirname;
  const kept = keptProgram(programPath(engine, folder), programHead());
  return (
    kept ?? workerProgram(engine, JSON.parse(readFileSync(join(folder, BUNDLES_FILE), 'utf8')) as Bundles)
  );
}
