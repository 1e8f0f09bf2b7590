/** Counts one endpoint's calls. */
export interface EndpointStats {
  /** `failed` says what failed, if anything did. */
  count(ms: number, failed: string | undefined): void;
  /** Puts what was counted where the service library reads it when it is asked for STATS. */
  fill(endpoint: object): void;
}

const NS_PER_MS = 1_000_000;

/**
 * The service library measures how long a handler takes to return, and ours return at once and answer later: its times
 * would all be 0 and failures would not count. So they are counted here and laid over its own.
 */
export function createStats(): EndpointStats {
  let calls = 0;
  let errors = 0;
  let totalMs = 0;
  let lastError: string | undefined;
  return {
    count(ms, failed) {
      calls += 1;
      totalMs += ms;
      if (failed === undefined) return;
      errors += 1;
      lastError = failed;
    },
    fill(endpoint) {
      if (!('stats' in endpoint) || typeof endpoint.stats !== 'object' || endpoint.stats === null) return;
      const processing_time = Math.round(totalMs * NS_PER_MS);
      const average_processing_time = calls === 0 ? 0 : Math.round(processing_time / calls);
      const counted = { num_errors: errors, processing_time, average_processing_time };
      Object.assign(endpoint.stats, counted, lastError !== undefined && { last_error: lastError });
    },
  };
}
