import type { ClientOptions } from '@modelcontextprotocol/client';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import type { ServerOptions } from '../../../../runtime/server/options.ts';
import { createMcpEndpoint } from '../../../../runtime/transports/mcp/http.ts';
import type { TestKvflow } from '../../../support/kvflow.ts';
import { registry, startKvflow } from '../../../support/kvflow.ts';
import type { Served } from '../../../support/served.ts';
import { serve } from '../../../support/served.ts';

/** The revisions that clients speak, as the official client is told. */
export const VERSIONS: [version: string, options: ClientOptions][] = [
  ['2026-07-28', { versionNegotiation: { mode: { pin: '2026-07-28' } } }],
  ['2025-11-25', { versionNegotiation: { mode: 'legacy' } }],
];

/** A client that speaks the current revision. */
export const CURRENT: ClientOptions = VERSIONS[0]?.[1] ?? {};
/** A client that speaks the one before. */
export const PREVIOUS: ClientOptions = VERSIONS[1]?.[1] ?? {};

/** A client and its end. */
export interface TestClient extends AsyncDisposable {
  readonly client: Client;
}

/** A kvflow on a NATS of its own that serves MCP over HTTP. */
export async function startMcp(options: Partial<ServerOptions> = {}) {
  const kvflow = await startKvflow();
  const served = await serveMcp(kvflow, options);
  return {
    kvflow,
    served,
    connect: (client: ClientOptions = CURRENT, headers: Record<string, string> = {}) =>
      connectHttp(served.url, client, headers),
    [Symbol.asyncDispose]: async () => {
      await served.close();
      await kvflow[Symbol.asyncDispose]();
    },
  };
}

/** Serves MCP, and all else, for a kvflow. */
export function serveMcp(kvflow: TestKvflow, options: Partial<ServerOptions> = {}): Promise<Served> {
  return serve(kvflow, { mcp: async () => createMcpEndpoint({ registry, open: kvflow.open }), ...options });
}

/** Connects the official client. */
export async function connectHttp(
  url: string,
  options: ClientOptions = CURRENT,
  headers: Record<string, string> = {},
): Promise<TestClient> {
  const transport = new StreamableHTTPClientTransport(new URL('/mcp?toolset=all', url), {
    requestInit: { headers },
  });
  return await connected(new Client({ name: 'test', version: '1.0.0' }, options), transport);
}

/** Connects a client over any transport. */
export async function connected(
  client: Client,
  transport: Parameters<Client['connect']>[0],
): Promise<TestClient> {
  await client.connect(transport);
  return { client, [Symbol.asyncDispose]: () => client.close() };
}

/** The text of a result's first content. */
export function textOf(result: { content?: { type: string; text?: string }[] }): string {
  return result.content?.[0]?.text ?? '';
}
