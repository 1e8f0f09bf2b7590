import type { ClientOptions } from '@modelcontextprotocol/client';
import { Client } from '@modelcontextprotocol/client';
import { getDefaultEnvironment, StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import type { Place } from '../cli/kvflow-process.ts';
import { MAIN } from '../cli/kvflow-process.ts';
import { CURRENT, connected } from './helpers.ts';

/** Starts `kvflow mcp` as an agent does, and talks to it. */
export async function startStdio(
  place: Pick<Place, 'path'>,
  options: ClientOptions = CURRENT,
  { args = [], env = {} }: { args?: string[]; env?: Record<string, string> } = {},
) {
  const { NATS_SERVER_BIN = '' } = process.env;
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [MAIN, 'mcp', '--toolset', 'all', ...args],
    cwd: place.path,
    env: { ...getDefaultEnvironment(), ...(NATS_SERVER_BIN && { NATS_SERVER_BIN }), ...env },
    stderr: 'ignore',
  });
  const it = await connected(new Client({ name: 'test', version: '1.0.0' }, options), transport);
  return { ...it, pid: transport.pid ?? 0 };
}
