import type { CopiedCall } from '../../../lib/copies/copy.ts';

/** The call as an agent makes it: a request of the Model Context Protocol, for POST /mcp. */
export function asMcp({ spec: { name }, input }: CopiedCall): string {
  const params = { name, arguments: input };
  return JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params }, null, 2);
}
