/**
 * The key of the bucket that holds one value of a scope: two tokens, each with every odd byte as `=` and two digits. A scope is
 * `global`, a flow's id, or a node's id with `:` and its flow's.
 * @param {string} scope
 * @param {string} name
 */
export function toKey(scope, name) {
  return `${toToken(scope)}.${toToken(name)}`;
}

/**
 * @param {string} key
 * @returns {[scope: string, name: string] | undefined} nothing for a key of somebody else's
 */
export function fromKey(key) {
  const [scope, name, ...more] = key.split('.');
  return scope === undefined || name === undefined || more.length > 0
    ? undefined
    : [fromToken(scope), fromToken(name)];
}

/** @param {string} text */
function toToken(text) {
  // A token is never empty.
  if (text === '') return '=';
  const bytes = Buffer.from(text).toString('latin1');
  return bytes.replace(/[^\w-]/g, byte => `=${byte.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

/** @param {string} token */
function fromToken(token) {
  return token === '=' ? '' : decodeURIComponent(token.replaceAll('=', '%'));
}
