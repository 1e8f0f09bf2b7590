/** Writes hosts/node-red/examples/functions: a flow for every node, for Node-RED's Import > Examples. */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Manifest } from '../runtime/core/manifest.ts';
import { exampleFlows } from './generate/node-red/examples.ts';
import { nodeRedCatalog } from './generate/node-red/pack.ts';

const ROOT = join(import.meta.dirname, '..');
const FOLDER = join(ROOT, 'hosts/node-red/examples/functions');

/** Makes what the package has beside its sources. Idempotent. */
export async function buildNodeRed(): Promise<void> {
  const manifest = JSON.parse(await readFile(join(ROOT, 'manifest.json'), 'utf8')) as Manifest;
  await rm(FOLDER, { recursive: true, force: true });
  await mkdir(FOLDER, { recursive: true });
  for (const { name, nodes } of exampleFlows(manifest, nodeRedCatalog(manifest)))
    await writeFile(join(FOLDER, `${name}.json`), `${JSON.stringify(nodes, null, 2)}\n`);
}

if (import.meta.main) await buildNodeRed();
