import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { realmSource } from '../guest/realm.ts';
import { makeCompiler } from '../worker/compile.ts';
import { type EngineName, makeEngines } from '../worker/engine.ts';
import { runHost } from '../worker/host.ts';
import { runLoader } from '../worker/loader.ts';
import { makeModuleRewriter } from '../worker/module-text.ts';
import { makeStripTypes } from '../worker/strip-types.ts';
import { encodings } from './encodings.ts';
import { bufferPackage } from './packages.ts';

/** Choices that a worker is started with. */
export interface BundleOptions {
  /** Largest single `Buffer` a script may make, in bytes. */
  maxBuffer: number;
  /** Only in tests: the worker accepts frames of plain code. */
  raw: boolean;
  engine: EngineName;
}

/** Passed to `node -e`. */
export const LOADER = `(${runLoader.toString()})(require,process)`;

const cache = new Map<string, Buffer>();

/** The worker's program as one text: vm2 and acorn from node_modules, and our own parts by their source. */
export function workerBundle(options: BundleOptions): Buffer {
  const key = JSON.stringify(options);
  const path = builtProgramPath(options.engine);
  const program = () => builtProgram(path) ?? workerProgram(options.engine);
  const found = cache.get(key) ?? Buffer.from(`(${program()})(${key})`);
  cache.set(key, found);
  return found;
}

/** Where the build leaves the program of an engine, beside this module; it is put together at each start where there is none. */
export function builtProgramPath(engine: EngineName, folder = import.meta.dirname): string {
  return join(folder, `worker-program.${engine}.txt`);
}

/** What the build has left there. First comes what it was made of: undefined where one of these packages was updated since. */
export function builtProgram(path: string): string | undefined {
  if (!existsSync(path)) return undefined;
  const text = readFileSync(path, 'utf8');
  const begin = programHead();
  return text.startsWith(begin) ? text.slice(begin.length) : undefined;
}

/** A line that names the packages in it and their versions. */
export function programHead(): string {
  const vm2 = vm2Require();
  const own = createRequire(import.meta.url);
  // Its dependencies, not ours.
  const ofBuffer = createRequire(own.resolve('buffer/package.json'));
  const versions = [
    ...['vm2', 'acorn', 'acorn-walk'].map(name => versionOf(vm2, name)),
    versionOf(own, 'buffer'),
    ...['base64-js', 'ieee754'].map(name => versionOf(ofBuffer, name)),
  ];
  return `// ${versions.join(', ')}\n`;
}

function versionOf(from: NodeJS.Require, name: string): string {
  const { version } = JSON.parse(readFileSync(from.resolve(`${name}/package.json`), 'utf8')) as {
    version: string;
  };
  return `${name} ${version}`;
}

/** A function of {@link BundleOptions} that makes the function the loader calls. */
export function workerProgram(engine: EngineName): string {
  const strip = commentStripper();
  const modules = [...filesOf(engine)].map(
    ([name, path]) =>
      `${JSON.stringify(name)}:function(module,exports,require){${moduleText(name, path, strip)}\n}`,
  );
  return `function(options){return function(require,process,rest,listen){
const files={${modules.join(',\n')}};
const loaded={};
const load=(name,builtins)=>{
  const id=name.replace(/\\.js$/,'');
  if(!files[id])return builtins(name);
  if(!loaded[id]){loaded[id]={exports:{}};files[id].call(undefined,loaded[id],loaded[id].exports,n=>load(n,builtins));}
  return loaded[id].exports;
};
const makeCompiler=${makeCompiler.toString()};
const makeModuleRewriter=${makeModuleRewriter.toString()};
const makeStripTypes=${makeStripTypes.toString()};
const makeEngines=${makeEngines.toString()};
(${runHost.toString()})({require,process,rest,listen,load,makeEngines,makeCompiler,makeModuleRewriter,makeStripTypes,realm:${JSON.stringify(strip(realmSource(encodings(), bufferPackage())))},...options});
}}`;
}

/** The text of one module. vm2 keeps the sources of its sandbox side as strings in `sources`: those are code too. */
function moduleText(name: string, path: string, strip: (code: string) => string): string {
  if (name !== './sources') return strip(readFileSync(path, 'utf8'));
  const sources = createRequire(import.meta.url)(path) as Record<string, string>;
  const stripped = Object.entries(sources).map(([file, text]) => [file, strip(text)]);
  return `module.exports=Object.freeze(${JSON.stringify(Object.fromEntries(stripped))})`;
}

interface Comment {
  start: number;
  end: number;
  value: string;
}

/**
 * Takes comments out of code: two thirds of vm2's text are comments, and every worker would keep them in memory.
 * A comment with a line break leaves one, since a line break may end a statement.
 */
function commentStripper(): (code: string) => string {
  const { parse } = vm2Require()('acorn') as { parse(code: string, options: object): unknown };
  const done = new Map<string, string>();
  return code => {
    const found = done.get(code);
    if (found !== undefined) return found;
    const comments: Comment[] = [];
    const options = {
      ecmaVersion: 'latest',
      allowReturnOutsideFunction: true,
      allowHashBang: true,
      onComment: comments,
    };
    parse(code, options);
    let out = '';
    let at = 0;
    for (const { start, end, value } of comments) {
      out += code.slice(at, start) + (/[\n\r]/.test(value) ? '\n' : ' ');
      at = end;
    }
    out += code.slice(at);
    done.set(code, out);
    return out;
  };
}

/** Only what the engine needs. */
function filesOf(engine: EngineName): Map<string, string> {
  const files = vm2Files();
  for (const name of [...files.keys()]) if (engine === 'context' && name !== 'acorn') files.delete(name);
  return files;
}

/** The files of vm2's `VM` and the parser it needs, by the names they require each other with. */
function vm2Files(): Map<string, string> {
  const fromVm2 = vm2Require();
  const folder = dirname(fromVm2.resolve('vm2/package.json'));
  const files = new Map<string, string>();
  for (const name of ['bridge', 'sources', 'transformer', 'compiler', 'script', 'vm'])
    files.set(`./${name}`, join(folder, 'lib', `${name}.js`));
  for (const name of ['acorn', 'acorn-walk']) files.set(name, fromVm2.resolve(name));
  return files;
}

/** Resolves as vm2 itself would: acorn is its dependency, not ours. */
function vm2Require(): NodeJS.Require {
  return createRequire(createRequire(import.meta.url).resolve('vm2/package.json'));
}
