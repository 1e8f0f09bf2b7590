/** Which pages of docs/ the site has, and what it gives to those who read by machine. */
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Pages of one folder. */
export interface Group {
  text: string;
  collapsed: boolean;
  /** `file`: its path in docs/; `link`: its address. */
  items: { text: string; file: string; link: string }[];
}

const DOCS = join(import.meta.dirname, '../docs');

/** Every page, by folders, under its own heading. */
export function sidebar(): Group[] {
  return [
    group('kvflow', ''),
    group('Scripts', 'transform/'),
    group('Warehouses', 'warehouses/'),
    group('Hosts', 'hosts/'),
    group('Recipes', 'recipes/'),
    { ...group('Functions', 'functions/'), collapsed: true },
  ];
}

/** Writes every page as Markdown at its own address with .md, and `llms.txt`, which lists them (llmstxt.org). */
export function writeMarkdown(outDir: string): void {
  cpSync(DOCS, outDir, { recursive: true, filter: file => !/\.png$/.test(file) });
  const lines = sidebar().flatMap(({ text, items }) => [
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
