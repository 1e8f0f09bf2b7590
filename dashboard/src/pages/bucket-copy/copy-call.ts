import type { KvBucketCopyInput } from '../../../../contract/types.gen.ts';
import { readFilter } from '../../lib/read-filter.ts';
import type { CopyCall } from './copying.ts';

/** What the form says. */
export interface Asked {
  bucket: string;
  /** Of another kvflow: where it is, and with which key. Undefined: this one. */
  other: Other | undefined;
  /** Empty: this bucket, or in another kvflow the one of the same name. */
  to: string;
  found: string;
  prefix: string;
  toPrefix: string;
  conflict: 'skip' | 'overwrite' | 'fail';
}

/** Another kvflow. */
export interface Other {
  url: string;
  apiKey: string;
}

/** The call that does it. */
export function callOf({ other, conflict, ...asked }: Asked): CopyCall {
  const { to_bucket, ...input } = inputOf({ other, conflict, ...asked });
  const to = asked.to === '' ? {} : { to_bucket: asked.to };
  if (!other)
    return { function: 'kv-bucket-copy', input: { ...input, ...(to_bucket !== undefined && { to_bucket }) } };
  const on_conflict = conflict === 'fail' ? 'skip' : conflict;
  const key = other.apiKey === '' ? {} : { api_key: other.apiKey };
  return {
    function: 'kv-bucket-send',
    input: { ...input, ...to, ...key, url: other.url.trim(), on_conflict },
  };
}

function inputOf({ bucket, to, found, prefix, toPrefix, conflict }: Asked): KvBucketCopyInput {
  const { pattern, search } = readFilter(found.trim());
  const named = search === undefined ? pattern : '>';
  // kv-bucket-copy takes what does not begin so as it is: such keys are left out by a pattern, or by a word of the query.
  const below = named === '>' && /^[^\s*>]+\.$/.test(prefix);
  const filter = below ? `${prefix}>` : named;
  const words = [search, prefix !== '' && !below && `${prefix}*`].filter(word => typeof word === 'string');
  return {
    bucket,
    ...(to !== '' && to !== bucket && { to_bucket: to }),
    ...(filter !== '>' && { filter }),
    ...(words.length > 0 && { query: words.join(' ') }),
    ...(prefix !== '' && { prefix }),
    ...(toPrefix !== prefix && { to_prefix: toPrefix }),
    on_conflict: conflict,
  };
}
