import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CatalogEntry } from '../../../hosts/node-red/lib/types.d.ts';
import { EDITOR_FILES } from './editor-html.ts';

/** Languages beside English. */
export const LANGUAGES = ['de', 'ja'];

/** Of a text that stands as an example; characters. */
const LONGEST = 70;

/** What is wrong with the table of one language; what is missing is shown in English. */
export interface Gaps {
  language: string;
  missing: string[];
  /** Keys of texts that there are no more. */
  unused: string[];
}

/** Compares the texts of the editor with the tables in nodes/locales. */
export async function translationGaps(folder: string, catalog: CatalogEntry[]): Promise<Gaps[]> {
  const keys = new Set([...textsOf(catalog), ...(await textsOfEditor(folder))].map(keyOf));
  return await Promise.all(
    LANGUAGES.map(async language => {
      const table = await readTable(folder, language);
      return {
        language,
        missing: [...keys].filter(key => !table[key]),
        unused: Object.keys(table).filter(key => !keys.has(key)),
      };
    }),
  );
}

/** One line for each language that is not whole. */
export function describeGaps(gaps: Gaps[]): string[] {
  return gaps.flatMap(({ language, missing, unused }) => [
    ...(missing.length > 0
      ? [`${language}: ${missing.length} texts are in English, such as "${short(missing)}"`]
      : []),
    ...(unused.length > 0
      ? [`${language}: ${unused.length} translations have no text, such as "${short(unused)}"`]
      : []),
  ]);
}

function short([first = '']: string[]): string {
  return first.length > LONGEST ? `${first.slice(0, LONGEST)}...` : first;
}

/** Dots and colons mean something in a key of i18next. */
export function keyOf(english: string): string {
  return english.replace(/[.:]/g, '');
}

/** The table of a language: English without dots and colons, and what it is called there. */
export async function readTable(folder: string, language: string): Promise<Record<string, string>> {
  const text = await readFile(join(folder, 'nodes/locales', language, 'kvflow.json'), 'utf8');
  return JSON.parse(text) as Record<string, string>;
}

function textsOf(catalog: CatalogEntry[]): string[] {
  return catalog.flatMap(({ about, results, fields, settings, otherwise }) => [
    about,
    ...(otherwise ? [otherwise.name] : []),
    ...results.map(property => property.about).filter(Boolean),
    ...fields.flatMap(field => [field.label, field.about]),
    ...settings.flatMap(setting => [
      setting.label,
      setting.about,
      ...(setting.choices ?? []).map(choice => choice.label),
    ]),
  ]);
}

/** Texts that stand in the editor's own code, and in the dialog of the connection. */
async function textsOfEditor(folder: string): Promise<string[]> {
  const modules = await Promise.all(
    EDITOR_FILES.map(name => readFile(join(folder, `editor/${name}.js`), 'utf8')),
  );
  const dialog = await readFile(join(folder, 'editor/connection.html'), 'utf8');
  const [called = [], listed = []] = [/\bt\(\s*'([^']+)',?\s*\)/g, /(?:label|about): '([^']+)'/g].map(
    pattern => modules.flatMap(text => [...text.matchAll(pattern)].map(([, found = '']) => found)),
  );
  const ways = modules.flatMap(text => waysOf(text));
  const attributes = [...dialog.matchAll(/data-i18n="(?:\[\w+\])?([^"]+)"/g)].map(([, found = '']) => found);
  const units = ['milliseconds', 'seconds', 'minutes', 'hours', 'days', 'nanoseconds'];
  return [...called, ...listed, ...ways, ...attributes, ...units];
}

/** The list in the help of the connection. */
function waysOf(text: string): string[] {
  const list = /const ways = (\[[\s\S]*?\n {2}\]);/.exec(text)?.[1];
  return list ? [...list.matchAll(/'([^']+)'/g)].map(([, found = '']) => found) : [];
}
