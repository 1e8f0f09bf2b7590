import { PackError } from '../../contract/errors.ts';

/** What takes the place of a pointer's beginning; null: the input itself, whatever the pointer has behind it. */
export type Pointers = Readonly<Record<string, string | null>>;

/**
 * Runs what a function makes of its input, such as a transaction. A fault of it points to the caller's own property: where a
 * pointer begins with a name of `pointers`, the first that fits, what stands there takes its place.
 */
export async function pointing<T>(pointers: Pointers, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof PackError)) throw error;
    throw repointed(error, pointer => renamed(pointer, pointers));
  }
}

/** The error with its pointers named otherwise, in its message too; itself where none is. */
export function repointed(error: PackError, rename: (pointer: string) => string): PackError {
  const names = new Map(error.errors?.map(({ pointer }) => [pointer, rename(pointer)]));
  if ([...names].every(([before, after]) => before === after)) return error;
  const { code, details, retryable, cause } = error;
  const told = [...names.keys()].filter(pointer => pointer !== '').sort((a, b) => b.length - a.length);
  const message = error.message.replaceAll(
    new RegExp(`(?<![\\w/])(${told.map(escaped).join('|')})(?![\\w/])`, 'g'),
    pointer => names.get(pointer) || '(input)',
  );
  const errors = error.errors?.map(fault => ({ ...fault, pointer: names.get(fault.pointer) ?? '' }));
  return new PackError(code, told.length > 0 ? message : error.message, {
    details,
    errors,
    cause,
    ...(retryable !== undefined && { retryable }),
  });
}

function renamed(pointer: string, pointers: Pointers): string {
  const found = Object.keys(pointers).find(name => pointer === name || pointer.startsWith(`${name}/`));
  if (found === undefined) return pointer;
  const place = pointers[found];
  return place === null ? '' : place + pointer.slice(found.length);
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
