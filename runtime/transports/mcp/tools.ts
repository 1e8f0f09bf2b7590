import type { CallToolResult, Tool } from '@modelcontextprotocol/server';
import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server';
import { invalidField, PackError } from '../../../contract/errors.ts';
import { stringifyExact } from '../../../contract/exact-json.ts';
import type { Envelope } from '../../core/envelope.ts';
import { failure, isFailure, toPackError } from '../../core/envelope.ts';
import { DEEPEST_JSON, nestsTooDeep } from '../../core/json-depth.ts';
import type { ManifestFunction } from '../../core/manifest.ts';
import type { McpCaller } from '../../core/mcp-caller.ts';
import type { Registry } from '../../core/registry.ts';
import { readTraceparent } from '../../core/trace.ts';
import { callableBy } from '../../core/visibility.ts';
import { agentResult } from './agent-answer.ts';
import { fromAgent } from './agent-input.ts';
import { AGENT_TOOLS, agentSchema } from './agent-tools.ts';
import type { McpParts } from './caller.ts';
import { isIn, type Toolset } from './toolsets.ts';

/** The functions of a toolset that the caller may call, as tools. */
export function listTools({ registry }: McpParts, { principal }: McpCaller, toolset: Toolset): Tool[] {
  return callableBy(principal, registry)
    .filter(spec => isIn(toolset, spec))
    .map(toolset === 'default' ? toAgentTool : toTool);
}

/**
 * Calls a function. A failure is a result with `isError`, whose text is the whole envelope: an agent reads what to change.
 * It has no structured content, which would have to fit the output schema. A tool that does not exist is a protocol error
 * with the envelope as its data. Any function can be called, whatever the toolset shows; the default one answers in fewer words.
 */
export async function callTool(
  { registry }: McpParts,
  caller: McpCaller,
  { name, arguments: input = {}, toolset, _meta }: ToolParams,
): Promise<CallToolResult> {
  const spec = requireTool(registry, name);
  const unasked = toolset === 'default';
  const call = {
    read: () => (unasked ? fromAgent(spec, input) : input),
    calls: (asked: unknown) => registry.calls(name, asked),
    trace: readTraceparent(_meta?.traceparent),
  };
  const envelope = await run(caller, name, call);
  const result = unasked ? agentResult(name, envelope) : toResult(envelope);
  // What a client sends to find its trace again is answered to it, where the protocol keeps such things.
  return call.trace === undefined ? result : { ...result, _meta: { traceparent: call.trace } };
}

/** The parameters of `tools/call`, and which tools the client was shown. */
export interface ToolParams {
  name: string;
  arguments?: unknown;
  toolset: Toolset;
  _meta?: Record<string, unknown> | undefined;
}

/** How the input is read, and how many calls one is to a rate limit. */
interface ToolCall {
  read(): unknown;
  calls(input: unknown): number;
  trace: string | undefined;
}

async function run(caller: McpCaller, name: string, { read, calls, trace }: ToolCall): Promise<Envelope> {
  try {
    await caller.spend(calls(given(read)));
    const input = read();
    requireShallow(input);
    return await caller.call(name, input, trace);
  } catch (thrown) {
    return failure(toPackError(thrown));
  }
}

/** What cannot be read is one call: it is counted before it is refused. */
function given(read: () => unknown): unknown {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/** Over HTTP it was refused before; a line on stdin is parsed by the library, which asks nothing. */
function requireShallow(input: unknown): void {
  if (nestsTooDeep(input)) {
    const message = `The arguments nest objects and arrays more than ${DEEPEST_JSON} deep; send the inner part as text.`;
    throw invalidField('', message);
  }
}

function toResult(envelope: Envelope): CallToolResult {
  if (isFailure(envelope)) return { isError: true, content: [text(envelope)] };
  return { content: [text(envelope.data)], structuredContent: envelope.data as Record<string, unknown> };
}

function text(value: unknown) {
  return { type: 'text' as const, text: stringifyExact(value) };
}

function toAgentTool(spec: ManifestFunction): Tool {
  const tool = AGENT_TOOLS[spec.name];
  const { outputSchema: _answer, ...whole } = toTool(spec);
  return tool ? { ...whole, description: tool.description, inputSchema: agentSchema(tool) } : whole;
}

function toTool({ name, title, description, annotations, errors, input, output }: ManifestFunction): Tool {
  const { readOnly, destructive, idempotent } = annotations;
  return {
    name,
    title,
    description,
    inputSchema: input as Tool['inputSchema'],
    outputSchema: output as Tool['outputSchema'],
    annotations: {
      title,
      readOnlyHint: readOnly,
      destructiveHint: destructive,
      idempotentHint: idempotent,
      // A bucket is a closed world: nothing but what was stored comes back. A warehouse has other writers.
      openWorldHint: errors.includes('WAREHOUSE_ERROR'),
    },
  };
}

function requireTool(registry: Registry, name: string): ManifestFunction {
  try {
    return registry.get(name).spec;
  } catch (thrown) {
    if (!(thrown instanceof PackError)) throw thrown;
    throw new ProtocolError(ProtocolErrorCode.InvalidParams, thrown.message, failure(thrown));
  }
}
