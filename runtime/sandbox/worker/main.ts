/** The program of a worker, but for the packages of its engine: the build bundles it into one text. */
import { makeContextEngine } from '../engines/context.ts';
import type { EngineName, EngineParts, MakeEngine } from '../engines/engine.ts';
import { makeVm2Engine } from '../engines/vm2.ts';
import { runHost } from './host.ts';
import type { Listen } from './loader.ts';

/** What the worker's program is called with. */
export interface WorkerGiven {
  require: NodeJS.Require;
  process: NodeJS.Process;
  /** Bytes that came after the program. */
  rest: Buffer;
  listen: Listen;
  /** Requires a package that came with the program. */
  load: EngineParts['load'];
  /** The text of the realm, prepared for the engine. */
  realm: string;
}

/** Choices that a worker is started with. */
export interface WorkerOptions {
  /** Largest single `Buffer` a script may make, in bytes. */
  maxBuffer: number;
  /** Only in tests: frames of kind X run as plain code in this process, as code after an escape would. */
  raw: boolean;
  engine: EngineName;
}

const ENGINES: Record<EngineName, MakeEngine> = { vm2: makeVm2Engine, context: makeContextEngine };

/** Runs until the parent ends it. */
export function runWorker(given: WorkerGiven, { maxBuffer, raw, engine }: WorkerOptions): void {
  const { require, load } = given;
  runHost({ ...given, raw, engine: ENGINES[engine]({ require, load, maxBuffer }) });
}
