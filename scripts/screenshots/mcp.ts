import { EventEmitter, once } from 'node:events';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { makePlace } from '../../tests/runtime/transports/cli/kvflow-process.ts';
import type { Line } from './terminal.ts';
import { writeTerminal } from './terminal.ts';

const URI = 'kvflow://buckets/users/keys/ada';
const VERSION = '2026-07-28';
const SHOWN_TOOLS = 6;

/** What the official client is answered: tools, two calls, a change that is told, and what is there then. */
export async function mcpPicture(path: string): Promise<void> {
  await using place = await makePlace();
  const { url } = await place.start();
  const client = new Client(
    { name: 'agent', version: '1.0.0' },
    { versionNegotiation: { mode: { pin: VERSION } } },
  );
  await client.connect(new StreamableHTTPClientTransport(new URL('/mcp', url)));
  const lines: Line[] = [['remark', `connected to POST /mcp, protocol ${VERSION}`]];
  await showTools(client, lines);
  await client.callTool({ name: 'kv-bucket-create', arguments: { bucket: 'users' } });
  await showCall(client, lines, 'kv-key-put', { bucket: 'users', key: 'ada', value: { plan: 'team' } });
  await showCall(client, lines, 'kv-key-get', { bucket: 'users', key: 'bob' });
  await showUpdate(client, lines);
  await client.close();
  await writeTerminal(path, 'An agent on kvflow', lines);
}

async function showTools(client: Client, lines: Line[]): Promise<void> {
  const { tools } = await client.listTools();
  lines.push(['typed', 'tools/list']);
  for (const { name, title, annotations } of tools.slice(0, SHOWN_TOOLS)) {
    const what = annotations?.readOnlyHint ? 'reads' : annotations?.destructiveHint ? 'may destroy' : 'adds';
    lines.push(['answer', `${name.padEnd(18)} ${what.padEnd(12)} ${title}`]);
  }
  lines.push(['answer', `... ${tools.length} tools`]);
}

async function showCall(
  client: Client,
  lines: Line[],
  name: string,
  args: Record<string, unknown>,
): Promise<void> {
  const result = await client.callTool({ name, arguments: args });
  lines.push(['typed', `tools/call ${name} ${JSON.stringify(args)}`]);
  if (!result.isError)
    return void lines.push(['answer', `structuredContent ${JSON.stringify(result.structuredContent)}`]);
  const [content] = result.content as { text: string }[];
  lines.push(['failure', `isError ${content?.text}`]);
}

async function showUpdate(client: Client, lines: Line[]): Promise<void> {
  const told = new EventEmitter();
  client.setNotificationHandler(
    'notifications/resources/updated',
    ({ params }) => void told.emit('updated', params.uri),
  );
  const subscription = await client.listen({ resourceSubscriptions: [URI] });
  lines.push(['typed', `subscriptions/listen ${URI}`]);
  const updated = once(told, 'updated');
  await client.callTool({
    name: 'kv-key-put',
    arguments: { bucket: 'users', key: 'ada', value: { plan: 'free' } },
  });
  lines.push(['answer', `notifications/resources/updated ${(await updated)[0]}`]);
  await subscription.close();
  const { contents } = await client.readResource({ uri: URI });
  const [read] = contents as { mimeType: string; text: string; _meta?: { revision: number } }[];
  lines.push(['typed', `resources/read ${URI}`]);
  lines.push(['answer', `${read?.mimeType} ${read?.text} revision ${read?._meta?.revision}`]);
}
