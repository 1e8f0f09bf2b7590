/** The packages that scripts may import: kept ones of npm, pure JavaScript, put together from node_modules when first asked for. */

import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import type { EngineName } from '../engines/engine.ts';
import { prepareForVm2 } from './program.ts';

/** A package as a worker gets it. */
export interface ScriptPackage {
  /** What scripts import it by. */
  name: string;
  /** An expression, prepared for the engine: a function that makes the package of a function that imports others. */
  code: string;
  /** It keeps state of its own, such as a locale: each event has it anew. Others are made once, and frozen. */
  isFresh: boolean;
}

/** By the names that scripts import them by: where they begin. All are under MIT; tldts carries the Public Suffix List (MPL 2.0). */
const PACKAGES: Record<string, string> = {
  dayjs: 'dayjs/dayjs.min.js',
  lodash: 'lodash/lodash.min.js',
  'lodash-es': 'lodash/lodash.min.js',
  tldts: 'tldts/dist/index.cjs.min.js',
  '@rs/userAgentParser/v1': 'ua-parser-js/dist/ua-parser.min.js',
  'ua-parser-js': 'ua-parser-js/dist/ua-parser.min.js',
  uuid: 'uuid/dist/cjs-browser/index.js',
};
const IMPORTED =
  /(['"`])(dayjs(?:\/(?:plugin|locale)\/[A-Za-z-]+)?|lodash(?:-es)?(?:\/[A-Za-z]+)?|tldts|ua-parser-js|uuid|@rs\/userAgentParser\/v1)(?:\.js)?\1/g;
const REQUIRED = /\brequire\((['"])(\.{1,2}\/[^'"]+)\1\)/g;

const require = createRequire(import.meta.url);
const made = new Map<string, ScriptPackage | undefined>();

/** Names that a script may import packages by. */
export function packageNames(text: string): string[] {
  return [...text.matchAll(IMPORTED)].map(([, , name = '']) => name);
}

/** The packages of some names. */
export function packagesOf(imported: readonly string[], engine: EngineName): ScriptPackage[] {
  if (imported.length === 0) return [];
  const names = new Set(imported);
  // Parts ask for the whole.
  for (const name of [...names]) if (name.includes('/')) names.add(name.split('/')[0] ?? '');
  // A whole package comes before its parts.
  return [...names]
    .sort()
    .map(name => packageOf(name, engine))
    .filter(found => found !== undefined);
}

function packageOf(name: string, engine: EngineName): ScriptPackage | undefined {
  const key = `${engine} ${name}`;
  if (made.has(key)) return made.get(key);
  const plain = make(name);
  const found = plain && engine === 'vm2' ? { ...plain, code: prepareForVm2(plain.code) } : plain;
  made.set(key, found);
  return found;
}

function make(name: string): ScriptPackage | undefined {
  const [base = '', part] = name.split(/\/(.*)/s);
  // Of lodash, a function by its own name.
  if (base.startsWith('lodash') && part !== undefined)
    return { name, code: `(function(take){return take('${base}')['${part}']})`, isFresh: false };
  const isDayjsPart = base === 'dayjs' && part !== undefined;
  const main = isDayjsPart ? `dayjs/${part}.js` : (PACKAGES[name] ?? PACKAGES[base]);
  const path = main === undefined ? undefined : pathOf(main);
  return path === undefined ? undefined : { name, code: joined(path), isFresh: base === 'dayjs' };
}

/** Undefined where the package has no such file. */
function pathOf(file: string): string | undefined {
  const [base = ''] = file.split('/');
  const folder = dirname(require.resolve(`${base}/package.json`));
  const path = join(folder, '..', file);
  return existsSync(path) ? path : undefined;
}

/** A CommonJS file, and those that it requires, as one expression. */
function joined(main: string): string {
  const folder = dirname(main);
  const files = new Map<string, string>();
  const todo = [main];
  for (let path = todo.pop(); path !== undefined; path = todo.pop()) {
    const id = relative(folder, path);
    if (files.has(id)) continue;
    const text = readFileSync(path, 'utf8').replace(/^\/\/# sourceMappingURL=.*$/m, '');
    files.set(id, text);
    for (const [, , target = ''] of text.matchAll(REQUIRED)) todo.push(join(dirname(path), target));
  }
  const table = [...files].map(
    ([id, text]) => `${JSON.stringify(id)}:function(module,exports,require){${text}\n}`,
  );
  return `(function(take){var files={${table.join(',\n')}},made={};
function load(id){if(!made[id]){var module=made[id]={exports:{}};files[id].call(module.exports,module,module.exports,function(name){return name[0]==='.'?load(under(id,name)):take(name)})}return made[id].exports}
function under(id,name){var at=id.split('/').slice(0,-1);name.split('/').forEach(function(part){if(part==='..'&&at.length>0&&at[at.length-1]!=='..')at.pop();else if(part!=='.')at.push(part)});return at.join('/')}
return load(${JSON.stringify(relative(folder, main))})})`;
}
