/**
 * Writes everything that follows from schemas/ and functions/: manifest.json, the contract's types, the list of
 * functions, their doc pages, the nodes of the hosts and the README's table. `--check` writes nothing and fails when a
 * file is stale.
 */
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { dialogPage } from './generate/dialog-page.ts';
import { docstringExamples } from './generate/docstring-examples.ts';
import { errorsTable } from './generate/error-docs.ts';
import { functionIndex } from './generate/function-index.ts';
import { functionPages } from './generate/function-pages.ts';
import { functionTypes } from './generate/function-types.ts';
import { gallery } from './generate/gallery.ts';
import { grafanaBoard } from './generate/grafana/board.ts';
import { laidJson } from './generate/laid-json.ts';
import { loadManifest } from './generate/load-manifest.ts';
import { nodeRedFiles, nodeRedGaps } from './generate/node-red.ts';
import { roomsDrawing } from './generate/rooms.ts';
import { scriptNamesModule } from './generate/script-names.ts';
import { contractTypes } from './generate/types.ts';
import { warehouseKinds } from './generate/warehouse-kinds.ts';
import { serverJson } from './release/mcp-bundle.ts';

const root = join(import.meta.dirname, '..');
const check = process.argv.includes('--check');
/** Folders that hold nothing but generated files, and held some that there are no more. */
const GENERATED = [
  'docs/functions',
  'docs/gallery',
  'tests/docs/examples',
  'hosts/node-red/generated',
  'hosts/n8n/nodes/Kvflow/generated',
  'dashboard/src/generated',
];

// Written before what reads the settings is loaded, which knows the kinds by them.
const kinds = await warehouseKinds(root);
if (!check) for (const [path, text] of kinds) if ((await read(path)) !== text) await write(path, text);
const { configSchema, destinationsTable, settingsTable } = await import('./generate/config-docs.ts');
const loaded = await loadManifest(root);
const contract = await contractTypes(loaded);
const files = new Map<string, string>([
  ['schemas/config/kvflow.json', laidJson(configSchema())],
  ['deploy/grafana/kvflow.json', laidJson(grafanaBoard())],
  ['manifest.json', laidJson(loaded.manifest)],
  ['server.json', `${JSON.stringify(serverJson(loaded.manifest.version), null, 2)}\n`],
  ['dashboard/src/generated/script-names.ts', scriptNamesModule(root)],
  ['functions/index.gen.ts', functionIndex(loaded.manifest)],
  ['contract/types.gen.ts', contract],
  ['contract/functions.gen.ts', functionTypes(loaded.manifest)],
  ...kinds,
  ...(await docstringExamples(root)),
  ...functionPages(loaded.manifest),
  ...gallery(root),
  ...dialogPage(root, loaded.manifest),
  ...(await nodeRedFiles(root, loaded.manifest)),
]);
const pages: Record<string, Record<string, string>> = {
  'README.md': { functions: functionsTable() },
  'AGENTS.md': { rooms: roomsDrawing(root) },
  'docs/errors.md': { errors: errorsTable() },
  'docs/configuration.md': { settings: settingsTable(), destinations: destinationsTable() },
};
for (const [path, blocks] of Object.entries(pages)) {
  const page = await withBlocks(path, blocks);
  if (page) files.set(path, page);
}

const stale: string[] = [];
for (const [path, text] of files) if ((await read(path)) !== text) stale.push(path);
const left = await leftOver();

if (check && stale.length + left.length > 0) {
  console.error(`Stale generated files; run: npm run generate\n  ${[...stale, ...left].join('\n  ')}`);
  process.exit(1);
}
if (!check) {
  for (const path of stale) await write(path, files.get(path) ?? '');
  for (const path of left) await rm(join(root, path));
}
for (const gap of await nodeRedGaps(root, loaded.manifest)) console.log(gap);
console.log(
  `${files.size} generated files, ${check ? 'all up to date' : `${stale.length} written, ${left.length} removed`}`,
);

async function read(path: string): Promise<string | undefined> {
  return readFile(join(root, path), 'utf8').catch(() => undefined);
}

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
}

/** Pages of functions that are no more, and files of the hosts that are made when they are needed. */
async function leftOver(): Promise<string[]> {
  const found = await Promise.all(
    GENERATED.map(async folder => {
      const names = await readdir(join(root, folder)).catch(() => []);
      return names.map(name => relative(root, join(root, folder, name)));
    }),
  );
  return found.flat().filter(path => !files.has(path));
}

/** A page with what stands between its comments `<!-- name -->` and `<!-- /name -->` written anew. */
async function withBlocks(path: string, blocks: Record<string, string>): Promise<string | undefined> {
  let text = await read(path);
  for (const [name, block] of Object.entries(blocks)) {
    const place = new RegExp(`(<!-- ${name} -->)[\\s\\S]*?(<!-- /${name} -->)`);
    text = text?.replace(place, (_all, open, close) => `${open}\n${block}\n${close}`);
  }
  return text;
}

function functionsTable(): string {
  const rows = loaded.manifest.functions.map(
    fn => `| [${fn.name}](docs/functions/${fn.name}.md) | ${fn.description.split(/(?<=\.)\s/, 1)[0]} |`,
  );
  return ['| function | |', '|---|---|', ...rows].join('\n');
}
