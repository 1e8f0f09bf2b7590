/** The program of a worker where the sources run as they are: in tests, benchmarks and while kvflow is worked on. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { EngineName } from '../engines/engine.ts';
import { programPath } from './kept-program.ts';
import { programHead } from './program.ts';

const ROOT = join(import.meta.dirname, '../../..');
/** What the build makes programs of, and what says which packages are installed. */
const SOURCES = [
  'runtime/sandbox/{engines,guest,worker}/**/*.ts',
  'runtime/sandbox/host/{package-files,program}.ts',
  'scripts/build-worker{,/*}.ts',
  'node_modules/.package-lock.json',
];

/** Reads a program that begins with a line; undefined where it does not. */
export type ReadProgram<P> = (path: string, head: string) => P | undefined;

/** What was built of the sources as they are now, as `read` reads it; built first where there is none. */
export async function programOfSources<P>(engine: EngineName, read: ReadProgram<P>): Promise<P> {
  const ofSources = (): P | undefined =>
    read(programPath(engine, SOURCES_FOLDER), programHead(sourcesWord()));
  const kept = ofSources();
  if (kept !== undefined) return kept;
  await promisify(execFile)(process.execPath, [join(ROOT, 'scripts/build-worker.ts'), 'sources']);
  const built = ofSources();
  if (built === undefined)
    throw new Error('The sources of the script workers changed while they were built.');
  return built;
}

/** Where it is kept. */
export const SOURCES_FOLDER = join(ROOT, 'node_modules/.cache/kvflow');

/** A word that stands for the sources as they are. */
export function sourcesWord(): string {
  const hash = createHash('sha256');
  for (const path of SOURCES.flatMap(pattern => globSync(pattern, { cwd: ROOT })).sort())
    hash.update(path).update(readFileSync(join(ROOT, path)));
  return `sources ${hash.digest('hex').slice(0, 16)}`;
}
