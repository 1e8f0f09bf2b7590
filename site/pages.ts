/** Which pages of docs/ the site has, and what it gives to those who read by machine. */
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Pages of one folder. */
export interface Group {
  text: string;
  collapsed: boolean;
  /** `file`: its path in docs/; `link`: its address. */
  items: { text: string; file: string; link: string }[];
}

/** Pages of an older version lie elsewhere. */
const DOCS = process.env.KVFLOW_SITE_DOCS ?? join(import.meta.dirname, '../docs');
/** Folders that have a group of their own in the sidebar, under this heading. */
const FOLDERS: Record<string, string> = {
  transform: 'Scripts',
  warehouses: 'Warehouses',
  hosts: 'Hosts',
  recipes: 'Recipes',
  functions: 'Functions',
};

/** Every page, by folders, under its own heading. */
export function sidebar(): Group[] {
  const folders = Object.entries(FOLDERS).filter(([folder]) => existsSync(join(DOCS, folder)));
  return [
    group('kvflow', ''),
    ...folders.map(([folder, text]) => ({
      ...group(text, `${folder}/`),
      collapsed: folder === 'functions',
    })),
  ];
}

/**
 * Looks whether every page was built: VitePress goes on where one cannot be rendered.
 * @throws Error with the pages that are missing or have no heading, or where there is no index to search in
 */
export function requirePages(outDir: string): void {
  const built = (link: string) => join(outDir, `${link.replace(/\/$/, '/index')}.html`);
  const pages = sidebar().flatMap(({ items }) => items.map(({ link }) => built(link)));
  const missing = pages.filter(file => !existsSync(file) || !/<h1/.test(readFileSync(file, 'utf8')));
  if (missing.length > 0) throw new Error(`Pages that were not built:\n${missing.join('\n')}`);
  const chunks = readdirSync(join(outDir, 'assets/chunks'));
  if (!chunks.some(file => file.startsWith('@localSearchIndex')))
    throw new Error('There is nothing to search in');
}

/** Writes every page as Markdown at its own address with .md, and `llms.txt`, which lists them (llmstxt.org). */
export function writeMarkdown(outDir: string): void {
  const groups = sidebar();
  // Pages alone: a folder of pictures would take the address of the page of its name.
  for (const { file } of groups.flatMap(({ items }) => items)) cpSync(join(DOCS, file), join(outDir, file));
  const lines = groups.flatMap(({ text, items }) => [
    '',
    `## ${text}`,
    '',
    ...items.map(item => `- [${item.text}](/${item.file})`),
  ]);
  writeFileSync(join(outDir, 'llms.txt'), ['# kvflow', ...lines, ''].join('\n'));
}

function group(text: string, folder: string): Group {
  const files = readdirSync(join(DOCS, folder)).filter(file => file.endsWith('.md'));
  const items = files.map(file => ({
    text: headingOf(join(DOCS, folder, file)) ?? file,
    file: `${folder}${file}`,
    link: `/${folder}${file.replace(/(README)?\.md$/, '')}`,
  }));
  return { text, collapsed: false, items: items.sort((a, b) => a.link.localeCompare(b.link)) };
}

function headingOf(path: string): string | undefined {
  return /^# (.+)$/m.exec(readFileSync(path, 'utf8'))?.[1]?.replaceAll('`', '');
}
