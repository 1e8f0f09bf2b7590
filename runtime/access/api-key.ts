import { hash, randomBytes } from 'node:crypto';
import { invalidField } from '../../contract/errors.ts';

/** How many calls a key may make: at most `calls` at once, and so many again in each second or minute. */
export interface RateLimit {
  calls: number;
  per: 'second' | 'minute';
}

/** An API key as it is kept: everything but the key itself. */
export interface ApiKey {
  /** Unique among the keys; shown in logs, metrics and messages. */
  name: string;
  /** SHA-256 of the key's text, in hex. */
  hash: string;
  /** The first characters of the key, to recognize it by. */
  prefix: string;
  /** Function names allowed; `*` anywhere in an entry stands for any text. */
  functions: string[];
  /** Bucket names allowed; `*` anywhere in an entry stands for any text. */
  buckets: string[];
  /** NATS subjects that a bucket's writes may be published on. */
  subjects: string[];
  /** Warehouses allowed; patterns. */
  destinations: string[];
  /** Tables that may be named beside those a destination lists; patterns. */
  tables: string[];
  /** Tenants of transform and identify; patterns. */
  namespaces: string[];
  /** Whether what flows serve may be called. */
  flows: boolean;
  /** Origins of the pages that may use the key, such as `https://app.example`; missing: it is for no page in particular. */
  origins?: string[] | undefined;
  /** Refuses every function that changes something. */
  read_only: boolean;
  /** null: no limit. */
  rate_limit: RateLimit | null;
  /** RFC 3339; null: does not expire. */
  expires_at: string | null;
  /** RFC 3339. */
  created_at: string;
}

/** What a new key may do; all but the name may be left out. */
export interface NewApiKey {
  name: string;
  /** Default: every function. */
  functions?: string[] | undefined;
  /** Default: every bucket. */
  buckets?: string[] | undefined;
  /** Default: all where neither functions nor buckets are limited, else none. */
  subjects?: string[] | undefined;
  /** Default: all, each with the tables it lists. */
  destinations?: string[] | undefined;
  /** Default: all where neither functions nor buckets are limited, else none. */
  tables?: string[] | undefined;
  /** Default: all. */
  namespaces?: string[] | undefined;
  /** Default: whether neither functions nor buckets are limited and the key is not read-only: flows may write. */
  flows?: boolean | undefined;
  /** Default: none. */
  origins?: string[] | undefined;
  /** Default false. */
  read_only?: boolean | undefined;
  /** Default: no limit. */
  rate_limit?: RateLimit | null | undefined;
  /** RFC 3339, in the future. Default: does not expire. */
  expires_at?: string | null | undefined;
}

/** What a key may be called: logs and metrics show it as it is. */
export const KEY_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

const PREFIX = 'kvf_';
const SHOWN = PREFIX.length + 4;

/** A new key's text: `kvf_` and 43 characters that hold 256 random bits. */
export function newKeyText(): string {
  return PREFIX + randomBytes(32).toString('base64url');
}

/** What is stored of a key. A plain hash is enough for 256 random bits: there is nothing to guess. */
export function hashKey(text: string): string {
  return hash('sha256', text, 'hex');
}

/** Makes the record of a new key. Throws INVALID_INPUT. */
export function makeApiKey(text: string, wanted: NewApiKey, now = new Date()): ApiKey {
  checkNew(wanted, now);
  return {
    name: wanted.name,
    hash: hashKey(text),
    prefix: text.slice(0, SHOWN),
    functions: wanted.functions ?? ['*'],
    buckets: wanted.buckets ?? ['*'],
    ...newRights(wanted),
    ...(wanted.origins && { origins: wanted.origins }),
    read_only: wanted.read_only ?? false,
    rate_limit: wanted.rate_limit ?? null,
    expires_at: wanted.expires_at ? new Date(wanted.expires_at).toISOString() : null,
    created_at: now.toISOString(),
  };
}

/** Reads `100/s`, `100/second`, `600/m` or `600/minute`. Throws INVALID_INPUT. */
export function parseRateLimit(text: string): RateLimit {
  const [, calls, unit] = /^(\d{1,9})\/(s|sec|second|m|min|minute)$/.exec(text.trim()) ?? [];
  if (!calls || !unit || Number(calls) < 1) {
    throw invalidField('/rate_limit', `A rate limit is written as 100/second or 600/minute, not "${text}".`);
  }
  return { calls: Number(calls), per: unit.startsWith('s') ? 'second' : 'minute' };
}

function newRights(wanted: NewApiKey) {
  const { functions, buckets, subjects, destinations, tables, namespaces, flows, read_only } = wanted;
  const unlimited = (functions ?? ['*']).includes('*') && (buckets ?? ['*']).includes('*');
  return {
    subjects: subjects ?? (unlimited ? ['>'] : []),
    destinations: destinations ?? ['*'],
    tables: tables ?? (unlimited ? ['*'] : []),
    namespaces: namespaces ?? ['*'],
    flows: flows ?? (unlimited && !read_only),
  };
}

/** Whether a text is an origin as browsers write it: scheme, host and port, nothing else. */
export function isOrigin(text: string): boolean {
  return /^https?:/.test(text) && !text.includes('*') && URL.parse(text)?.origin === text;
}

function checkNew({ name, functions, buckets, origins, rate_limit, expires_at }: NewApiKey, now: Date): void {
  if (!KEY_NAME.test(name)) {
    throw invalidField('/name', 'A key name has 1 to 64 letters, digits, dots, dashes or underscores.');
  }
  if (name === 'local' || name.startsWith('config-')) {
    throw invalidField('/name', `"${name}" names a caller of kvflow's own; choose another name.`);
  }
  if (functions?.length === 0) throw invalidField('/functions', 'Name at least one function, or * for all.');
  if (buckets?.length === 0)
    throw invalidField('/buckets', 'Name at least one bucket pattern, or * for all.');
  const wrong = origins?.find(origin => !isOrigin(origin));
  if (wrong !== undefined)
    throw invalidField(
      '/origins',
      `"${wrong}" is no origin; write it as https://app.example, without a path.`,
    );
  if (rate_limit && !(Number.isInteger(rate_limit.calls) && rate_limit.calls > 0)) {
    throw invalidField('/rate_limit', 'A rate limit is a whole number of calls, at least 1.');
  }
  if (expires_at && !(Date.parse(expires_at) > now.getTime())) {
    throw invalidField(
      '/expires_at',
      `"${expires_at}" is no time in the future; write it as 2030-01-31T12:00:00Z.`,
    );
  }
}
