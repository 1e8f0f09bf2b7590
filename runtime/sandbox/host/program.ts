import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { runInThisContext } from 'node:vm';
import type { EngineName, EngineParts } from '../engines/engine.ts';
import { makeVm2Preparer } from '../engines/vm2.ts';
import { type Packaged, packagesText } from './package-files.ts';

/** What the build bundles of our own modules, and of the packages that go with them. */
export interface Bundles {
  /** An expression: the realm of scripts, once it is run there. */
  guest: string;
  /** A CommonJS module that exports `runWorker`. */
  worker: string;
}

/** Stands between the two parts of a worker's program. */
export const REALM_MARK = '\n//# what runs in the realm of scripts\n';

/**
 * The program of a worker of an engine: a function that the loader calls, and the text of the realm, which comes behind it and not
 * within: it would be read twice there, and kept twice. The packages of the engine are those that are installed, by their public
 * entries. A function in parentheses is compiled where it stands; one that is not would be read through first, and once more when it
 * is called.
 */
export function workerProgram(engine: EngineName, { guest, worker }: Bundles): string {
  const realm = engine === 'vm2' ? prepareForVm2(`\n${guest}`) : `\n${guest}`;
  return `(function(require,process,given){
const load=${engineText(engine)};
const module={exports:{}};
(function(module,exports,require){${worker}
})(module,module.exports,require);
module.exports.runWorker({require,process,load,...given});
})${REALM_MARK}${realm}`;
}

/** Rewrites a text as vm2 does each that it runs. */
export function prepareForVm2(code: string): string {
  preparer ??= makeVm2Preparer({
    load: runInThisContext(engineText('vm2')) as EngineParts['load'],
    require: createRequire(import.meta.url),
  });
  return preparer(code);
}
let preparer: ((code: string) => string) | undefined;

/** A line that names what the program is made of: the packages of the engines, as installed, and what else is said. */
export function programHead(...more: string[]): string {
  const versions = ['vm2', 'acorn', 'acorn-walk'].map(name => `${name} ${versionOf(name)}`);
  return `// ${[...versions, ...more].join(', ')}\n`;
}

/** acorn reads scripts for every engine. */
const ENGINE_PACKAGES: Record<EngineName, string[]> = { vm2: ['vm2', 'acorn'], context: ['acorn'] };

const texts = new Map<EngineName, string>();

function engineText(engine: EngineName): string {
  const found = texts.get(engine);
  if (found !== undefined) return found;
  const require = vm2Require();
  const packages = ENGINE_PACKAGES[engine].map((name): Packaged => ({ name, require }));
  const { parse } = require('acorn') as Pick<Parameters<typeof packagesText>[1], 'parse'>;
  const { full } = require('acorn-walk') as Pick<Parameters<typeof packagesText>[1], 'full'>;
  const text = packagesText(packages, { parse, full });
  texts.set(engine, text);
  return text;
}

function versionOf(name: string): string {
  const path = vm2Require().resolve(`${name}/package.json`);
  return (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version;
}

/** Resolves as vm2 itself would: acorn is its dependency, not ours. */
function vm2Require(): NodeJS.Require {
  return createRequire(createRequire(import.meta.url).resolve('vm2/package.json'));
}
