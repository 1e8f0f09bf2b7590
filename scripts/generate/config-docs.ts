/** The tables of docs/configuration.md and the JSON Schema of kvflow.yaml, from the settings' own declaration. */
import { DESTINATION_FIELDS } from '../../runtime/config/destinations.ts';
import { NATS_SETTINGS } from '../../runtime/config/nats-settings.ts';
import type { JsonSchema } from '../../runtime/config/parsers.ts';
import type { Setting } from '../../runtime/config/setting.ts';
import { SETTINGS } from '../../runtime/config/settings.ts';

type AnySetting = Setting<unknown>;

/** A text that takes what a variable says. */
const FROM_VARIABLE = { type: 'string', pattern: '\\$\\{[^}]+\\}' };

/** Every setting that has a row of its own: of the further NATS targets the URL alone. */
export function listedSettings(): AnySetting[] {
  const { main, ...others } = NATS_SETTINGS;
  const urls = Object.values(others).map(({ url }) => url);
  return [...Object.values<AnySetting>(SETTINGS), ...Object.values<AnySetting>(main), ...urls];
}

/** The table of settings. */
export function settingsTable(): string {
  const rows = listedSettings().map(setting =>
    row([variableOf(setting), `\`${setting.key}\``, defaultOf(setting), setting.about]),
  );
  return [row(['variable', 'key in the file', 'default', '']), '|---|---|---|---|', ...rows].join('\n');
}

/** The table of a destination's keys. */
export function destinationsTable(): string {
  const rows = Object.entries(DESTINATION_FIELDS).map(([key, { shows, about }]) =>
    row([`\`${key}\``, shows, about]),
  );
  return [row(['key', 'default', '']), '|---|---|---|', ...rows].join('\n');
}

/** What the table says a setting is when nobody says it. */
export function defaultOf({ shows, fallback }: AnySetting): string {
  if (shows !== undefined || fallback === undefined) return shows ?? '';
  return [fallback]
    .flat()
    .map(each => `\`${each}\``)
    .join(', ');
}

/** kvflow.yaml as JSON Schema. */
export function configSchema(): JsonSchema {
  const tables = [SETTINGS, ...Object.values(NATS_SETTINGS)];
  const settings = tables.flatMap(table => Object.values<AnySetting>(table));
  const top: Section = {};
  for (const setting of settings) place(top, setting.key.split('.'), leafOf(setting));
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'kvflow.yaml',
    description: 'Configuration of kvflow. Every text may hold variables; see docs/configuration.md.',
    type: 'object',
    properties: { ...propertiesOf(top), destinations: destinations() },
    additionalProperties: false,
  };
}

interface Section {
  [name: string]: Section | { leaf: JsonSchema };
}

function place(section: Section, [first = '', ...rest]: string[], leaf: JsonSchema): void {
  if (rest.length === 0) section[first] = { leaf };
  else {
    const inner = (section[first] ?? {}) as Section;
    section[first] = inner;
    place(inner, rest, leaf);
  }
}

function propertiesOf(section: Section): Record<string, JsonSchema> {
  const entries = Object.entries(section).map(([name, part]) => {
    if ('leaf' in part) return [name, part.leaf as JsonSchema] as const;
    const inner = { type: ['object', 'null'], properties: propertiesOf(part), additionalProperties: false };
    return [name, inner] as const;
  });
  return Object.fromEntries(entries);
}

function leafOf({ parse, about, fallback, secret }: AnySetting): JsonSchema {
  const shown = fallback !== undefined && !secret ? { default: fallback } : {};
  return { description: plain(about), ...shown, ...orVariable(parse.schema) };
}

function destinations(): JsonSchema {
  const entries = Object.entries(DESTINATION_FIELDS).map(([key, { parse, about }]) => [
    key,
    { description: plain(about), ...orVariable(parse.schema) },
  ]);
  const destination = {
    type: 'object',
    properties: Object.fromEntries(entries),
    required: ['type'],
    additionalProperties: false,
  };
  return {
    description: 'Warehouses by the name that calls use for them.',
    type: ['object', 'null'],
    patternProperties: { '^[A-Za-z0-9_-]+$': destination },
    additionalProperties: false,
  };
}

function orVariable(schema: JsonSchema): JsonSchema {
  return { anyOf: [schema, FROM_VARIABLE, { type: 'null' }] };
}

/** Markdown without its links and code marks. */
function plain(markdown: string): string {
  return markdown.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').replaceAll('`', '');
}

function variableOf({ env, secret }: AnySetting): string {
  if (!env) return '';
  return secret ? `\`${env}\` (secret)` : `\`${env}\``;
}

/** A cell's own `|` would end it. */
function row(cells: string[]): string {
  return `| ${cells.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`.replaceAll('|  |', '| |');
}
