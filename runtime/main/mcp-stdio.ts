import type { Config } from '../config/config.ts';
import type { Env } from '../config/sources.ts';
import type { Principal } from '../core/principal.ts';
import { EVERYTHING } from '../core/principal.ts';
import { createRuntime } from '../main.ts';
import type { ServerLog } from '../nats/server/supervise.ts';
import type { McpOptions, McpScope } from '../transports/cli/host.ts';

/** Speaks MCP on the streams of this process until the client is gone or the signal is aborted. */
export async function runMcpStdio(
  config: Config,
  env: Env,
  { onProgress, signal, scope, log }: McpOptions & { log: ServerLog },
): Promise<void> {
  for (const warning of config.warnings) onProgress(`kvflow: ${warning}`);
  const loading = import('../transports/mcp/stdio.ts');
  loading.catch(() => undefined);
  await using runtime = await createRuntime(config, { env, log, onProgress, signal, attach: true });
  const { serveMcpStdio } = await loading;
  const { registry, invoke, nats } = runtime;
  const principal = principalOf(scope);
  await serveMcpStdio({
    registry,
    kv: nats.kv,
    caller: { principal, call: (name, input) => invoke(name, input, { principal }) },
    stdin: process.stdin,
    stdout: process.stdout,
    signal,
    onError: error => onProgress(`kvflow mcp: ${error.message}`),
  });
}

/** EVERYTHING is told by identity: whoever may do everything is that very one. */
function principalOf({ functions, buckets, readOnly }: McpScope): Principal {
  const all = functions.includes('*') && buckets.includes('*') && !readOnly;
  return all ? EVERYTHING : { name: 'mcp', functions, buckets, readOnly };
}
