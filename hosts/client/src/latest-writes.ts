/** Functions that write the one key they name. */
const WRITES = /^kv-key-(append|delete|get-or-put|increment|patch|put|revert|touch)$/;

/** Of these each counts in whatever order they are made: the one that is made late takes nothing back. */
const IN_ANY_ORDER = /^(kv-key-)?(append|get-or-put|increment)$/;

/** A key that a call writes. */
interface Place {
  bucket: unknown;
  key: unknown;
  /** Whether the call, made late, may bring an older value of the key back. */
  takesBack: boolean;
}

type Fields = Record<string, unknown>;

/**
 * Follows which write of each key is the latest that was asked for. One that failed is not made again after a later one of any of
 * its keys where it would bring an older value back: not so a step of a counter, and not one on the revision it expects, which the
 * server refuses.
 */
export function createLatestWrites() {
  const latest = new Map<string, symbol>();
  return (name: string, input: unknown) => {
    const own = Symbol();
    const places = placesOf(name, Object(input) as Fields).map(place => ({
      id: JSON.stringify([place.bucket, place.key]),
      takesBack: place.takesBack,
    }));
    for (const { id } of places) latest.set(id, own);
    return {
      /** Whether it may be made again. */
      mayRepeat: () => places.every(({ id, takesBack }) => !takesBack || latest.get(id) === own),
      /** The call has ended. */
      done: () => {
        for (const { id } of places) if (latest.get(id) === own) latest.delete(id);
      },
    };
  };
}

function placesOf(name: string, input: Fields): Place[] {
  const { bucket, to, to_bucket = bucket, items, operations } = input;
  if (WRITES.test(name)) return [placeOf(bucket, input, name)];
  // The revision that is expected is the one of the source.
  if (name === 'kv-key-copy') return [{ bucket: to_bucket, key: to, takesBack: true }];
  if (name === 'kv-key-rename') return [placeOf(bucket, input, name), { bucket, key: to, takesBack: true }];
  if (name === 'kv-key-put-many') return entriesOf(items).map(item => placeOf(bucket, item, name));
  if (name === 'kv-transact')
    return entriesOf(operations).map(each => placeOf(bucket, each, String(each.op)));
  return [];
}

function placeOf(bucket: unknown, { key, expected_revision }: Fields, what: string): Place {
  return { bucket, key, takesBack: !IN_ANY_ORDER.test(what) && expected_revision === undefined };
}

function entriesOf(list: unknown): Fields[] {
  return Array.isArray(list) ? list.map(entry => Object(entry) as Fields) : [];
}
