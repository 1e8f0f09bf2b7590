import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CatalogEntry } from '../../hosts/node-red/lib/types.d.ts';
import type { Manifest } from '../../runtime/core/manifest.ts';
import { nodeRedCatalog } from './node-red/catalog.ts';
import { nodeHelp, nodeTemplate } from './node-red/editor-html.ts';

/** The package for Node-RED as far as it follows from the manifest: what the nodes know, and the editor's half. */
export async function nodeRedFiles(
  root: string,
  manifest: Manifest,
): Promise<[path: string, text: string][]> {
  const folder = join(root, 'hosts/node-red');
  const icons = (await readdir(join(folder, 'nodes/icons'))).map(file => file.replace(/\.svg$/, ''));
  const catalog = nodeRedCatalog(manifest, icons);
  const editor = await readFile(join(folder, 'editor/kvflow-editor.js'), 'utf8');
  const connection = await readFile(join(folder, 'editor/connection.html'), 'utf8');
  return [
    ['hosts/node-red/generated/catalog.js', catalogModule(catalog)],
    ['hosts/node-red/nodes/kvflow.html', nodesHtml(manifest, catalog, { editor, connection })],
  ];
}

const NOTE = 'Generated from manifest.json; do not edit. npm run generate writes it.';

function catalogModule(catalog: CatalogEntry[]): string {
  const type = "/** @type {import('../lib/types.d.ts').CatalogEntry[]} */";
  return `// ${NOTE}\n\n${type}\nexport const catalog = ${JSON.stringify(catalog, null, 2)};\n`;
}

function nodesHtml(
  manifest: Manifest,
  catalog: CatalogEntry[],
  { editor, connection }: { editor: string; connection: string },
): string {
  const nodes = manifest.functions.flatMap((fn, index) => {
    const entry = catalog[index];
    return entry ? [nodeTemplate(entry), nodeHelp(fn, entry)] : [];
  });
  // The text of a script element must not hold what would end it.
  const data = JSON.stringify(catalog).replaceAll('<', '\\u003c');
  const script = editor
    .replace('(catalog =>', 'const kvflowNode = (catalog =>')
    .replace('(CATALOG)', () => `(${data})`)
    .trim();
  // A block of its own: the editor's page has one scope for all packages.
  const all = ['{', script, ...catalog.map(registration), '}'].join('\n');
  return `${[`<!-- ${NOTE} -->`, connection.trim(), ...nodes, `<script type="text/javascript">\n${all}\n</script>`].join('\n\n')}\n`;
}

/** Literal, for the flow library and the editor's search for unknown nodes read types off the file without running it. */
function registration({ name, color, icon, trigger, branches }: CatalogEntry): string {
  const literal = [
    `category: 'kvflow'`,
    `color: '${color}'`,
    `icon: '${icon}'`,
    `inputs: ${trigger ? 0 : 1}`,
  ];
  return `RED.nodes.registerType('${name}', { ${literal.join(', ')}, outputs: ${branches ? 2 : 1}, ...kvflowNode('${name}') });`;
}
