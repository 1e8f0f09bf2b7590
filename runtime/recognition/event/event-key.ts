import { hash } from 'node:crypto';
import { invalidField } from '../../../contract/errors.ts';
import { withBigints } from '../../../contract/exact-json.ts';
import type { JobSettings } from '../settings.ts';
import type { Json } from './nodes.ts';
import { isObject, parsePointer, valueAt, withValue } from './nodes.ts';
import { decodeToken, encodeToken, joinTokens } from './tokens.ts';

/**
 * The token that stands for an event: its table and the values of its primary key, so that an event sent twice is
 * remembered once, and so that its row can be found by the token alone. Without a primary key (and without a
 * destination) its content stands for it. Throws INVALID_INPUT where a field of the primary key is missing.
 */
export function eventKey(
  event: Json,
  json: string,
  { table, primaryKeyFields, keyTag }: Pick<JobSettings, 'table' | 'primaryKeyFields' | 'keyTag'>,
): string {
  if (primaryKeyFields.length === 0) return `==${hash('sha256', json, 'hex')}`;
  const named = event.JITSU_TABLE_NAME;
  const own = typeof named === 'string' && named !== '' ? named : table;
  const values = primaryKeyFields.map(field => keyToken(event, field));
  return joinTokens([...(keyTag === '' ? [] : [keyTag]), encodeToken(own), ...values]);
}

/** Tells events of calls that name their primary key otherwise than their destination does. */
export function keyTagOf(fields: readonly string[], usual: readonly string[] | undefined): string {
  if (JSON.stringify(fields) === JSON.stringify(usual ?? [])) return '';
  return `=k${hash('sha256', JSON.stringify(fields), 'hex').slice(0, 12)}`;
}

/** What a token says of its event: the table, and an event of the primary key alone. */
export interface KeyOnly {
  table: string;
  event: Json;
}

/** Undefined where the token does not say it: it was too long, or made for another primary key. */
export function fromEventKey(
  token: string,
  { primaryKeyFields, keyTag }: Pick<JobSettings, 'primaryKeyFields' | 'keyTag'>,
): KeyOnly | undefined {
  const end = token.indexOf('/');
  const [field] = primaryKeyFields;
  // By far the most have one field, and there are many of them.
  if (keyTag === '' && primaryKeyFields.length === 1 && field !== undefined && end === token.lastIndexOf('/'))
    return fromPlainKey(token, end, field);
  const parts = token.split('/');
  if (keyTag !== '' && parts.shift() !== keyTag) return undefined;
  const [table, ...values] = parts.map(fromKeyToken);
  return keyOnly(table, primaryKeyFields, values);
}

function fromPlainKey(token: string, end: number, field: string): KeyOnly | undefined {
  const table = fromKeyToken(token.slice(0, Math.max(0, end)));
  const value = fromKeyToken(token.slice(end + 1));
  if (typeof table !== 'string' || value === undefined) return undefined;
  return { table, event: withValue({}, field.startsWith('/') ? parsePointer(field) : [field], value) };
}

function keyOnly(table: unknown, fields: readonly string[], values: readonly unknown[]): KeyOnly | undefined {
  if (typeof table !== 'string' || values.length !== fields.length) return undefined;
  let event: Json = {};
  for (let index = 0; index < fields.length; index++) {
    const field = fields[index] ?? '';
    const value = values[index];
    if (value === undefined) return undefined;
    event = withValue(event, field.startsWith('/') ? parsePointer(field) : [field], value);
  }
  return { table, event };
}

/** Numbers and booleans are told from their text: a warehouse tells them apart. */
function keyToken(given: Json, field: string): string {
  const event = withBigints(given);
  const value = field.startsWith('/') ? valueAt(event, parsePointer(field)) : byColumn(event, field);
  if (typeof value === 'string' && value.isWellFormed()) return encodeToken(value);
  if (typeof value === 'number' || typeof value === 'bigint') return `=n${encodeToken(String(value))}`;
  if (typeof value === 'boolean') return `=b${value ? 1 : 0}`;
  const why = value === undefined || value === null ? 'is missing' : 'is no text, number or boolean';
  throw invalidField(
    `/${field.replace(/^\//, '')}`,
    `primary key field "${field}" ${why}: rows are matched by primary_key_fields, so each event needs them`,
  );
}

function fromKeyToken(token: string): string | number | bigint | boolean | undefined {
  if (token.startsWith('=k')) return undefined;
  if (token.startsWith('=b')) return token === '=b1';
  if (token.startsWith('=n')) return wholeOrOther(decodeToken(token.slice(2)));
  return decodeToken(token);
}

/** With all its digits. */
function wholeOrOther(text: string | undefined): number | bigint | undefined {
  if (text === undefined) return undefined;
  const number = Number(text);
  return Number.isSafeInteger(number) || !/^-?\d+$/.test(text) ? number : BigInt(text);
}

/** The value that becomes the column: a key of the event, or keys of nested objects joined with `_`. */
function byColumn(event: Json, column: string): unknown {
  if (Object.hasOwn(event, column)) return event[column];
  return search(event, columnName(column));
}

function search(object: Json, column: string): unknown {
  for (const key of Object.keys(object)) {
    const name = columnName(key);
    if (name === column) return object[key];
    const inner = object[key];
    if (!isObject(inner) || !column.startsWith(`${name}_`)) continue;
    const found = search(inner, column.slice(name.length + 1));
    if (found !== undefined) return found;
  }
  return undefined;
}

function columnName(key: string): string {
  return key.toLowerCase().replace(/[^a-z0-9_]/g, '_');
}
