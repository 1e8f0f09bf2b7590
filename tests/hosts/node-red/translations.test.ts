/** The tables of translations, and what npm run generate says of them. */
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import manifest from '../../../manifest.json' with { type: 'json' };
import type { Manifest } from '../../../runtime/core/manifest.ts';
import { nodeRedCatalog } from '../../../scripts/generate/node-red/pack.ts';
import {
  describeGaps,
  keyOf,
  LANGUAGES,
  readTable,
  translationGaps,
} from '../../../scripts/generate/node-red/translations.ts';

const FOLDER = join(import.meta.dirname, '../../../hosts/node-red');
const catalog = nodeRedCatalog(manifest as unknown as Manifest);

test.each(LANGUAGES)('Node-RED - the table of %s has the words of every dialog', async language => {
  const table = await readTable(FOLDER, language);
  const words = ['Name', 'Connection', 'Send', 'not set', 'Fields', 'Output', 'Servers', 'the whole answer'];
  expect(words.filter(word => !table[word])).toEqual([]);
  expect(Object.values(table).filter(text => text.trim() === '')).toEqual([]);
});

test('Node-RED - a text without a translation, and a translation without a text, are told', async () => {
  const [entry] = catalog;
  if (!entry) throw new Error('no catalogue');
  const changed = [{ ...entry, about: 'Says something new: at last.' }, ...catalog.slice(1)];
  const before = await translationGaps(FOLDER, catalog);
  const gaps = await translationGaps(FOLDER, changed);
  for (const [index, gap] of gaps.entries()) {
    expect(gap.missing).toContain('Says something new at last');
    expect(gap.missing).toHaveLength((before[index]?.missing.length ?? 0) + 1);
    expect(gap.unused).toContain(keyOf(entry.about));
  }
  expect(describeGaps([{ language: 'de', missing: ['A', 'B'], unused: ['C'] }])).toEqual([
    'de: 2 texts are in English, such as "A"',
    'de: 1 translations have no text, such as "C"',
  ]);
  expect(describeGaps([{ language: 'de', missing: [], unused: [] }])).toEqual([]);
});
