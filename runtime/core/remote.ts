/** Another kvflow's function, and whose key it is called with. */
export interface RemoteCall {
  /** Address of its server. */
  url: string;
  /** Its API key; undefined where it takes everybody. */
  apiKey: string | undefined;
  function: string;
  input: unknown;
  signal: AbortSignal;
}

/**
 * Calls a function of another kvflow and answers its data.
 * @throws PackError FORBIDDEN where no setting allows the host, or the other kvflow refuses the key; UNAVAILABLE where it is away;
 *   else what the function failed with there.
 */
export type Remote = (call: RemoteCall) => Promise<unknown>;
