import type { CallForm } from '../../components/call-forms.tsx';
import { asCli } from '../../lib/copies/as-cli.ts';
import { asCurl } from '../../lib/copies/as-curl.ts';
import { asMcp } from './copies/as-mcp.ts';
import { asN8n } from './copies/as-n8n.ts';
import { asNodeRed } from './copies/as-node-red.ts';

/** How a call is made from elsewhere. */
export const ELSEWHERE: readonly CallForm[] = [
  {
    name: 'curl',
    label: 'The call as curl',
    hint: 'For sh, bash and zsh.',
    keyHint: 'Put the API key into the variable KVFLOW_API_KEY first.',
    write: asCurl,
  },
  { name: 'CLI', label: 'The call as CLI', hint: 'Runs on the NATS that kvflow works on.', write: asCli },
  {
    name: 'Node-RED',
    label: 'The call as Node-RED',
    hint: 'Menu > Import, or paste it into a flow. What is left empty comes from the message.',
    keyHint: 'The connection takes the API key from the variable KVFLOW_API_KEY of Node-RED.',
    write: asNodeRed,
  },
  {
    name: 'n8n',
    label: 'The call as n8n',
    hint: 'Paste it into a workflow, and choose the credential there.',
    write: asN8n,
  },
  {
    name: 'MCP',
    label: 'The call as MCP',
    hint: 'What an agent sends: tools/call, for POST /mcp or kvflow mcp.',
    write: asMcp,
  },
];
