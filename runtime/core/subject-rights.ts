import type { Principal } from './principal.ts';
import { EVERYTHING, forbidden, isUnlimited, mayUseBucket } from './principal.ts';

/** Subjects that NATS, JetStream and kvflow itself listen on: whoever publishes there calls them. */
const RESERVED = /^(\$|_INBOX$|_R_$|kvflow$)/;
const TEMPLATE = /\{\{|[*>]/;

/**
 * Throws FORBIDDEN unless the principal may have writes published on the subject pattern: all it stands for must be
 * granted. Subjects of NATS and of kvflow, and patterns that may become one, take a key without limits; `$KV.<bucket>.`
 * takes the right to the bucket.
 */
export function authorizeSubject(who: Principal, subject: string): void {
  if (who === EVERYTHING) return;
  const granted = (who.subjects ?? []).some(pattern => covers(pattern, subject));
  if (granted && (!isReserved(subject) || isUnlimited(who) || isOwnBucket(who, subject))) return;
  throw forbidden(`API key "${who.name}" may not have writes published on "${subject}".`, {
    allowed_subjects: who.subjects ?? [],
  });
}

function isReserved(subject: string): boolean {
  const [first = ''] = subject.split('.');
  return RESERVED.test(first) || TEMPLATE.test(first);
}

function isOwnBucket(who: Principal, subject: string): boolean {
  const [root, bucket = ''] = subject.split('.');
  return root === '$KV' && bucket !== '' && !TEMPLATE.test(bucket) && mayUseBucket(who, bucket);
}

/** Whether every subject of `subject` is one of `pattern`; both may have wildcards, `subject` templates such as {{wildcard(1)}} too. */
function covers(pattern: string, subject: string): boolean {
  if (pattern === '>' || pattern === '*') return true;
  const wanted = subject.split('.');
  const tokens = pattern.split('.');
  for (const [index, token] of tokens.entries()) {
    if (token === '>') return wanted.length > index;
    const found = wanted[index];
    if (found === undefined || found === '>') return false;
    if (token === '*' ? false : token !== found) return false;
  }
  return tokens.length === wanted.length;
}
