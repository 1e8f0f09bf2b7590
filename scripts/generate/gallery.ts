import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { drawFlow, type FlowNode } from './flow-drawing.ts';

/** One thing to show: what it is called, and what is said of it. */
interface Piece {
  title: string;
  about: string;
  parts: string[];
}

/**
 * docs/gallery.md and the drawings of its flows: the flows that the package for Node-RED brings, the recipes and the programs of
 * examples/, from the files that tests run.
 */
export function gallery(root: string): [path: string, text: string][] {
  const flows = filesOf(join(root, 'hosts/node-red/examples'), '.json').map(file => flowOf(root, file));
  const programs = readdirSync(join(root, 'examples'), { withFileTypes: true })
    .filter(entry => entry.isDirectory() && entry.name !== 'node_modules')
    .map(({ name }) => programOf(root, name));
  const page = [
    '<!-- Generated from the examples by npm run generate; do not edit. -->',
    '# Gallery',
    'Flows, recipes and programs to begin with. Each is run by the tests as it stands here.',
    '## Flows for Node-RED',
    'Copy one and paste it with Import (Ctrl-I) in the editor, or choose it there under Examples.',
    ...flows.map(({ piece }) => textOf(piece)),
    '## Recipes',
    recipes(root),
    '## Programs',
    ...programs.map(textOf),
    '',
  ].join('\n\n');
  return [['docs/gallery.md', page], ...flows.map(({ drawing }) => drawing)];
}

function flowOf(root: string, file: string): { piece: Piece; drawing: [path: string, text: string] } {
  const text = readFileSync(join(root, 'hosts/node-red/examples', file), 'utf8');
  const nodes = JSON.parse(text) as FlowNode[];
  const tab = nodes.find(({ type }) => type === 'tab');
  const [title, name] = [tab?.label ?? file, file.replace('.json', '')];
  const parts = [
    `![${title}](gallery/${name}.svg)`,
    folded('The flow as JSON', 'json', JSON.stringify(nodes)),
  ];
  return {
    piece: { title, about: tab?.info ?? '', parts },
    drawing: [`docs/gallery/${name}.svg`, drawFlow(title, nodes)],
  };
}

function programOf(root: string, name: string): Piece {
  const readme = readFileSync(join(root, 'examples', name, 'README.md'), 'utf8');
  const [, title = name, about = ''] = /^# (.+)\n+([\s\S]+?)\n\n/.exec(readme) ?? [];
  const code = readFileSync(join(root, 'examples', name, 'main.js'), 'utf8');
  const prints = /```text\n[\s\S]+?```/.exec(readme)?.[0] ?? '';
  // The page lies elsewhere than the README.
  const moved = about.replaceAll(
    /\]\((?!https?:)([^)#]+)/g,
    (_link, target) => `](${relative(join(root, 'docs'), join(root, 'examples', name, target))}`,
  );
  return { title, about: moved, parts: [folded('The program', 'js', code.trimEnd()), prints] };
}

/** The table of recipes, whose page lies one folder deeper. */
function recipes(root: string): string {
  const page = readFileSync(join(root, 'docs/recipes/README.md'), 'utf8');
  const table = page.split('\n').filter(line => line.startsWith('|'));
  return table.join('\n').replaceAll(/\]\((?=[a-z-]+\.md\))/g, '](recipes/');
}

function textOf({ title, about, parts }: Piece): string {
  return [`### ${title}`, about, ...parts].join('\n\n');
}

function folded(title: string, language: string, text: string): string {
  return [`**${title}**`, `\`\`\`${language}\n${text}\n\`\`\``].join('\n\n');
}

function filesOf(folder: string, ending: string): string[] {
  return readdirSync(folder)
    .filter(name => name.endsWith(ending))
    .sort();
}
