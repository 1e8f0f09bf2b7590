/**
 * What the records of recognition look like. A bucket that a call names may hold items of others, and an item may be damaged:
 * what has not the shape of a record is none.
 */
import type { StoredEntry } from './audit-format.ts';
import type { NodeValue } from './classify.ts';
import type { Login } from './logins.ts';
import type { Mapping } from './mapping.ts';
import type { PendingJob } from './pending.ts';
import type { Remembered } from './remember.ts';

type Fields = Record<string, unknown>;

/** Who a visitor is. */
export function isMapping(value: unknown): value is Mapping {
  const { identity, by, at, logins, seen, undone, undoneSpans } = fieldsOf(value);
  return (
    isListOf(identity, isNodeValue) &&
    isText(by) &&
    isTime(at) &&
    (logins === undefined || isListOf(logins, isLogin)) &&
    [seen, undone].every(tokens => tokens === undefined || isListOf(tokens, isText)) &&
    (undoneSpans === undefined || isListOf(undoneSpans, isSpan))
  );
}

/** An event that is kept. */
export function isRemembered(value: unknown): value is Remembered {
  const { table, primary_key_fields, event, at, recognized } = fieldsOf(value);
  return (
    isText(table) &&
    isListOf(primary_key_fields, isText) &&
    isObject(event) &&
    (at === undefined || isTime(at)) &&
    (recognized === undefined || isNamed(recognized))
  );
}

/** A part of a call that is still to be finished. */
export function isPendingJob(value: unknown): value is PendingJob {
  const { settings, at, events } = fieldsOf(value);
  return isText(fieldsOf(settings).table) && isTime(at) && isListOf(events, isObject);
}

/** Rows that were amended. */
export function isAudit(value: unknown): value is StoredEntry {
  const { destination, by, at, rows, gone } = fieldsOf(value);
  return (
    [destination, by, at].every(isText) &&
    isListOf(rows, isAlike) &&
    (gone === undefined || (isObject(gone) && Object.values(gone).every(Array.isArray)))
  );
}

function isAlike(value: unknown): boolean {
  const { table, keys, old, new: now } = fieldsOf(value);
  return isText(table) && isListOf(keys, isObject) && isObject(old) && isObject(now);
}

function isNamed(value: unknown): boolean {
  const { identity, by } = fieldsOf(value);
  return isListOf(identity, isNodeValue) && isText(by);
}

function isLogin(value: unknown): value is Login {
  return isNamed(value) && isTime(fieldsOf(value).at);
}

function isSpan(value: unknown): boolean {
  const { from, to, identity } = fieldsOf(value);
  const ends = [from, to].map(fieldsOf).every(({ at, by }) => isTime(at) && isText(by));
  return ends && isListOf(identity, isNodeValue);
}

function isNodeValue(value: unknown): value is NodeValue {
  const { node, value: said } = fieldsOf(value);
  return isText(node) && (isText(said) || typeof said === 'number' || isObject(said));
}

function isListOf(value: unknown, isOne: (one: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(isOne);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isTime(value: unknown): value is number {
  return typeof value === 'number';
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function fieldsOf(value: unknown): Fields {
  return isObject(value) ? value : {};
}
