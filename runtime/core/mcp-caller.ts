import type { Envelope } from './envelope.ts';
import type { StreamCaller } from './open.ts';

/** Who speaks MCP to us, and what they can reach. */
export interface McpCaller extends StreamCaller {
  /**
   * Calls a function as this caller: the same rights, limits and log as anywhere else. `trace`: the `traceparent` it belongs to,
   * default the span under way. Never throws.
   */
  call(name: string, input: unknown, trace?: string): Promise<Envelope>;
  /**
   * Counts so many calls, one by default, against the caller's rate limit.
   * @throws PackError RATE_LIMITED
   */
  spend(calls?: number): Promise<void> | undefined;
  /**
   * Takes what so many open watches hold of the memory for streams, until the answer to this request has ended.
   * @throws PackError RATE_LIMITED
   */
  holdWatches?(count: number): void;
  /** Whether the server is ending: updates are told no more. */
  isEnding(): boolean;
}

/** Answers MCP requests, each on its own; `body` is the request's, parsed. */
export interface McpEndpoint {
  serve(request: Request, body: unknown, caller: McpCaller): Promise<Response>;
}
