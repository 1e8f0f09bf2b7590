import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Tarball } from './tarball.ts';

const FIELDS = [
  'name',
  'version',
  'description',
  'license',
  'keywords',
  'repository',
  'homepage',
  'bugs',
  'author',
];
const FILES = ['package.json', 'README.md', 'LICENSE'];

/** Packed; a package that outgrows this holds what does not belong there. nats-server itself is 7 MB. */
const MAX_BYTES: Record<string, number> = {
  kvflow: 5 << 20,
  '@kvflow/node-red': 1 << 20,
  'n8n-nodes-kvflow': 1 << 20,
};
const MAX_BYTES_OF_OTHERS = 24 << 20;

/** What is wrong with a packed package; empty where nothing is. */
export async function tarballFaults(tarball: Tarball): Promise<string[]> {
  const { name, manifest, files, bytes } = tarball;
  const most = MAX_BYTES[name] ?? MAX_BYTES_OF_OTHERS;
  return [
    ...FIELDS.filter(field => isEmpty(manifest[field])).map(field => `package.json lacks ${field}`),
    ...FILES.filter(file => !files.includes(file)).map(file => `${file} is missing`),
    ...named(manifest)
      .filter(file => !files.includes(file))
      .map(file => `package.json names ${file}, which is missing`),
    ...(bytes > most ? [`${bytes} bytes packed; at most ${most} are expected`] : []),
    ...files
      .filter(file => /(^|\/)(node_modules|\.env|\.kvflow)(\/|$)|\.test\.js$/.test(file))
      .map(file => `${file} does not belong there`),
    ...(name === 'kvflow' ? await schemaFaults(tarball) : []),
  ].map(fault => `${name}: ${fault}`);
}

/** Every function has its schema in the package, and every schema its function. */
async function schemaFaults({ unpacked, files }: Tarball): Promise<string[]> {
  const text = await readFile(join(unpacked, 'manifest.json'), 'utf8').catch(() => undefined);
  if (text === undefined) return ['manifest.json is missing'];
  const { functions } = JSON.parse(text) as { functions: { name: string }[] };
  const wanted = functions.map(({ name }) => `schemas/${name}.json`);
  const there = files.filter(file => /^schemas\/[^/]+\.json$/.test(file));
  return [
    ...wanted.filter(file => !there.includes(file)).map(file => `${file} is missing`),
    ...there.filter(file => !wanted.includes(file)).map(file => `${file} belongs to no function`),
  ];
}

/** Files that fields of package.json point at; those with a `*` are for checkers of exports. */
function named({ bin, exports, 'node-red': nodeRed, n8n }: Tarball['manifest']): string[] {
  const nodes = [...texts((nodeRed as { nodes?: unknown } | undefined)?.nodes), ...texts(n8n)];
  return [...texts(bin), ...texts(exports), ...nodes.filter(text => text.endsWith('.js'))]
    .map(path => path.replace(/^\.\//, ''))
    .filter(path => !path.includes('*'));
}

function texts(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(texts) : [];
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === '' || (Array.isArray(value) && value.length === 0);
}
