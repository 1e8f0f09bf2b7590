/** What a resource's URI names: all buckets, a bucket, the keys of a bucket, or the value of a key. */
export type ResourceName =
  | { kind: 'buckets' }
  | { kind: 'bucket'; bucket: string }
  | { kind: 'keys'; bucket: string }
  | { kind: 'key'; bucket: string; key: string };

const ROOT = 'kvflow://buckets';
const URI = /^kvflow:\/\/buckets(?:\/([^/]+)(?:\/(keys)(?:\/(.+))?)?)?$/s;

/** URI templates, RFC 6570. Names are percent-encoded: a key may have slashes. */
export const TEMPLATES = {
  bucket: `${ROOT}/{bucket}`,
  keys: `${ROOT}/{bucket}/keys`,
  key: `${ROOT}/{bucket}/keys/{key}`,
};

/** URI of the list of buckets. */
export const BUCKETS_URI = ROOT;

/** URI of a bucket. */
export function bucketUri(bucket: string): string {
  return `${ROOT}/${encodeURIComponent(bucket)}`;
}

/** URI of a key's value. */
export function keyUri(bucket: string, key: string): string {
  return `${bucketUri(bucket)}/keys/${encodeURIComponent(key)}`;
}

/** What the URI names; undefined when it is none of ours. */
export function parseResourceUri(uri: string): ResourceName | undefined {
  const match = URI.exec(uri);
  if (!match) return undefined;
  const [bucket, key] = [decode(match[1]), decode(match[3])];
  if (bucket === null || key === null) return undefined;
  if (bucket === undefined) return { kind: 'buckets' };
  if (key !== undefined) return { kind: 'key', bucket, key };
  return { kind: match[2] ? 'keys' : 'bucket', bucket };
}

/** null: is no percent-encoded text. */
function decode(text: string | undefined): string | undefined | null {
  try {
    return text === undefined ? undefined : decodeURIComponent(text);
  } catch {
    return null;
  }
}
