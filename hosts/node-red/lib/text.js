/**
 * What was typed into a field of a configuration, without space around it.
 * @param {unknown} value
 * @returns {string}
 */
export function text(value) {
  return typeof value === 'string' ? value.trim() : '';
}
