import { PackError } from '../../contract/errors.ts';
import type { Authenticator, IssuedKey, KeyIssuer, NamedKeys } from '../core/access.ts';
import type { Principal } from '../core/principal.ts';
import { EVERYTHING } from '../core/principal.ts';
import type { ApiKey } from './api-key.ts';
import { hashKey, newKeyText } from './api-key.ts';
import type { KeyFile } from './key-file.ts';
import type { RateLimiter } from './rate-limiter.ts';
import { createRateLimiter } from './rate-limiter.ts';

/** What {@link createAuthenticator} works with. */
export interface AuthenticatorOptions {
  keyFile: KeyFile;
  /** Full-access keys of the configuration (KVFLOW_API_KEYS), as they are written there. */
  configKeys?: readonly string[];
  /** Told when the key file cannot be read; the keys known before stay valid meanwhile. */
  onError?(error: unknown): void;
  /** Told of the keys of the file whenever they have changed. */
  onKeys?(keys: readonly ApiKey[]): void;
  /** Milliseconds between two looks at the key file. Default 500. */
  recheckMs?: number;
  /** Where this is one of several processes behind one port: what all of them hold together. */
  leader?: AccessLeader | undefined;
  /** Clock in milliseconds, for tests. */
  now?: () => number;
}

/** What the process that leads several keeps for all of them. */
export interface AccessLeader {
  /** Whether a key was ever needed; a process that is started later may not see the key that was revoked since. */
  locked(): boolean;
  /** Whether a key of this hash was issued by the leader, for a process of kvflow's own. */
  hasIssued(hash: string): boolean;
  /** Counts calls of the key of this name. Throws PackError RATE_LIMITED. */
  spend(name: string, calls: number): Promise<void>;
}

interface KnownKey {
  principal: Principal;
  /** Epoch milliseconds. */
  expiresAt: number;
  expiry: string;
  limiter: RateLimiter | undefined;
  /** The key's record; as long as it is the same, principal and limiter live on when other keys change. */
  record: string;
}

const SHORTEST_CONFIG_KEY = 16;
const RECHECK_MS = 500;
const FLOWS_KEY = 'config-flows';
const BEARER = /^Bearer +(\S+) *$/i;

/** Makes the authenticator. Throws when the key file cannot be read or a configured key is too short to be safe. */
export function createAuthenticator(options: AuthenticatorOptions): Authenticator & NamedKeys & KeyIssuer {
  const { keyFile, leader, recheckMs = RECHECK_MS, now = Date.now } = options;
  const configured = configuredKeys(options.configKeys ?? []);
  let file: readonly ApiKey[] = keyFile.snapshot();
  let known = knownKeys(file, configured, new Map());
  let limiters = limitersOf(known);
  let origins = originsOf(known);
  let locked = known.size > 0 || leader?.locked() === true;
  let checkedAt = now();
  let fault = '';
  // Beside the others: they are found by no name, and their being there locks nothing.
  const issued = new Map<string, KnownKey>();

  return { required, authenticate, named, spend, issue, origins: () => origins };

  function required(): boolean {
    const time = now();
    if (time - checkedAt >= recheckMs || time < checkedAt) recheck(time);
    return locked;
  }

  function authenticate(authorization: string | undefined): Principal {
    if (!required()) return EVERYTHING;
    const hash = hashKey(bearerOf(authorization));
    const key = known.get(hash) ?? issued.get(hash) ?? issuedByLeader(hash);
    if (!key)
      throw unauthenticated(
        'This API key is not known: it is mistyped or was revoked. kvflow keys list shows those there are.',
      );
    if (key.expiresAt <= now()) {
      throw unauthenticated(
        `API key "${key.principal.name}" expired at ${key.expiry}; make a new one with: kvflow keys add NAME`,
      );
    }
    return key.principal;
  }

  function named(name: string): Principal | undefined {
    required();
    const key = [...known.values()].find(({ principal }) => principal.name === name);
    return key && key.expiresAt > now() ? key.principal : undefined;
  }

  function issuedByLeader(hash: string): KnownKey | undefined {
    return leader?.hasIssued(hash) ? unlimitedKey(FLOWS_KEY) : undefined;
  }

  function spend(principal: Principal, calls: number): Promise<void> | undefined {
    const limiter = limiters.get(principal);
    if (limiter && leader) return leader.spend(principal.name, calls);
    const wait = limiter?.take(calls) ?? 0;
    if (wait === 0) return undefined;
    throw new PackError('RATE_LIMITED', `API key "${principal.name}" made too many calls; wait ${wait} ms.`, {
      details: { retry_after_ms: wait },
    });
  }

  function issue(): IssuedKey {
    const key = newKeyText();
    const hash = hashKey(key);
    issued.set(hash, unlimitedKey(FLOWS_KEY));
    return { key, hash, withdraw: () => void issued.delete(hash) };
  }

  function recheck(time: number): void {
    checkedAt = time;
    try {
      const current = keyFile.snapshot();
      fault = '';
      if (current === file) return;
      file = current;
      known = knownKeys(current, configured, known);
      limiters = limitersOf(known);
      origins = originsOf(known);
      locked ||= known.size > 0;
      options.onKeys?.(current);
    } catch (error) {
      // Told once, not twice a second.
      if (fault !== String(error)) options.onError?.(error);
      fault = String(error);
    }
  }
}

