import type { Readable, Writable } from 'node:stream';
import type { Server } from '@modelcontextprotocol/server';
import { StdioServerTransport, serveStdio } from '@modelcontextprotocol/server/stdio';
import type { McpCaller } from '../../core/mcp-caller.ts';
import type { McpParts } from './caller.ts';
import { createMcpServer } from './server.ts';
import { readableLines } from './stdio-lines.ts';
import { interceptListen } from './stdio-listen.ts';
import type { Toolset } from './toolsets.ts';
import { createUpdates } from './updates.ts';

/** What {@link serveMcpStdio} works with. */
export interface McpStdioOptions extends McpParts {
  caller: Pick<McpCaller, 'principal' | 'call'>;
  stdin: Readable;
  /** Carries the protocol and nothing else. */
  stdout: Writable;
  /** Aborted: end the conversation. */
  signal: AbortSignal;
  /** Which functions are shown. */
  toolset: Toolset;
  onError?(error: Error): void;
}

/** A message is at most as large as a request over HTTP. */
const MAX_BYTES = 16 * 1024 * 1024;

/** Speaks MCP over a pair of streams until the client closes its end and has its answers, or the signal. */
export async function serveMcpStdio(options: McpStdioOptions): Promise<void> {
  const { stdin, stdout, signal, onError } = options;
  const caller: McpCaller = { ...options.caller, spend: () => undefined, isEnding: () => signal.aborted };
  let current: Server | undefined;
  const updates = createUpdates(options, caller, {
    onUpdate: uri => void current?.sendResourceUpdated({ uri }).catch(() => undefined),
    onOver: () => undefined,
  });
  const lines = readableLines(stdin, stdout, MAX_BYTES);
  const wire = new StdioServerTransport(lines.input, stdout, { maxBufferSize: MAX_BYTES });
  const { transport, closed } = interceptListen(lines.counted(wire), updates);
  const factory = ({ era }: { era: string }): Server => {
    current = createMcpServer(options, caller, {
      subscribe: true,
      toolset: options.toolset,
      updates: era === 'legacy' ? updates : undefined,
    });
    return current;
  };
  const handle = serveStdio(factory, { transport, ...(onError && { onerror: onError }) });
  const stop = (): void => void handle.close();
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  await closed;
  signal.removeEventListener('abort', stop);
  updates.close();
}
