import type { Envelope } from '../../core/envelope.ts';
import type { KvStore } from '../../core/ports/kv-store.ts';
import type { Principal } from '../../core/principal.ts';
import type { Registry } from '../../core/registry.ts';

/** Who speaks to us, and what they can reach. */
export interface McpCaller {
  principal: Principal;
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
  /** Who the caller is now. Throws PackError UNAUTHENTICATED. Default: whom it was. */
  renew?(): Principal;
  /** Whether updates may go on being sent: the key is still good, and nothing is shutting down. */
  mayGoOn(): boolean;
}

/** What every conversation shares. */
export interface McpParts {
  registry: Registry;
  kv: Pick<KvStore, 'watch'>;
}
