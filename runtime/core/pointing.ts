import { PackError } from '../../contract/errors.ts';

/**
 * Runs what a function makes of its input, such as a transaction. A fault of it points to the caller's own property: where a
 * pointer begins with a name of `pointers`, what stands there takes its place.
 */
export async function pointing<T>(
  pointers: Readonly<Record<string, string>>,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof PackError) || !error.errors) throw error;
    const { code, message, details, retryable, cause } = error;
    const errors = error.errors.map(fault => ({ ...fault, pointer: renamed(fault.pointer, pointers) }));
    throw new PackError(code, message, {
      details,
      errors,
      cause,
      ...(retryable !== undefined && { retryable }),
    });
  }
}

function renamed(pointer: string, pointers: Readonly<Record<string, string>>): string {
  const found = Object.keys(pointers).find(name => pointer === name || pointer.startsWith(`${name}/`));
  return found === undefined ? pointer : pointers[found] + pointer.slice(found.length);
}
