import { relative } from 'node:path';
import type { Destination } from './config.ts';
import { DESTINATION_TYPES, MISFIT_POLICIES, NAMINGS } from './config.ts';
import type { ConfigFile } from './config-file.ts';
import { isMap } from './config-file.ts';
import type { Parser } from './parsers.ts';
import { BadValue, boolean, byName, integer, listOf, oneOf, text } from './parsers.ts';
import type { Problems } from './problems.ts';

const NAME = /^[A-Za-z0-9_-]+$/;
const MOST_CONNECTIONS = 1_000;

const FIELDS: Record<string, { name: keyof Destination; parse: Parser<unknown> }> = {
  type: { name: 'type', parse: oneOf(DESTINATION_TYPES) },
  url: { name: 'url', parse: text },
  schema: { name: 'schema', parse: text },
  table: { name: 'table', parse: text },
  tables: { name: 'tables', parse: listOf(text) },
  primary_key_fields: { name: 'primaryKeyFields', parse: listOf(text) },
  query: { name: 'query', parse: boolean },
  naming: { name: 'naming', parse: oneOf(NAMINGS) },
  misfits: { name: 'misfits', parse: oneOf(MISFIT_POLICIES) },
  misfits_by_column: { name: 'misfitsByColumn', parse: byName(oneOf(MISFIT_POLICIES)) },
  pool_size: { name: 'poolSize', parse: integer(1, MOST_CONNECTIONS) },
};

/** The file's `destinations`, each checked by itself. Values are never shown: a url holds a password. */
export function readDestinations(
  file: ConfigFile | undefined,
  cwd: string,
  problems: Problems,
): Record<string, Destination> {
  const section = file?.content.destinations ?? {};
  const at = file ? `${relative(cwd, file.path)}: destinations` : '';
  if (!isMap(section)) {
    problems.add(`${at} must hold destinations by name, such as "warehouse: { type: postgres }"`);
    return {};
  }
  const entries = Object.entries(section).map(([name, value]) => {
    const complain = (what: string): void => problems.add(`${at}.${name}${what}`);
    if (!NAME.test(name)) complain(' must have a name of letters, digits, - and _');
    return [name, readOne(value, complain, file?.dir ?? cwd)];
  });
  return Object.fromEntries(entries);
}

function readOne(value: unknown, complain: (what: string) => void, baseDir: string): Partial<Destination> {
  const known = Object.keys(FIELDS);
  const given = isMap(value) ? value : {};
  for (const key of Object.keys(given)) {
    if (!known.includes(key)) complain(`.${key} is not a known key; known are: ${known.join(', ')}`);
  }
  const destination: Record<string, unknown> = {};
  for (const [key, field] of Object.entries(FIELDS)) {
    if (given[key] === undefined || given[key] === null) continue;
    destination[field.name] = parsed(
      () => field.parse(given[key], { baseDir }),
      what => complain(`.${key} ${what}`),
    );
  }
  if (given.type === undefined) complain(` needs a type, one of: ${DESTINATION_TYPES.join(', ')}`);
  const isElsewhere =
    destination.type !== undefined && !['sqlite', 'pglite'].includes(String(destination.type));
  if (isElsewhere && (given.url === undefined || given.url === null)) {
    complain(' needs a url, the connection string of the warehouse');
  }
  return destination;
}

function parsed(parse: () => unknown, complain: (what: string) => void): unknown {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof BadValue)) throw error;
    return complain(error.message);
  }
}
