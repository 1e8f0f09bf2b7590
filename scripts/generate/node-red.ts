import { join } from 'node:path';
import type { Manifest } from '../../runtime/core/manifest.ts';
import { clientModule } from './node-red/client-module.ts';
import { editorHtml } from './node-red/editor-html.ts';
import { nodeRedCatalog } from './node-red/pack.ts';
import { describeGaps, translationGaps } from './node-red/translations.ts';

const FOLDER = 'hosts/node-red';

/** What the Node-RED package has in its files of the manifest: the types, which catalogues of nodes read there. And the client. */
export async function nodeRedFiles(
  root: string,
  manifest: Manifest,
): Promise<[path: string, text: string][]> {
  return [
    [`${FOLDER}/nodes/kvflow.html`, await editorHtml(join(root, FOLDER), nodeRedCatalog(manifest))],
    [`${FOLDER}/lib/generated/client.js`, await clientModule(root)],
  ];
}

/** What `npm run generate` says of texts without a translation. */
export async function nodeRedGaps(root: string, manifest: Manifest): Promise<string[]> {
  return describeGaps(await translationGaps(join(root, FOLDER), nodeRedCatalog(manifest)));
}
