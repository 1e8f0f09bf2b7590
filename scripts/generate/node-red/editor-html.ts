import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CatalogEntry } from '../../../hosts/node-red/lib/types.d.ts';

/** Modules of the editor's half, each after those that it imports. */
export const EDITOR_FILES = ['texts', 'code', 'fields', 'form', 'help', 'connection', 'kvflow-editor'];

const NOTE = 'Generated from editor/ and manifest.json; do not edit. npm run generate writes it.';
/** What stands beside the fields, and below them. */
const STYLE = `<style>
.kvflow-form .form-row > label { width: 130px; overflow-wrap: anywhere; hyphens: auto; vertical-align: top; }
.kvflow-form .kvflow-about { margin-left: 135px; font-size: 0.85em; line-height: 1.3; color: var(--red-ui-secondary-text-color, #666); }
</style>`;

/** nodes/kvflow.html: what the editor runs, and of every node what catalogues of nodes read without running it. */
export async function editorHtml(folder: string, catalog: CatalogEntry[]): Promise<string> {
  const connection = await readFile(join(folder, 'editor/connection.html'), 'utf8');
  const modules = await Promise.all(
    EDITOR_FILES.map(name => readFile(join(folder, `editor/${name}.js`), 'utf8')),
  );
  // A function of its own: the editor's page has one scope for all packages.
  const script = ['(() => {', ...modules.map(withoutModule), ...catalog.map(registration), '})();'].join(
    '\n',
  );
  const parts = [
    `<!-- ${NOTE} -->`,
    STYLE,
    connection.trim(),
    ...catalog.map(firstHelp),
    `<script type="text/javascript">\n${script}\n</script>`,
  ];
  return `${parts.join('\n\n')}\n`;
}

/** A module as a part of one script. */
function withoutModule(text: string): string {
  return text
    .replaceAll(/^import [\s\S]*? from '[^']+';\n/gm, '')
    .replaceAll(/^export /gm, '')
    .trim();
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

/** What the node does; the rest is added in the editor's language. */
function firstHelp({ name, about }: CatalogEntry): string {
  const text = about.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return `<script type="text/html" data-help-name="${name}"><p>${text}</p></script>`;
}
