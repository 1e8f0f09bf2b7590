import { relative } from 'node:path';
import { DESTINATION_TYPES, EMBEDDED_TYPES } from '../../contract/destination-types.gen.ts';
import type { Destination } from './config.ts';
import { MISFIT_POLICIES, NAMINGS, NULL_POLICIES } from './config.ts';
import type { ConfigFile } from './config-file.ts';
import { isMap } from './config-file.ts';
import type { Parser } from './parsers.ts';
import { BadValue, boolean, byName, integer, listOf, oneOf, text } from './parsers.ts';
import type { Problems } from './problems.ts';

const NAME = /^[A-Za-z0-9_-]+$/;
const MAX_CONNECTIONS = 1_000;

/** One key of a destination. */
export interface DestinationField {
  name: keyof Destination;
  parse: Parser<unknown>;
  /** What it is for, and what it is when nobody says it, as Markdown. */
  about: string;
  shows: string;
}

/** Every key of a destination in the file. */
export const DESTINATION_FIELDS: Record<string, DestinationField> = {
  type: {
    name: 'type',
    parse: oneOf(DESTINATION_TYPES),
    shows: 'required',
    about: `${DESTINATION_TYPES.map(type => `\`${type}\``).join(', ')}; \`mysql\` is MariaDB too`,
  },
  url: {
    name: 'url',
    parse: text,
    shows: `required but for ${EMBEDDED_TYPES.map(type => `\`${type}\``).join(' and ')}`,
    about:
      'secret: connection string (for `sqlite` the path of a file), with what the warehouse takes as parameters, such as `sslmode` and `sslrootcert` for Postgres',
  },
  schema: {
    name: 'schema',
    parse: text,
    shows: '`public`, or what the url says',
    about: 'where the tables are; made where it is missing',
  },
  table: {
    name: 'table',
    parse: text,
    shows: 'what the call says',
    about: 'table of events that name none themselves',
  },
  tables: {
    name: 'tables',
    parse: listOf(text),
    shows: 'none',
    about:
      'further tables, such as `[ events_* ]`: API keys without tables of their own, and `JITSU_TABLE_NAME` of events, reach these and `table` alone',
  },
  rejected_table: {
    name: 'rejectedTable',
    parse: text,
    shows: 'none',
    about:
      'table for [dead letters](recognition.md#what-happens-when-something-fails) as well, made where it is missing: a row for each event that could not be stored, with the reason',
  },
  primary_key_fields: {
    name: 'primaryKeyFields',
    parse: listOf(text),
    shows: 'what the call says',
    about: 'columns that tell rows apart; a nested field as its column `user_id` or its path `/user/id`',
  },
  query: {
    name: 'query',
    parse: boolean,
    shows: '`false`; `true` for the `embedded` that nobody configured',
    about:
      'whether `kvflow query` and [warehouse-query](functions/warehouse-query.md) may read it; of every type but `redshift`',
  },
  naming: {
    name: 'naming',
    parse: oneOf(NAMINGS),
    shows: '`plain`',
    about:
      'how columns are named: `plain`, `snake` or `exact` ([what they mean](warehouses/README.md#what-is-the-same-everywhere))',
  },
  misfits: {
    name: 'misfits',
    parse: oneOf(MISFIT_POLICIES),
    shows: '`auto`',
    about:
      'what is done with a value that does not fit its column: `auto`, `widen`, `keep_aside` or `refuse` ([what they mean](warehouses/README.md#what-is-the-same-everywhere))',
  },
  misfits_by_column: {
    name: 'misfitsByColumn',
    parse: byName(oneOf(MISFIT_POLICIES)),
    shows: 'none',
    about: 'the same for single columns, such as `{ price: widen, user_id: refuse }`',
  },
  nulls: {
    name: 'nulls',
    parse: oneOf(NULL_POLICIES),
    shows: '`keep`',
    about:
      'what `null` in an event does to a column that has a value: `keep`, nothing, or `clear`, the column becomes NULL; those of an identity keep theirs',
  },
  pool_size: {
    name: 'poolSize',
    parse: integer(1, MAX_CONNECTIONS),
    shows: '8; 4 for `snowflake`',
    about: 'most connections of one process, for all but `sqlite` and `pglite`',
  },
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
  const known = Object.keys(DESTINATION_FIELDS);
  const given = isMap(value) ? value : {};
  for (const key of Object.keys(given)) {
    if (!known.includes(key)) complain(`.${key} is not a known key; known are: ${known.join(', ')}`);
  }
  const destination: Record<string, unknown> = {};
  for (const [key, field] of Object.entries(DESTINATION_FIELDS)) {
    if (given[key] === undefined || given[key] === null) continue;
    destination[field.name] = parsed(
      () => field.parse(given[key], { baseDir }),
      what => complain(`.${key} ${what}`),
    );
  }
  const isMissing = (key: string) => !Object.hasOwn(given, key) || given[key] === null;
  if (isMissing('type')) complain(` needs a type, one of: ${DESTINATION_TYPES.join(', ')}`);
  const isElsewhere = destination.type !== undefined && !EMBEDDED_TYPES.includes(String(destination.type));
  if (isElsewhere && isMissing('url')) complain(' needs a url, the connection string of the warehouse');
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
