import { PackError } from '../../contract/errors.ts';

/** Who calls, and what they may do. Transports make one from an API key; without keys it is {@link EVERYTHING}. */
export interface Principal {
  /** Name of the API key, for logs and metrics. */
  name: string;
  /** Function names allowed; `*` anywhere in an entry stands for any text. */
  functions: string[];
  /** Bucket names allowed; `*` anywhere in an entry stands for any text. */
  buckets: string[];
  /** Refuses every function that changes something. */
  readOnly: boolean;
}

/** May do everything: the caller of a server without API keys, and the command line. */
export const EVERYTHING: Principal = { name: 'local', functions: ['*'], buckets: ['*'], readOnly: false };

/** Throws FORBIDDEN unless the principal may call the function. */
export function authorizeFunction(who: Principal, fn: { name: string; readOnly: boolean }): void {
  if (who === EVERYTHING) return;
  if (!matchesAny(who.functions, fn.name)) {
    throw forbidden(`API key "${who.name}" may not call ${fn.name}.`, { allowed_functions: who.functions });
  }
  if (who.readOnly && !fn.readOnly) {
    throw forbidden(`API key "${who.name}" is read-only and ${fn.name} changes data.`, { read_only: true });
  }
}

/** Throws FORBIDDEN unless the principal may touch the bucket. */
export function authorizeBucket(who: Principal, bucket: string): void {
  if (mayUseBucket(who, bucket)) return;
  throw forbidden(`API key "${who.name}" may not use bucket "${bucket}".`, { allowed_buckets: who.buckets });
}

/** Whether the principal may touch the bucket; lists leave out those it may not. */
export function mayUseBucket(who: Principal, bucket: string): boolean {
  return who === EVERYTHING || matchesAny(who.buckets, bucket);
}

function matchesAny(patterns: string[], name: string): boolean {
  return patterns.some(pattern => matches(pattern, name));
}

/** Greedy wildcard match without regular expressions: patterns come from people. */
function matches(pattern: string, name: string): boolean {
  const [head = '', ...rest] = pattern.split('*');
  if (rest.length === 0) return pattern === name;
  if (!name.startsWith(head)) return false;
  const tail = rest.pop() ?? '';
  let at = head.length;
  for (const part of rest) {
    const found = name.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return name.length - tail.length >= at && name.endsWith(tail);
}

function forbidden(message: string, details: Record<string, unknown>): PackError {
  return new PackError('FORBIDDEN', message, { details });
}
