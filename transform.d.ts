/**
 * What a script of kvflow's `transform` sees, for editors. Put this at the top of a script:
 *
 *     /// <reference types="kvflow/transform" />
 */

/** The event. Change it, or return another. */
declare let $: Record<string, any>;
/** The event, by its other name. A third one, `event`, is an event of the browser to editors. */
declare let _: Record<string, any>;

/**
 * How long a value is kept; without it the default, 60 days. 0: for good; less than 0, a time that is over: the key is
 * deleted. As text in ms, s, m, h and d, such as '30m'.
 */
type KvTtl = { ttl?: string | null } | { ttlMs?: number | null } | { ttlSec?: number | null };

/** A key-value store that outlives the event. Keys are text of 1 to 1024 bytes, values anything JSON can hold. */
declare const $kv: {
  /** Stores a value; null or undefined deletes the key. */
  set(key: string, value: unknown, opts?: KvTtl): Promise<void>;
  /** The value, or undefined. It went through JSON: a Date comes back as text. */
  get(key: string): Promise<any>;
  /** The values of several keys, in their order. */
  getMany(keys: string[]): Promise<any[]>;
  /** Milliseconds that a value has left; null: it stays; undefined: there is none. */
  ttl(key: string): Promise<number | null | undefined>;
  /** Deletes the key. */
  del(key: string): Promise<void>;
  /** Adds to a counter and answers what it is then. */
  incr(key: string, by?: number, opts?: KvTtl): Promise<number>;
  /** Reads a value, lets `change` make a new one of it, and stores that. */
  update<T = any>(key: string, change: (value: T | undefined) => T | Promise<T>, opts?: KvTtl): Promise<T>;
};

/** What is known of how the event came in. */
declare const $context: {
  /** The value of an HTTP header, the first where it came several times; its name in any case. */
  header(name: string): string | undefined;
};

/** `variables.destinationId` of the call. */
declare const destinationId: string | undefined;
/** `variables.destinationType` of the call. */
declare const destinationType: string | undefined;

/** The property that names the table of an event: JITSU_TABLE_NAME. */
declare const TABLE_NAME: 'JITSU_TABLE_NAME';

/** The event in the form that Amplitude's API takes. */
declare function toAmplitude(event: Record<string, any>): Record<string, any>;
/** The event in the form that Facebook's conversions API takes. */
declare function toFacebook(event: Record<string, any>): Record<string, any>;
/** The event as a hit of Google Analytics. */
declare function toGoogleAnalytics(event: Record<string, any>): Record<string, any>;
/** The event in the form that Segment's API takes. */
declare function toSegment(event: Record<string, any>): Record<string, any>;

/** A hash of text as hex, such as $hash('sha256', $.email). */
declare function $hash(algorithm: 'md5' | 'sha1' | 'sha256' | 'sha384' | 'sha512', text: string): string;

/** The secrets of the script's namespace, and its own, by name (transform-secret-put). */
declare const $secrets: Readonly<Record<string, string | undefined>>;

/** What `export default` and `transform` are given beside the event. */
interface TransformContext {
  log: Record<'info' | 'warn' | 'error' | 'debug', (...values: unknown[]) => void>;
  /** As in Jitsu: `ttl` is in seconds, a text such as `7d`, or `inf`; 31 days unless it is said. */
  store: {
    get(key: string): Promise<any>;
    set(key: string, value: unknown, ttl?: number | string | { ttl: number | string }): Promise<void>;
    del(key: string): Promise<void>;
    /** Seconds that are left; -1: it stays; -2: there is none. */
    ttl(key: string): Promise<number>;
    getWithTTL(key: string): Promise<{ value: any; ttl: number } | undefined>;
    getOrSet(key: string, value: unknown, ttl?: number | string): Promise<any>;
  };
  kv: typeof $kv;
  /** To hosts that TRANSFORM_FETCH_HOSTS names; `ttl`, such as `10m`, keeps the answer to a GET. */
  fetch(url: string | URL, options?: RequestInit & { ttl?: string | number }): Promise<Response>;
  secrets: typeof $secrets;
  /** `variables.props` of the call, else all its variables. */
  props: Record<string, any>;
  headers: Record<string, any>;
  source: Record<string, any>;
  destination: Record<string, any>;
  connection: Record<string, any>;
  workspace: Record<string, any>;
  geo: any;
  ua: any;
}

/** What a handler may return: events, or nothing to leave the event as it came; `null`, `false` and `drop` skip it. */
// biome-ignore lint/suspicious/noConfusingVoidType: a handler without a return is one too
type TransformResult = object | object[] | 'drop' | null | false | undefined | void;

/** RudderStack's `log`, and Jitsu's with its levels. */
declare const log: ((...values: unknown[]) => void) & TransformContext['log'];
/** RudderStack: a secret by its name. */
declare function getCredential(name: string): string | undefined;
/** RudderStack: what is fetched, with its status. */
declare function fetchV2(
  url: string,
  options?: RequestInit,
): Promise<{ status: number; url: string; headers: Record<string, string>; body: any }>;
