import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { CodeSplittingOptions, InputOptions, Plugin } from 'rolldown';
import { rolldown } from 'rolldown';

const ROOT = join(import.meta.dirname, '../..');
/** The programs of kvflow, by the names of their files in the bundle. */
const PROGRAMS = {
  main: join(ROOT, 'runtime/transports/cli/main.ts'),
  'worker-main': join(ROOT, 'runtime/main/workers/worker-main.ts'),
};
/** Starts a program of the bundle, which is where the bundle is. */
const STARTS_PROGRAMS = join(ROOT, 'runtime/main/workers/crew.ts');

/**
 * Small modules that every command begins with, or every script: each a piece of its own otherwise, since they have others who need them,
 * and a piece costs more than what is in it. What they import goes with them, so that none of them may import what is large.
 */
const PIECES: CodeSplittingOptions['groups'] = [
  {
    name: 'first',
    test: /\/runtime\/(transports\/cli\/(compile-cache|heap)|processes\/home)\.ts$/,
    priority: 3,
  },
  {
    name: 'cli',
    test: /\/runtime\/(transports\/cli\/(cli|io|bytes-input|item-commands|progress|stop-signal)|main\/(cli-host|quiet-log)|config\/read-config)\.ts$/,
    priority: 2,
  },
  {
    name: 'json',
    test: /\/(contract\/exact-(json|number)|runtime\/core\/(json-(lines|depth)|text-memo|slots))\.ts$/,
    priority: 1,
  },
];

/** What the files beside those that are bundled are: sources, or what tsc makes of them in dist/, one folder above the bundle. */
export type Beside = 'sources' | 'dist';

/**
 * Bundles `kvflow` and its workers into a folder; answers the path of its program. What else they start in processes and threads of
 * their own is what is beside the bundle.
 */
export async function bundleStart(folder: string, beside: Beside): Promise<string> {
  await bundlePrograms(folder, beside, PROGRAMS);
  return join(folder, 'main.mjs');
}

/**
 * Bundles programs into a folder, each as `<name>.mjs`, in pieces that are loaded when they are needed; packages stay outside, to be
 * found from that folder. `checks`: what it is warned of, which ends it, beside Rolldown's own choice.
 */
export async function bundlePrograms(
  folder: string,
  beside: Beside,
  programs: Record<string, string>,
  checks: InputOptions['checks'] = {},
): Promise<void> {
  await using build = await rolldown({
    input: programs,
    checks,
    platform: 'node',
    external: id => !/^[./]/.test(id) && !id.startsWith(ROOT),
    plugins: [manifestOutside(beside), jsonAsText(), placesOf(beside)],
    onLog: (level, log) => {
      if (level === 'warn') throw new Error(log.message);
    },
  });
  await build.write({
    dir: folder,
    format: 'esm',
    entryFileNames: '[name].mjs',
    chunkFileNames: '[name]-[hash].mjs',
    codeSplitting: { groups: PIECES },
    // The files beside it have them.
    comments: false,
  });
}

/** A fifth of all there is, and there already. */
function manifestOutside(beside: Beside): Plugin {
  const id = beside === 'sources' ? pathToFileURL(join(ROOT, 'manifest.json')).href : '../manifest.json';
  return {
    name: 'manifest-outside',
    resolveId: source => (source.endsWith('/manifest.json') ? { id, external: 'absolute' } : null),
  };
}

/** A text is read faster than an expression. */
function jsonAsText(): Plugin {
  return {
    name: 'json-as-text',
    async load(id) {
      if (!id.endsWith('.json')) return null;
      const json = JSON.stringify(JSON.parse(await readFile(id, 'utf8')));
      return { code: `export default JSON.parse(${JSON.stringify(json)})`, moduleType: 'js' };
    },
  };
}

/** A module that asks where it is gets to know where it would be without the bundle: what it looks for is beside it there. */
function placesOf(beside: Beside): Plugin {
  return {
    name: 'places',
    transform(code, id) {
      if (!code.includes('import.meta.') || id === STARTS_PROGRAMS) return null;
      return code.replace(/\bimport\.meta\.(dirname|filename|url)\b/g, (_all, what: Place) =>
        beside === 'sources' ? JSON.stringify(sourcePlace(id, what)) : distPlace(id, what),
      );
    },
  };
}

type Place = 'dirname' | 'filename' | 'url';

function sourcePlace(id: string, what: Place): string {
  if (what === 'url') return pathToFileURL(id).href;
  return what === 'dirname' ? join(id, '..') : id;
}

function distPlace(id: string, what: Place): string {
  const file = `../${relative(ROOT, id).replaceAll('\\', '/').replace(/\.ts$/, '.js')}`;
  if (what === 'url') return `new URL(${JSON.stringify(file)}, import.meta.url).href`;
  const path = what === 'dirname' ? file.slice(0, file.lastIndexOf('/')) : file;
  return `(import.meta.dirname + ${JSON.stringify(`/${path}`)})`;
}
