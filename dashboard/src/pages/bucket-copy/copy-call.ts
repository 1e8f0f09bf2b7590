import type { KvBucketCopyInput, KvBucketSendInput } from '../../../../contract/types.gen.ts';
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

/** Another kvflow, or a NATS. */
export interface Other {
  kind: 'kvflow' | 'nats';
  url: string;
  /** Of a NATS; empty: the secret is a token. */
  user: string;
  /** An API key, or of a NATS a password or token; empty: everybody may. */
  secret: string;
}

/** The call that does it. */
export function callOf({ other, conflict, ...asked }: Asked): CopyCall {
  const { to_bucket, ...input } = inputOf({ other, conflict, ...asked });
  const to = asked.to === '' ? {} : { to_bucket: asked.to };
  if (!other)
    return { function: 'kv-bucket-copy', input: { ...input, ...(to_bucket !== undefined && { to_bucket }) } };
  const on_conflict = conflict === 'fail' ? 'skip' : conflict;
  return {
    function: 'kv-bucket-send',
    input: { ...input, ...to, ...loginOf(other), url: other.url.trim(), on_conflict },
  };
}

function loginOf({ kind, user, secret }: Other): Pick<KvBucketSendInput, 'api_key' | 'login'> {
  if (kind === 'kvflow') return secret === '' ? {} : { api_key: secret };
  if (user !== '') return { login: { user, ...(secret !== '' && { password: secret }) } };
  return secret === '' ? {} : { login: { token: secret } };
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
