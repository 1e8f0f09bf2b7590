/** Where the state of recognition is. All tokens are made by `encodeToken`, so that nothing of an event reaches a key as it is. */

import { hash } from 'node:crypto';
import { invalidField } from '../../contract/errors.ts';
import { withBigints } from '../../contract/exact-json.ts';
import { plainToken } from '../../contract/recognition-token.ts';
import type { Json } from './event.ts';
import { isObject, parsePointer, valueAt, withValue } from './event.ts';
import type { JobSettings } from './settings.ts';

/**
 * `<namespace>.<destination>.<anonymous id>`: the visitor's mapping; with `.<event>` behind it one remembered event.
 * Destinations are kept apart, so that one that is down or lags never decides what another gets. `=`: no destination.
 */
export function visitorKey(
  { namespace, destination = '' }: Pick<JobSettings, 'namespace' | 'destination'>,
  anonymousId: string,
): string {
  return `${encodeToken(namespace)}.${encodeToken(destination)}.${encodeToken(anonymousId)}`;
}

/** `<bucket>.<visitor>.<event that named the visitor>.<any>`: buckets are what API keys are limited to. */
export function auditKey(
  bucket: string,
  visitor: string,
  by: string,
  any = crypto.randomUUID().slice(0, 13),
): string {
  return `${bucket}.${visitor}.${by}.${any}`;
}

/** All audit entries of a visitor. */
export function auditFilter(bucket: string, visitor: string): string {
  return `${bucket}.${visitor}.*.*`;
}

/** `<destination>.<bucket>.<namespace>.<call>`: in the order of the destinations, whose work is done side by side. */
export function pendingKey(settings: JobSettings, id: string): string {
  const { destination = '', bucket, namespace } = settings;
  return `${encodeToken(destination)}.${bucket}.${encodeToken(namespace)}.${id}`;
}

/** The destination of such a key, as keys have it. */
export function destinationIn(pending: string): string {
  return pending.slice(0, pending.indexOf('.'));
}

/** The visitor in the key of a remembered event. */
export function visitorIn(event: string): string {
  return event.slice(0, event.lastIndexOf('.'));
}

/** The visitor in the key of an audit entry. */
export function auditedIn(key: string): string {
  return key.split('.').slice(1, 4).join('.');
}

/** The claim of a pending entry. */
export function claimKey(pending: string): string {
  return `claim.${pending}`;
}

/** The note about what is waited for: a destination, as keys have it, or a pending entry. */
export function noteKey(what: string): string {
  return `wait.${what}`;
}

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
  const values = primaryKeyFields.map(field => keyToken(event, field));
  return joinTokens([...(keyTag === '' ? [] : [keyTag]), encodeToken(tableOf(event, table)), ...values]);
}

/** The table that an event goes to; `usual`: where it names none itself. */
export function tableOf({ JITSU_TABLE_NAME: named }: Json, usual: string): string {
  return typeof named === 'string' && named !== '' ? named : usual;
}

/** Tells events of calls that name their primary key otherwise than their destination does. */
export function keyTagOf(fields: readonly string[], usual: readonly string[] | undefined): string {
  if (JSON.stringify(fields) === JSON.stringify(usual ?? [])) return '';
  return `=k${hash('sha256', JSON.stringify(fields), 'hex').slice(0, 12)}`;
}

/** The tag in a token; `''`: none. */
export function keyTagIn(token: string): string {
  return /^=k[^/]*/.exec(token)?.[0] ?? '';
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
  // By far the most have one field, and there are many of them.
  if (keyTag === '' && primaryKeyFields.length === 1 && end === token.lastIndexOf('/'))
    return keyOnly(fromKeyToken(token.slice(0, Math.max(0, end))), primaryKeyFields, [
      fromKeyToken(token.slice(end + 1)),
    ]);
  const parts = token.split('/');
  if (keyTag !== '' && parts.shift() !== keyTag) return undefined;
  const [table, ...values] = parts.map(fromKeyToken);
  return keyOnly(table, primaryKeyFields, values);
}

function keyOnly(table: unknown, fields: readonly string[], values: readonly unknown[]): KeyOnly | undefined {
  if (typeof table !== 'string' || values.length !== fields.length) return undefined;
  let event: Json = {};
  for (let index = 0; index < fields.length; index++) {
    const field = fields[index] ?? '';
    const value = values[index];
    if (value === undefined) return undefined;
    event = withValue(event, keyPath(field), value);
  }
  return { table, event };
}

/** Where an event of the key alone has a field of it. */
export function keyPath(field: string): string[] {
  return field.startsWith('/') ? parsePointer(field) : [field];
}

/** What an event has for a field of the key. */
export function keyValue(event: Json, field: string): unknown {
  return field.startsWith('/') ? valueAt(event, parsePointer(field)) : byColumn(event, field);
}

/** Numbers and booleans are told from their text: a warehouse tells them apart. */
function keyToken(given: Json, field: string): string {
  const value = keyValue(withBigints(given), field);
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

/** A token and a shorter one that stands for it have at most this many characters. */
const MAX_CHARACTERS = 200;
const PLAIN = /^[A-Za-z0-9_-]+$/;
const HEX = /=([0-9A-F]{2})/g;

/** Any text as one token of a key; beyond 200 characters `==` and the text's SHA-256. The text must be well-formed. */
export function encodeToken(text: string): string {
  if (text.length <= MAX_CHARACTERS && PLAIN.test(text)) return text;
  return plainToken(text) ?? `==${hash('sha256', text, 'hex')}`;
}

/** Tokens as one, each kept apart from the next; beyond 200 characters its SHA-256. */
function joinTokens(tokens: readonly string[]): string {
  const joined = tokens.join('/');
  return joined.length <= MAX_CHARACTERS ? joined : `==${hash('sha256', joined, 'hex')}`;
}

/** The text of a token; undefined where only its SHA-256 is left. */
export function decodeToken(token: string): string | undefined {
  if (!token.includes('=')) return token;
  if (token.startsWith('==')) return undefined;
  if (token === '=') return '';
  const bytes = token.replace(HEX, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}
