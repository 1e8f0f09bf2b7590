/** Functions that change nothing, by the end of their names. */
const READS =
  /-(changes|compare|diff|export|find|get|get-many|history|info|list|preview|query|test|tree|usage|versions|watch)$/;

/** Functions whose order matters: those of keys, of what goes into a queue, and of whole files. */
const ORDERED = /^kv-(key-|transact$|queue-push$|bucket-import$)/;

/** Of these each counts in whatever order they are made: the one that is made late takes nothing back. */
const IN_ANY_ORDER = /^(kv-key-)?(append|get-or-put|increment)$/;

/** What of a bucket a call is about. */
export interface Reach {
  /** Whose order it is part of; none where order does not matter. */
  bucket: string | undefined;
  /** Changes nothing: may be made again whatever became of it. */
  reads: boolean;
  /** Each with its bucket, as one text. Undefined: it writes keys that it does not name. */
  keys: string[] | undefined;
  /** Of the keys those where the call, made late, may bring an older value back. */
  takesBack: string[];
}

type Fields = Record<string, unknown>;

/** What a call is about, by its name and its input alone. */
export function reachOf(name: string, input: unknown): Reach {
  const reads = READS.test(name);
  const fields = Object(input) as Fields;
  const { bucket } = fields;
  if (typeof bucket !== 'string' || !ORDERED.test(name))
    return { bucket: undefined, reads, keys: [], takesBack: [] };
  const places = placesOf(name, bucket, fields);
  const isNamed = places.length > 0 && places.every(({ key }) => typeof key === 'string');
  const isUnnamed = !isNamed && !reads;
  return {
    bucket,
    reads,
    keys: isUnnamed ? undefined : isNamed ? places.map(idOf) : [],
    takesBack: isNamed ? places.filter(place => place.takesBack).map(idOf) : [],
  };
}

/**
 * Whether a call that failed may no longer be made: one that was sent together with it, and after it, writes a key of which it
 * would bring an older value back. Not so a step of a counter, and not what is on the revision it expects, which the server refuses.
 */
export function isOvertaken({ takesBack }: Reach, later: readonly Reach[]): boolean {
  return later.some(({ reads, keys }) => !reads && keys?.some(key => takesBack.includes(key)));
}

interface Place {
  bucket: string;
  key: unknown;
  takesBack: boolean;
}

function placesOf(name: string, bucket: string, fields: Fields): Place[] {
  const { key, to, to_bucket, queue } = fields;
  const many = fields.items ?? fields.records ?? fields.operations;
  if (Array.isArray(many))
    return many.map(entry => placeOf(bucket, Object(entry), String(Object(entry).op ?? name)));
  // No key has a name that begins so.
  if (key === undefined && typeof queue === 'string')
    return [{ bucket, key: `\0${queue}`, takesBack: false }];
  if (key === undefined) return [];
  if (to === undefined) return [placeOf(bucket, fields, name)];
  const target = { bucket: typeof to_bucket === 'string' ? to_bucket : bucket, key: to, takesBack: true };
  // Of a copy the revision that is expected is the one of the source, which stays as it is.
  const source = placeOf(bucket, fields, name);
  return [name === 'kv-key-copy' ? { ...source, takesBack: false } : source, target];
}

function placeOf(bucket: string, { key, expected_revision }: Fields, what: string): Place {
  return { bucket, key, takesBack: !IN_ANY_ORDER.test(what) && expected_revision === undefined };
}

function idOf({ bucket, key }: Place): string {
  return `${bucket}\n${key}`;
}
