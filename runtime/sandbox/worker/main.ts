/** The program of a worker, but for the packages of its engine: the build bundles it into one text. */
import { makeContextEngine } from '../engines/context.ts';
import type { EngineName, EngineParts, MakeEngine } from '../engines/engine.ts';
import { makeVm2Engine } from '../engines/vm2.ts';
import { runHost } from './host.ts';
import type { Loaded } from './loader.ts';

/** What the worker's program is called with. */
export interface WorkerGiven extends Loaded {
  require: NodeJS.Require;
  process: NodeJS.Process;
  /** Requires a package that came with the program. */
  load: EngineParts['load'];
}

const ENGINES: Record<EngineName, MakeEngine> = { vm2: makeVm2Engine, context: makeContextEngine };

/** Runs until the parent ends it. */
export function runWorker(given: WorkerGiven): void {
  const { require, load, options } = given;
  const { maxBuffer, raw, engine } = options;
  runHost({ ...given, raw, engine: ENGINES[engine]({ require, load, maxBuffer }) });
}
