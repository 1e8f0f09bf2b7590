/** @import { NodeConfig, RedNode, WrittenBy } from './types.d.ts' */

/**
 * What a node says of itself, which kvflow keeps with what it writes: its flow, and its name or type.
 * @param {RedNode} node
 * @param {NodeConfig} config
 * @returns {WrittenBy}
 */
export function writtenBy(node, config) {
  // The tab's label; Node-RED hands it to nodes in no other way.
  const flow = node._flow?.flow?.label || config.z;
  return { host: 'node-red', ...(flow && { flow }), node: config.name || `${config.type} ${config.id}` };
}

/**
 * As the header x-kvflow-by: one line, each value percent-encoded.
 * @param {WrittenBy} by
 */
export function toHeader(by) {
  return Object.entries(by)
    .map(([name, value]) => `${name}=${encodeURIComponent(cut(String(value)))}`)
    .join('; ');
}

/**
 * At most 100 characters, and never half a surrogate pair, which cannot be encoded.
 * @param {string} text
 */
function cut(text) {
  return text
    .slice(0, 100)
    .replace(/[\uD800-\uDBFF]$/, '')
    .toWellFormed();
}
