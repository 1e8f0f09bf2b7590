import type { ScriptKv, ScriptKvEntry, ScriptKvWrite } from './scripts.ts';

/** A store that scripts write to and nothing is stored in. */
export interface DryScriptKv extends ScriptKv {
  /** The last write of each key, in the order in which keys were first written. */
  writes(): DryWrite[];
  /** What a key holds now, undefined: nothing. */
  value(key: string): Promise<unknown>;
}

/** What would have been stored. */
export interface DryWrite {
  key: string;
  /** Null: the key would have been deleted. */
  value: unknown;
  /** Time to live in milliseconds; left out where the value would have stayed. */
  ttl_ms?: number;
}

let made = 0;

/**
 * Starts with `before`, over what `stored` has, if given. Commits are as strict as those of a real store: one that read
 * what is no more is refused, so that events run again as they would.
 */
export function createDryScriptKv(before: Readonly<Record<string, unknown>>, stored?: ScriptKv): DryScriptKv {
  const written = new Map<string, DryWrite>();
  const entries = new Map<string, ScriptKvEntry>();
  // Above every revision of a real bucket, so that none of it is taken for what is stored there.
  let revision = Number.MAX_SAFE_INTEGER / 2;
  for (const [key, value] of Object.entries(before))
    entries.set(key, { json: JSON.stringify(value), revision: ++revision });

  const get = async (key: string): Promise<ScriptKvEntry | undefined> =>
    entries.get(key) ?? (await stored?.get(key));
  const isStale = async (key: string, expected: number | undefined): Promise<boolean> =>
    expected !== undefined && liveRevision(await get(key)) !== expected;
  const write = ({ key, json, ttlMs }: ScriptKvWrite): number => {
    revision++;
    const expiresAt = ttlMs > 0 ? { expiresAt: Date.now() + ttlMs } : {};
    entries.set(key, { json: json ?? undefined, revision, ...expiresAt });
    written.set(key, {
      key,
      value: json === null ? null : (JSON.parse(json) as unknown),
      ...(ttlMs > 0 && { ttl_ms: ttlMs }),
    });
    return revision;
  };

  return {
    // Nothing is shared with, or remembered for, any other call.
    id: `dry ${++made}`,
    incarnation: () => undefined,
    ...(stored?.open && { open: stored.open }),
    get,
    async commit(writes, checks = []) {
      const seen = [...writes.map(({ key, expected }) => ({ key, revision: expected })), ...checks];
      const stale = await Promise.all(
        seen.map(async one => (await isStale(one.key, one.revision)) && one.key),
      );
      const keys = stale.filter(key => key !== false);
      if (keys.length > 0) return { ok: false, keys };
      return { ok: true, revisions: new Map(writes.map(one => [one.key, write(one)])) };
    },
    writes: () => [...written.values()],
    async value(key) {
      const json = (await get(key))?.json;
      return json === undefined ? undefined : (JSON.parse(json) as unknown);
    },
  };
}

/** Of a key without a value there is nothing to be on top of. */
function liveRevision(entry: ScriptKvEntry | undefined): number {
  return entry?.json === undefined ? 0 : entry.revision;
}