/** Keys are found by their hash: how long a look-up takes says nothing about any key's text. */
function knownKeys(
  file: readonly ApiKey[],
  configured: Map<string, KnownKey>,
  before: Map<string, KnownKey>,
): Map<string, KnownKey> {
  const known = new Map(configured);
  for (const key of file) known.set(key.hash, toKnown(key, before.get(key.hash)));
  return known;
}

function toKnown(key: ApiKey, before: KnownKey | undefined): KnownKey {
  const record = JSON.stringify(key);
  if (before?.record === record) return before;
  return {
    principal: principalOf(key),
    expiresAt: key.expires_at ? Date.parse(key.expires_at) : Number.POSITIVE_INFINITY,
    expiry: key.expires_at ?? '',
    limiter: key.rate_limit ? createRateLimiter(key.rate_limit) : undefined,
    record,
  };
}

function principalOf(key: ApiKey): Principal {
  const { name, functions, buckets, subjects, destinations, tables, namespaces, flows, read_only } = key;
  const { origins } = key;
  const rights = { subjects, destinations, tables, namespaces, flows, ...(origins && { origins }) };
  return { name, functions, buckets, readOnly: read_only, ...rights };
}

function configuredKeys(texts: readonly string[]): Map<string, KnownKey> {
  return new Map(texts.map((text, index) => [hashKey(text), configuredKey(text, `config-${index + 1}`)]));
}

function configuredKey(text: string, name: string): KnownKey {
  if (text.length < SHORTEST_CONFIG_KEY || /\s/.test(text)) {
    throw new PackError(
      'INVALID_INPUT',
      `A key of KVFLOW_API_KEYS needs at least ${SHORTEST_CONFIG_KEY} characters and no spaces; a good one is made by: openssl rand -hex 32`,
    );
  }
  return unlimitedKey(name);
}

function unlimitedKey(name: string): KnownKey {
  const principal = { ...EVERYTHING, name };
  return { principal, expiresAt: Number.POSITIVE_INFINITY, expiry: '', limiter: undefined, record: '' };
}

function limitersOf(known: Map<string, KnownKey>): WeakMap<Principal, RateLimiter> {
  const limiters = new WeakMap<Principal, RateLimiter>();
  for (const { principal, limiter } of known.values()) if (limiter) limiters.set(principal, limiter);
  return limiters;
}

function originsOf(known: Map<string, KnownKey>): string[] {
  return [...new Set([...known.values()].flatMap(({ principal }) => principal.origins ?? []))];
}

function bearerOf(authorization: string | undefined): string {
  const text = authorization && BEARER.exec(authorization)?.[1];
  if (text) return text;
  throw unauthenticated(
    'An API key is needed. Send the header: Authorization: Bearer <key>. kvflow keys add NAME makes a key.',
  );
}

function unauthenticated(message: string): PackError {
  return new PackError('UNAUTHENTICATED', message);
}
