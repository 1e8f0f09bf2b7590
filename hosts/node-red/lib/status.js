/** @import { Envelope, RedNode } from './types.d.ts' */

/** The editor cuts what is longer. */
const LONGEST = 19;

/**
 * Shows how the last call went. The editor is told of changes alone: a status per message would cost more than the call.
 * @param {RedNode} node
 * @returns {(envelope: Envelope, branch?: string) => void}
 */
export function createStatus(node) {
  let shown = '';
  return ({ error }, branch) => {
    const text = branch ?? (error ? error.code.toLowerCase().replaceAll('_', ' ') : 'ok');
    if (text === shown) return;
    shown = text;
    const fill = branch ? 'yellow' : error ? 'red' : 'green';
    node.status({ fill, shape: error ? 'ring' : 'dot', text: text.slice(0, LONGEST) });
  };
}
