/** Settings of one request. */
export type RequestSettings = Record<string, string | number>;

/** How rows of a table are read and written so that no replica that lags behind is taken for the truth. */
export interface Consistency {
  reading: RequestSettings;
  writing: RequestSettings;
}

const SEEN_BY_ALL: RequestSettings = { select_sequential_consistency: 1 };

/**
 * An amendment copies the columns that it read, so it must not read an older version than the newest that was confirmed.
 * A replicated table confirms an insert when most of its replicas have it, one insert after the other, and reads only
 * where all of these have arrived; a shared one (ClickHouse Cloud) has one storage, and only its list of parts to ask for.
 */
export function consistencyOf(engine: string): Consistency {
  if (engine.startsWith('Shared')) return { reading: SEEN_BY_ALL, writing: {} };
  if (!engine.startsWith('Replicated')) return { reading: {}, writing: {} };
  return { reading: SEEN_BY_ALL, writing: { insert_quorum: 'auto', insert_quorum_parallel: 0 } };
}
