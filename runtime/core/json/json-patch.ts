import { isDeepStrictEqual } from 'node:util';
import { invalidField, PackError } from '../../../contract/errors.ts';
import { namesOfPointer } from '../../../contract/pointer.ts';
import type { Json } from './exact-json.ts';
import { hasMember, isObject, numberOf, sameNumber, setMember } from './exact-json.ts';

/** One operation of a JSON Patch. */
export interface PatchOperation {
  op: 'add' | 'remove' | 'replace' | 'move' | 'copy' | 'test';
  path: string;
  from?: string;
  value?: Json;
}

/** Whoever holds the value that is patched: a root, so that the whole document is a member like any other. */
interface Root {
  document: Json;
}

/**
 * A value with a JSON Patch applied (RFC 6902). Throws REVISION_CONFLICT where a `test` does not hold and INVALID_INPUT,
 * with the operation's pointer under `at`, where one does not fit the value.
 */
export function jsonPatch(document: Json, operations: readonly PatchOperation[], at: string): Json {
  const root: Root = { document };
  for (const [index, operation] of operations.entries()) apply(root, operation, `${at}/${index}`);
  return root.document;
}

function apply(root: Root, operation: PatchOperation, at: string): void {
  const to = tokens(operation.path, `${at}/path`);
  if (operation.op === 'remove') remove(root, to, at);
  else if (operation.op === 'test') test(get(root, to, at), operation, at);
  else {
    const value = sourceValue(root, operation, { to, at });
    if (operation.op === 'replace') remove(root, to, at);
    add(root, to, { value, at });
  }
}

/** What add, replace, copy and move put at their path; move takes it from where it is. */
function sourceValue(
  root: Root,
  { op, from, value }: PatchOperation,
  { to, at }: { to: string[]; at: string },
): Json {
  if (op === 'add' || op === 'replace') return copyOf(required(value, at));
  const start = source(from, at);
  if (op === 'copy') return copyOf(get(root, start, `${at}/from`));
  if (to.length > start.length && start.every((token, index) => token === to[index])) {
    throw invalidField(`${at}/path`, 'a value cannot be moved into itself');
  }
  return remove(root, start, `${at}/from`);
}

function test(found: Json, { path, value }: PatchOperation, at: string): void {
  if (sameJson(found, required(value, at))) return;
  const message = `The value at "${path}" is not what the test at ${at} expects. Nothing was written.`;
  throw new PackError('REVISION_CONFLICT', message, { details: { pointer: at } });
}

function add(root: Root, path: string[], { value, at }: { value: Json; at: string }): void {
  const { parent, name } = locate(root, path, at);
  if (Array.isArray(parent))
    parent.splice(name === '-' ? parent.length : indexIn(parent.length, name, at), 0, value);
  else setMember(parent, name, value);
}

function remove(root: Root, path: string[], at: string): Json {
  const removed = get(root, path, at);
  const { parent, name } = locate(root, path, at);
  if (Array.isArray(parent)) parent.splice(Number(name), 1);
  else delete parent[name];
  return removed;
}

function get(root: Root, path: string[], at: string): Json {
  const { parent, name } = locate(root, path, at);
  if (Array.isArray(parent)) return parent[indexIn(parent.length - 1, name, at)];
  if (hasMember(parent, name)) return parent[name];
  throw missing(at, path);
}

/** Where a path ends: the object or array, and the name or place in it. */
function locate(
  root: Root,
  path: string[],
  at: string,
): { parent: Json[] | Record<string, Json>; name: string } {
  let parent: Json[] | Record<string, Json> = root as unknown as Record<string, Json>;
  let name = 'document';
  for (const token of path) {
    const next: Json = Array.isArray(parent)
      ? parent[indexIn(parent.length - 1, name, at)]
      : hasMember(parent, name)
        ? parent[name]
        : undefined;
    if (!Array.isArray(next) && !isObject(next)) throw missing(at, path);
    parent = next;
    name = token;
  }
  return { parent, name };
}

function indexIn(most: number, name: string, at: string): number {
  const index = /^(0|[1-9]\d{0,9})$/.test(name) ? Number(name) : Number.NaN;
  if (index <= most) return index;
  throw invalidField(at, `"${name}" is no place in the array, which ends at ${most}`);
}

/** The names a JSON pointer (RFC 6901) leads through. */
export function tokens(pointer: string, at: string): string[] {
  if (pointer === '') return [];
  if (!pointer.startsWith('/') || /~(?![01])/.test(pointer)) {
    throw invalidField(
      at,
      'is no JSON pointer: "" is the whole value, "/a/0" the first item of its member a',
    );
  }
  return namesOfPointer(pointer);
}

function source(from: string | undefined, at: string): string[] {
  if (from === undefined) throw invalidField(`${at}/from`, 'is required: the pointer to take the value from');
  return tokens(from, `${at}/from`);
}

function required(value: Json, at: string): Json {
  if (value === undefined) throw invalidField(`${at}/value`, 'is required');
  return value;
}

function missing(at: string, path: string[]): PackError {
  return invalidField(at, `there is nothing at "${path.map(token => `/${token}`).join('')}" in the value`);
}

/** A value of its own; numbers kept as their text stay so. */
export function copyOf(value: Json): Json {
  if (Array.isArray(value)) return value.map(copyOf);
  if (!isObject(value)) return value;
  const copy = {};
  for (const [name, member] of Object.entries(value)) setMember(copy, name, copyOf(member));
  return copy;
}

function sameJson(a: Json, b: Json): boolean {
  if (numberOf(a) !== undefined || numberOf(b) !== undefined) return sameNumber(a, b);
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, index) => sameJson(item, b[index]));
  }
  if (!isObject(a) || !isObject(b)) return isDeepStrictEqual(a, b);
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every(name => hasMember(b, name) && sameJson(a[name], b[name]))
  );
}
