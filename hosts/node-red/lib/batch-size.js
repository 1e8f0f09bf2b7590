/** A call carries about as many bytes at most: kvflow takes no more. */
export const MAX_BYTES = 4 * 1024 * 1024;

/**
 * About how many bytes an item takes in a call.
 * @param {Record<string, unknown>} item
 */
export function sizeOf(item) {
  return typeof item.value === 'string' ? item.value.length : JSON.stringify(item).length;
}
