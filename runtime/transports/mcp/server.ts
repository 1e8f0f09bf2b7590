// The low-level server: tools and resources differ from caller to caller, and inputs are validated by invoke alone.
import { Server } from '@modelcontextprotocol/server';
import type { McpCaller } from '../../core/mcp-caller.ts';
import { isUnlimited } from '../../core/principal.ts';
import type { McpParts } from './caller.ts';
import { complete } from './completion.ts';
import { translated } from './failures.ts';
import { getPrompt, PROMPTS } from './prompts.ts';
import { listResources } from './resource-list.ts';
import { BUCKETS_URI } from './resource-uri.ts';
import { RESOURCE_TEMPLATES, readResource } from './resources.ts';
import { callTool, listTools } from './tools.ts';
import type { Toolset } from './toolsets.ts';
import type { Updates } from './updates.ts';

/** How the conversation goes. */
export interface McpServerOptions {
  /** Where clients subscribe with a request of their own (2025-11-25); undefined: they do not, or not here. */
  updates?: Updates | undefined;
  /** Whether updates of resources can be had at all. */
  subscribe: boolean;
  /** Which functions are shown. */
  toolset: Toolset;
}

const INSTRUCTIONS =
  'Key-value buckets on NATS JetStream. kv-bucket-list shows the buckets; values are text or JSON. A failed call answers ' +
  '{ status_code, error: { code, message, retryable, details } }: the message says what to change. To write safely, pass the ' +
  'revision you read as expected_revision. More functions than are listed can be called by name; ?toolset=all lists every one.';

/** Makes the server of one caller: every function they may call is a tool, every bucket and key a resource. */
export function createMcpServer(parts: McpParts, caller: McpCaller, options: McpServerOptions): Server {
  const { registry } = parts;
  const server = new Server(
    { name: 'kvflow', title: 'kvflow', version: registry.version },
    {
      capabilities: {
        tools: {},
        prompts: {},
        completions: {},
        resources: options.subscribe ? { subscribe: true } : {},
      },
      instructions: INSTRUCTIONS + rightsText(caller.principal),
    },
  );
  server.setRequestHandler('tools/list', () => ({ tools: listTools(parts, caller, options.toolset) }));
  server.setRequestHandler('tools/call', ({ params }) =>
    callTool(parts, caller, { ...params, toolset: options.toolset }),
  );
  server.setRequestHandler('resources/templates/list', () => ({ resourceTemplates: RESOURCE_TEMPLATES }));
  server.setRequestHandler('resources/list', ({ params }) =>
    counted(caller, BUCKETS_URI, () => listResources(caller, params?.cursor)),
  );
  server.setRequestHandler('resources/read', ({ params }) =>
    counted(caller, params.uri, () => readResource(caller, params.uri)),
  );
  server.setRequestHandler('prompts/list', () => ({ prompts: PROMPTS }));
  server.setRequestHandler('prompts/get', ({ params }) =>
    translated(params.name, () => getPrompt(params.name, params.arguments)),
  );
  server.setRequestHandler('completion/complete', ({ params }) =>
    counted(caller, params.argument.name, () => complete(caller, params)),
  );
  if (options.updates) takeSubscriptions(server, caller, options.updates);
  return server;
}

/** What a limited key may reach, so that an agent need not find out by being refused; nothing for one without limits. */
function rightsText(who: McpCaller['principal']): string {
  if (isUnlimited(who) && who.flows === true) return '';
  const { buckets, subjects = [], destinations = ['*'], tables = [], namespaces = ['*'] } = who;
  const rights = Object.entries({ buckets, subjects, destinations, tables, namespaces }).map(
    ([name, patterns]) => `${name} ${patterns.length > 0 ? patterns.join(', ') : 'none'}`,
  );
  return ` This API key is limited (* stands for any text): ${rights.join('; ')}${who.readOnly ? '; it changes nothing' : ''}.`;
}

function takeSubscriptions(server: Server, caller: McpCaller, updates: Updates): void {
  const releases = new Map<string, () => void>();
  server.setRequestHandler('resources/subscribe', async ({ params: { uri } }) => {
    const release = await counted(caller, uri, () => updates.watch([uri]));
    // Asked for twice is asked for once: one unsubscribe ends it.
    releases.get(uri)?.();
    releases.set(uri, release);
    return {};
  });
  server.setRequestHandler('resources/unsubscribe', ({ params: { uri } }) => {
    releases.get(uri)?.();
    releases.delete(uri);
    return {};
  });
}

function counted<T>(caller: McpCaller, uri: string, action: () => Promise<T>): Promise<T> {
  return translated(uri, async () => {
    await caller.spend();
    return action();
  });
}
