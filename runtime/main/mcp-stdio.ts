import type { Config } from '../config/config.ts';
import type { Env } from '../config/sources.ts';
import type { Principal } from '../core/principal.ts';
import { EVERYTHING } from '../core/principal.ts';
import type { Runtime } from '../main.ts';
import { createRuntime } from '../main.ts';
import type { McpOptions, McpScope } from '../transports/cli/host.ts';
import { toToolset } from '../transports/mcp/toolsets.ts';
import { quietLog, tellInternal } from './quiet-log.ts';
import { startScheduler } from './scheduler.ts';

const BY_MCP = { host: 'mcp' };

/** Speaks MCP on the streams of this process until the client is gone or the signal is aborted. */
export async function runMcpStdio(config: Config, env: Env, options: McpOptions): Promise<void> {
  const { onProgress, signal } = options;
  let over = false;
  const tell = (line: string): void => {
    // A connection that is given up complains, and nobody is there to care.
    if (!over) onProgress(line);
  };
  for (const warning of config.warnings) tell(`kvflow: ${warning}`);
  const loading = import('../transports/mcp/stdio.ts');
  loading.catch(() => undefined);
  try {
    const log = quietLog(tell);
    const found = { env, log, onProgress: tell, signal, attach: true, onError: tellInternal(tell) };
    await using runtime = await createRuntime(config, found);
    // A second agent on the same data directory, or a command, uses the NATS that the first one started.
    if (runtime.origin.kind === 'embedded') await runtime.origin.publish();
    await converse(runtime, await loading, { ...options, onProgress: tell });
    over = true;
  } catch (error) {
    // Stopped before the conversation began.
    if (!signal.aborted) throw error;
  }
}

async function converse(
  { registry, invoke, open, nats }: Runtime,
  { serveMcpStdio }: typeof import('../transports/mcp/stdio.ts'),
  { onProgress, signal, scope, toolset }: McpOptions,
): Promise<void> {
  const principal = principalOf(scope);
  const scheduler = startScheduler(nats, { warn: line => onProgress(`kvflow mcp: ${line}`) });
  await using _ending = { [Symbol.asyncDispose]: () => scheduler.stop() };
  await serveMcpStdio({
    registry,
    open,
    caller: {
      principal,
      call: (name, input, trace) => invoke(name, input, { principal, trace, by: BY_MCP }),
    },
    stdin: process.stdin,
    stdout: process.stdout,
    signal,
    toolset: toToolset(toolset),
    onError: error => onProgress(`kvflow mcp: ${error.message}`),
  });
}

/** EVERYTHING is told by identity: whoever may do everything is that very one. */
function principalOf({ functions, buckets, readOnly }: McpScope): Principal {
  const all = functions.includes('*') && buckets.includes('*') && !readOnly;
  return all ? EVERYTHING : { name: 'mcp', functions, buckets, readOnly, keyless: true };
}
