/** docs/configuration.md and the JSON Schema of kvflow.yaml against what is really read. */
import { readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { NATS_SETTINGS } from '../../../runtime/config/nats-settings.ts';
import { createProblems } from '../../../runtime/config/problems.ts';
import { SETTINGS } from '../../../runtime/config/settings.ts';
import { readTable } from '../../../runtime/config/sources.ts';
import configSchema from '../../../schemas/config/kvflow.json' with { type: 'json' };
import { configFolder } from './config-folder.ts';

const ROOT = join(import.meta.dirname, '../../..');
const page = readFileSync(join(ROOT, 'docs/configuration.md'), 'utf8');
const fitsSchema = new Ajv({ allowUnionTypes: true }).compile(configSchema);

/** Key in the file, and the default beside it where the page names one as code. */
const documented = [...page.matchAll(/^\|[^|]*\| `([a-z_.]+)` \| ([^|]*) \|/gm)].map(
  ([, key = '', shown = '']) => ({
    key,
    values: [...shown.matchAll(/`([^`]+)`/g)].map(([, value]) => value),
    isWords: shown !== '' && !/^`[^/]/.test(shown),
  }),
);

test('configuration - everything has the default that the documentation names', () => {
  const sources = { overrides: {}, env: {}, file: undefined, cwd: '/', problems: createProblems() };
  const read = new Map<string, unknown>();
  for (const table of [SETTINGS, NATS_SETTINGS.main]) {
    const values: Record<string, unknown> = readTable(table, sources);
    for (const [name, setting] of Object.entries(table)) read.set(setting.key, values[name]);
  }
  const plain = documented.filter(({ values, isWords }) => values.length > 0 && !isWords);
  expect(plain.length).toBeGreaterThan(12);
  for (const { key, values } of plain)
    expect({ key, values: [read.get(key)].flat().map(String) }).toEqual({ key, values });
  for (const { key } of documented.filter(({ values, isWords }) => values.length === 0 && !isWords))
    expect(read.get(key)).toBeUndefined();
});

test('configuration - every example of a file in the repository fits the schema, and is read', async () => {
  const pages = (await readdir(join(ROOT, 'docs'), { recursive: true })).filter(file => file.endsWith('.md'));
  const texts = await Promise.all(pages.map(file => readFile(join(ROOT, 'docs', file), 'utf8')));
  const blocks = texts.flatMap(text =>
    [...text.matchAll(/^```yaml\n([\s\S]*?)^```/gm)].map(([, yaml = '']) => yaml),
  );
  const files = blocks.filter(yaml => /^(transform|destinations|users_recognition|server|nats):/m.test(yaml));
  expect(files.length).toBeGreaterThan(1);
  for (const yaml of files) {
    expect({ yaml, fits: fitsSchema(parse(yaml)), errors: fitsSchema.errors }).toMatchObject({ fits: true });
    await using folder = await configFolder({ 'kvflow.yaml': yaml });
    const variables = [...yaml.matchAll(/\$\{([A-Z_]+)\}/g)].map(([, name]) => [
      name,
      'postgres://localhost/db',
    ]);
    await folder.read(Object.fromEntries(variables));
  }
});

test.each([
  ['an unknown key', { transform: { bukket: 'x' } }],
  ['a port that is none', { server: { port: 70_000 } }],
  ['a word that is not known', { flows: 'maybe' }],
  ['a destination without a type', { destinations: { a: { table: 'x' } } }],
  ['a policy that is none', { destinations: { a: { type: 'sqlite', misfits_by_column: { b: 'drop' } } } }],
])('configuration - the schema refuses %s, as the reader does', async (_what, content) => {
  expect(fitsSchema(content)).toBe(false);
  await using folder = await configFolder({ 'kvflow.yaml': JSON.stringify(content) });
  await expect(folder.read()).rejects.toThrow();
});

test('configuration - the schema takes variables in place of values', () => {
  expect(fitsSchema({ server: { port: '$' + '{PORT:-4280}' }, flows: '$' + '{FLOWS}' })).toBe(true);
});
