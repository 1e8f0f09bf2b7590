/**
 * Versions that order the writes of one row in warehouses that keep several (ClickHouse), whatever the order in which
 * they arrive: microseconds of the bucket's creation plus the revision of the event (for an amendment: of the event or
 * of the visitor's mapping, the later), times two, plus one for an amendment. A bucket that is made again begins later.
 */
export interface Versions {
  /** Of an event that is not remembered and so never amended: the time its call began. */
  now(at: number): bigint;
  load(eventRevision: number): bigint;
  amend(eventRevision: number, mappingRevision: number): bigint;
}

/** Versions of one bucket, which was created at `createdAt` (RFC 3339). */
export function versionsOf(createdAt: string): Versions {
  const base = BigInt(Date.parse(createdAt)) * 1_000n;
  let last = { revision: 0, version: base * 2n };
  // Rows of one visitor mostly share a revision, and three large integers for each would be much to throw away.
  const load = (revision: number) => {
    if (revision !== last.revision) last = { revision, version: (base + BigInt(revision)) * 2n };
    return last.version;
  };
  return {
    now: at => BigInt(at) * 2_000n,
    load,
    amend: (event, mapping) => load(Math.max(event, mapping)) + 1n,
  };
}
