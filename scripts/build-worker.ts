/**
 * Builds the program of the script workers: our modules in runtime/sandbox/guest and worker, and the packages that go with
 * them, each bundled into one text. Into dist/ without arguments; `sources` keeps it for sources that run as they are.
 */
import { hash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { rolldown } from 'rolldown';
import { BUNDLES_FILE } from '../runtime/sandbox/host/bundle.ts';
import { codeFile, codePath, markOf, programPath } from '../runtime/sandbox/host/kept-program.ts';
import { ascii } from '../runtime/sandbox/host/package-files.ts';
import { type Bundles, programHead, workerProgram } from '../runtime/sandbox/host/program.ts';
import { SOURCES_FOLDER, sourcesWord } from '../runtime/sandbox/host/program-of-sources.ts';
import { compiledCode } from './build-worker/compiled-code.ts';
import { forRealm } from './build-worker/for-realm.ts';

const ROOT = join(import.meta.dirname, '..');
const SANDBOX = join(ROOT, 'runtime/sandbox');
const LICENCES_FILE = 'worker-licences.txt';

const isOfSources = process.argv[2] === 'sources';
const folder = isOfSources ? SOURCES_FOLDER : join(ROOT, 'dist/runtime/sandbox/host');
const head = isOfSources ? programHead(sourcesWord()) : programHead();

const packages = new Set<string>();
const guest = await bundle('guest/main.ts', 'neutral');
const worker = await bundle('worker/main.ts', 'node');
const bundles: Bundles = {
  guest: `(function(module,exports){${guest}\nreturn module.exports.openRealm()})(...(o=>[o,o.exports])({exports:{}}))`,
  worker,
};
await mkdir(folder, { recursive: true });
for (const engine of ['vm2', 'context'] as const) {
  const text = workerProgram(engine, bundles);
  const first = head + markOf(hash('sha256', text));
  const path = programPath(engine, folder);
  // As large as the text: for what is not the default, not worth its place in a package.
  if (engine === 'vm2')
    await write(codePath(path), codeFile(first, await compiledCode(engine, first + text)));
  await write(path, first + text);
}
if (!isOfSources) {
  await write(join(folder, BUNDLES_FILE), JSON.stringify(bundles));
  await write(join(folder, LICENCES_FILE), await licences());
}

/** As one CommonJS text without comments. Names stay: scripts see those of classes. */
async function bundle(entry: string, platform: 'neutral' | 'node'): Promise<string> {
  const build = await rolldown({
    input: join(SANDBOX, entry),
    platform,
    resolve: { mainFields: ['module', 'main'] },
    plugins: [forRealm()],
    onLog: (level, log) => {
      if (level === 'warn') throw new Error(log.message);
    },
  });
  const { output } = await build.generate({
    format: 'cjs',
    keepNames: true,
    minify: { compress: false, mangle: false, codegen: { removeWhitespace: true } },
  });
  for (const path of output.flatMap(chunk => ('moduleIds' in chunk ? chunk.moduleIds : [])))
    for (const [name] of path.matchAll(/^.*node_modules\/(?:@[^/]+\/)?[^/]+/g)) packages.add(name);
  return ascii(output[0].code);
}

/** Written whole or not at all: several tests may build at the same time. */
async function write(path: string, text: string | Buffer): Promise<void> {
  const draft = `${path}.${process.pid}`;
  await writeFile(draft, text);
  await rename(draft, path);
}

/** Of the packages that are in it. */
async function licences(): Promise<string> {
  const texts = [...packages].sort().map(async path => {
    const { name, version } = JSON.parse(await readFile(join(path, 'package.json'), 'utf8'));
    for (const file of ['LICENSE', 'LICENSE.md', 'LICENSE.txt', 'LICENSE-MIT.txt']) {
      const text = await readFile(join(path, file), 'utf8').catch(() => undefined);
      if (text !== undefined) return `${name} ${version}\n\n${text}`;
    }
    throw new Error(`${dirname(path)}: ${name} has no licence beside it`);
  });
  return (await Promise.all(texts)).join('\n\n');
}
