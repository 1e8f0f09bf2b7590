import { invalidField } from '../../../contract/errors.ts';
import { whyBadUrl } from '../bad-url.ts';

/**
 * The key that an address of `/buckets/{bucket}/keys/{key}` names: all that follows, percent-decoded once, so that `a/b` and
 * `a%2Fb` are one key and `%2525` is the key `%25`. The router would take what it decoded for a path again.
 * @throws PackError INVALID_INPUT
 */
export function keyOfAddress(url: string): string {
  const [path = ''] = url.split('?', 1);
  const [, key = ''] = /^\/buckets\/[^/]*\/keys\/(.*)$/s.exec(path) ?? [];
  try {
    return decodeURIComponent(key);
  } catch {
    throw invalidField('/key', `is not percent-encoded UTF-8: ${whyBadUrl(key)}`);
  }
}
