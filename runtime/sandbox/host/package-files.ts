import { readFileSync } from 'node:fs';
import { createRequire, isBuiltin } from 'node:module';
import { join } from 'node:path';

/** A package of npm whose files are CommonJS, as installed here. */
export interface Packaged {
  /** What the text asks for it by. */
  name: string;
  /** Resolves as whoever depends on it does. */
  require: NodeJS.Require;
}

interface File {
  text: string;
  /** The files that it requires, by the names that it has for them. */
  inner: Record<string, string>;
}

interface Node {
  type: string;
  start: number;
  end: number;
  value?: unknown;
  callee?: { name?: string };
  arguments?: { value?: unknown }[];
}

/** The tools by which files are read: acorn and its walker. */
interface Tools {
  parse(code: string, options: object): Node;
  full(tree: Node, call: (node: Node) => void): void;
}

/**
 * An expression: a function `load(name, builtins)` that requires one of `packages` by its public entry. All files that these
 * lead to are in it, those of their own dependencies too, without comments; `builtins` answers all other names.
 */
export function packagesText(packages: readonly Packaged[], tools: Tools): string {
  const files = new Map<string, File>();
  const entries = packages.map(({ name, require }) => [name, addFile(files, require.resolve(name), tools)]);
  const table = [...files].map(
    ([id, { text, inner }]) =>
      `${JSON.stringify(id)}:[(function(module,exports,require,__filename,__dirname){${text}\n}),${JSON.stringify(inner)}]`,
  );
  return `(function(){const files={${table.join(',\n')}},entries=${JSON.stringify(Object.fromEntries(entries))},made={};
function load(id,builtins){
  if(!made[id]){const module=made[id]={exports:{}},file=files[id];
    file[0].call(module.exports,module,module.exports,function(name){return file[1][name]?load(file[1][name],builtins):builtins(name)},'/'+id,'/'+id.replace(/\\/[^/]*$/,''))}
  return made[id].exports}
return function(name,builtins){return load(entries[name],builtins)}})()`;
}

/** Adds a file and those that it leads to; answers what the table calls it. */
function addFile(files: Map<string, File>, path: string, tools: Tools): string {
  const id = idOf(path);
  if (files.has(id)) return id;
  const { text, required } = read(readFileSync(path, 'utf8'), tools);
  const inner: Record<string, string> = {};
  files.set(id, { text, inner });
  for (const name of required) {
    const target = isBuiltin(name) ? undefined : resolved(path, name);
    if (target !== undefined) inner[name] = addFile(files, target, tools);
  }
  return id;
}

/** Undefined of what is no file of its own and of no package that it depends on: it may look for others that it can do without. */
function resolved(path: string, name: string): string | undefined {
  const base = /^(?:@[^/]+\/)?[^/]+/.exec(name)?.[0] ?? '';
  const isTaken = name.startsWith('.') || base in dependenciesOf(path);
  return isTaken ? createRequire(path).resolve(name) : undefined;
}

/** As the package says that the file is of. */
function dependenciesOf(path: string): Record<string, string> {
  const [folder = ''] = /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/.exec(path) ?? [];
  const { dependencies = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    dependencies?: Record<string, string>;
  };
  return dependencies;
}

/** The path from the folder of packages on. */
function idOf(path: string): string {
  return path.slice(path.indexOf('node_modules') + 'node_modules/'.length).replaceAll('\\', '/');
}

/** The text without its comments, which every worker would keep in memory, and what it requires. */
function read(code: string, tools: Tools): { text: string; required: Set<string> } {
  /** What stands in place of a part. */
  const instead: { start: number; end: number; by: string }[] = [];
  const onComment = (_isBlock: boolean, value: string, start: number, end: number): void => {
    // A line break may end a statement.
    instead.push({ start, end, by: /[\n\r]/.test(value) ? '\n' : ' ' });
  };
  const tree = tools.parse(code, { ecmaVersion: 'latest', allowReturnOutsideFunction: true, onComment });
  const required = new Set<string>();
  tools.full(tree, ({ type, start, end, value, callee, arguments: given }) => {
    const [first] = given ?? [];
    if (type === 'CallExpression' && callee?.name === 'require' && typeof first?.value === 'string')
      required.add(first.value);
    // vm2 keeps the code of its realm as texts, which is code too.
    if (type === 'Literal' && typeof value === 'string' && value.length > LONG)
      instead.push({ start, end, by: JSON.stringify(read(value, tools).text) });
  });
  let text = '';
  let at = 0;
  for (const { start, end, by } of instead.sort((a, b) => a.start - b.start)) {
    text += code.slice(at, start) + by;
    at = end;
  }
  return { text: ascii(text + code.slice(at)), required };
}

/** Characters beyond ASCII are escaped, which they may be wherever they are in code: a text without them takes half the memory. */
export function ascii(code: string): string {
  return code.replace(/[\u0080-\uffff]/g, char => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Characters from which on a text is taken to be code. */
const LONG = 10_000;
