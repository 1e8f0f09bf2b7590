import { PackError } from '../../contract/errors.ts';
import { OWN_BUCKETS } from '../../contract/own-buckets.ts';

/**
 * Who calls, and what they may do. Transports make one from an API key; without keys it is {@link EVERYTHING}. In every
 * list `*` anywhere in an entry stands for any text, subjects excepted.
 */
export interface Principal {
  /** Name of the API key, for logs and metrics. */
  name: string;
  functions: string[];
  /** Buckets of kvflow's own, see {@link isOwnedBucket}, are meant by `*` alone or by their whole name. */
  buckets: string[];
  /** Refuses every function that changes something. */
  readOnly: boolean;
  /** NATS subjects, with NATS' wildcards, that a bucket's writes may be published on. Default: none. */
  subjects?: string[];
  /** Warehouses. Default: all. */
  destinations?: string[];
  /** Tables a call may name beside those its destination lists. Default: none. */
  tables?: string[];
  /** Tenants of transform and identify. Default: all. */
  namespaces?: string[];
  /** Whether what flows serve below /flows/http may be called. Default false. */
  flows?: boolean;
  /** Limited without an API key: the name proves nothing. */
  keyless?: boolean;
  /** Origins of the pages that may use the key, beside those that every key may be used by. Default: the key is for no page in particular. */
  origins?: string[];
}

/** May do everything: the caller of a server without API keys, and the command line. */
export const EVERYTHING: Principal = {
  name: 'local',
  functions: ['*'],
  buckets: ['*'],
  readOnly: false,
  subjects: ['>'],
  destinations: ['*'],
  tables: ['*'],
  namespaces: ['*'],
  flows: true,
};

const OWNED: ReadonlySet<string> = new Set(Object.keys(OWN_BUCKETS));

/** Whether kvflow keeps state of its own there: of scripts, of recognition, of answers kept for Idempotency-Key. */
export function isOwnedBucket(bucket: string): boolean {
  return OWNED.has(bucket) || bucket.startsWith('kvflow_');
}

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
  if (who === EVERYTHING || who.buckets.includes('*')) return true;
  return isOwnedBucket(bucket) ? who.buckets.includes(bucket) : matchesAny(who.buckets, bucket);
}

/** Throws FORBIDDEN unless the principal may use the warehouse. */
export function authorizeDestination(who: Principal, destination: string): void {
  if (matchesAny(who.destinations ?? ['*'], destination)) return;
  const details = { allowed_destinations: who.destinations };
  throw forbidden(`API key "${who.name}" may not use destination "${destination}".`, details);
}

/** What stands in a key for a name that is too long for it. */
const HASHED = /^==[0-9a-f]{64}$/;

/**
 * Whether the principal may act for the tenant; lists over all of them leave out those it may not. Where a key has the hash of a
 * name alone, the name fits no pattern but `*`.
 */
export function mayUseNamespace(who: Principal, namespace: string): boolean {
  const mine = who.namespaces ?? ['*'];
  return HASHED.test(namespace) ? mine.includes('*') : matchesAny(mine, namespace);
}

/** Throws FORBIDDEN unless the principal may act for the tenant. */
export function authorizeNamespace(who: Principal, namespace: string): void {
  if (mayUseNamespace(who, namespace)) return;
  const details = { allowed_namespaces: who.namespaces };
  throw forbidden(`API key "${who.name}" may not use namespace "${namespace}".`, details);
}

/** Throws FORBIDDEN unless the principal may name a table that its destination does not list. */
export function authorizeTable(who: Principal, table: string): void {
  if (matchesAny(who.tables ?? [], table)) return;
  const details = { allowed_tables: who.tables ?? [] };
  throw forbidden(
    `API key "${who.name}" may not use table "${table}". List it in the destination's tables (kvflow.yaml), or make a key with --tables.`,
    details,
  );
}

/** Throws FORBIDDEN unless the principal may call what flows serve. */
export function authorizeFlows(who: Principal): void {
  if (who.flows === true) return;
  throw forbidden(`API key "${who.name}" may not call what flows serve; make a key with --flows.`, {
    flows: false,
  });
}

/** Whether the principal may do everything, which the flow editor needs: flows run code and reach every bucket. */
export function mayEditFlows(who: Principal): boolean {
  return isUnlimited(who) && who.flows === true;
}

/** Throws FORBIDDEN unless the principal may start, stop and change flows. */
export function authorizeFlowsControl(who: Principal): void {
  if (mayEditFlows(who)) return;
  throw forbidden(`API key "${who.name}" may not steer flows; that takes a key that may do everything.`, {
    flows: who.flows === true,
  });
}

/** Whether the principal is limited neither in functions nor in buckets and may write: what a key is without limits. */
export function isUnlimited({ functions, buckets, readOnly }: Principal): boolean {
  return !readOnly && functions.includes('*') && buckets.includes('*');
}

/** Whether a name fits one of the patterns; `*` anywhere in a pattern stands for any text. */
export function matchesAny(patterns: readonly string[], name: string): boolean {
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

/** A refusal for want of a right. */
export function forbidden(message: string, details: Record<string, unknown>): PackError {
  return new PackError('FORBIDDEN', message, { details });
}
