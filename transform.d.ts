/**
 * What a script of kvflow's `transform` sees, for editors. Put this at the top of a script:
 *
 *     /// <reference types="kvflow/transform" />
 *
 * The dashboard's editor completes what stands here, and a test holds it against the sandbox.
 */

/** An event: any JSON object. */
type TransformEvent = Record<string, any>;

/** The event. Change it, or return another. */
declare let $: TransformEvent;
/** The event, by its other name. A third one, `event`, is an event of the browser to editors. */
declare let _: TransformEvent;

/**
 * How long a value is kept; without it the default, 60 days. 0: for good; less than 0, a time that is over: the key is
 * deleted. As text in ms, s, m, h and d, such as '30m'.
 */
type KvTtl = { ttl?: string | null } | { ttlMs?: number | null } | { ttlSec?: number | null };

/** A key-value store that outlives the event. Keys are text of 1 to 1024 bytes, values anything JSON can hold. */
interface TransformKv {
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
}
/** A key-value store that outlives the event. An event is a transaction: what it writes is stored together, when it is done. */
declare const $kv: TransformKv;

/** What is known of how the event came in. */
interface TransformHttp {
  /** The value of an HTTP header, the first where it came several times; its name in any case. */
  header(name: string): string | undefined;
}
/** What is known of how the event came in. */
declare const $context: TransformHttp;

/** `variables.destinationId` of the call. */
declare const destinationId: string | undefined;
/** `variables.destinationType` of the call. */
declare const destinationType: string | undefined;

/** The property that names the table of an event: JITSU_TABLE_NAME. */
declare const TABLE_NAME: 'JITSU_TABLE_NAME';

/** The event in the form that Amplitude's API takes. */
declare function toAmplitude(event: TransformEvent): TransformEvent;
/** The event in the form that Facebook's conversions API takes. */
declare function toFacebook(event: TransformEvent): TransformEvent;
/** The event as a hit of Google Analytics. */
declare function toGoogleAnalytics(event: TransformEvent): TransformEvent;
/** The event in the form that Segment's API takes. */
declare function toSegment(event: TransformEvent): TransformEvent;

/** A hash of text as hex, such as $hash('sha256', $.email). */
declare function $hash(algorithm: 'md5' | 'sha1' | 'sha256' | 'sha384' | 'sha512', text: string): string;

/** Secrets by name. */
type TransformSecrets = Readonly<Record<string, string | undefined>>;
/** The secrets of the script's namespace, and its own, by name (transform-secret-put). */
declare const $secrets: TransformSecrets;

/** Lines that come back in `logs`; %s, %d, %i, %f, %j, %o and %O are filled in. */
interface TransformLog {
  info(...values: unknown[]): void;
  warn(...values: unknown[]): void;
  error(...values: unknown[]): void;
  debug(...values: unknown[]): void;
}

/** As in Jitsu: `ttl` is in seconds, a text such as `7d`, or `inf`; 31 days unless it is said. */
interface TransformStore {
  /** The value, or undefined. */
  get(key: string): Promise<any>;
  /** Stores a value for so long. */
  set(key: string, value: unknown, ttl?: number | string | { ttl: number | string }): Promise<void>;
  /** Deletes the key. */
  del(key: string): Promise<void>;
  /** Seconds that are left; -1: it stays; -2: there is none. */
  ttl(key: string): Promise<number>;
  /** The value with the seconds it has left, or undefined. */
  getWithTTL(key: string): Promise<{ value: any; ttl: number } | undefined>;
  /** The value that is there, else this one, which is stored. */
  getOrSet(key: string, value: unknown, ttl?: number | string): Promise<any>;
}

/** What `export default` and `transform` are given beside the event. */
interface TransformContext {
  /** Lines that come back in `logs`. */
  log: TransformLog;
  /** `$kv` in the form that Jitsu's functions know. */
  store: TransformStore;
  /** The same as `$kv`. */
  kv: TransformKv;
  /** To hosts that TRANSFORM_FETCH_HOSTS names; `ttl`, such as `10m`, keeps the answer to a GET. */
  fetch(url: string | URL, options?: RequestInit & { ttl?: string | number }): Promise<Response>;
  /** The secrets of the script's namespace, and its own, by name. */
  secrets: TransformSecrets;
  /** `variables.props` of the call, else all its variables. */
  props: Record<string, any>;
  /** Headers of the request that brought the event, else `variables.headers`. */
  headers: Record<string, any>;
  /** `variables.source`, with `variables.sourceId` as id. */
  source: Record<string, any>;
  /** `variables.destination`, with `variables.destinationId` as id. */
  destination: Record<string, any>;
  /** `variables.connection`, with `variables.connectionId` as id. */
  connection: Record<string, any>;
  /** `variables.workspace`, with `variables.workspaceId` as id. */
  workspace: Record<string, any>;
  /** Where the event came from, with TRANSFORM_GEO_FILE; else `variables.geo`. */
  geo: any;
  /** `variables.ua`. */
  ua: any;
}

/** What a handler may return: events, or nothing to leave the event as it came; `null`, `false` and `drop` skip it. */
// biome-ignore lint/suspicious/noConfusingVoidType: a handler without a return is one too
type TransformResult = object | object[] | 'drop' | null | false | undefined | void;

/** What RudderStack's `metadata(event)` answers: `variables.metadata` with the ids. */
interface TransformMetadata {
  sourceId?: string;
  destinationId?: string;
  destinationType?: string;
  messageId?: string;
  [name: string]: any;
}

/** What a script may export or declare, by which kvflow tells how it is called. */
interface TransformHandlers {
  /** As in Jitsu Next: an event, an array; nothing: the event goes on as it came; null, false, 'drop': skipped. */
  transform(event: TransformEvent, ctx: TransformContext): TransformResult | Promise<TransformResult>;
  /** As in RudderStack: an event, an array; nothing: skipped. */
  transformEvent(event: TransformEvent, metadata: (event: TransformEvent) => TransformMetadata): any;
  /** As in RudderStack: all events of the call at once, one transaction; an array. */
  transformBatch(events: TransformEvent[], metadata: (event: TransformEvent) => TransformMetadata): any;
  /** As in Segment: an event; nothing: skipped. `settings` is `variables.settings`. */
  onTrack(event: TransformEvent, settings: Record<string, any>): any;
  /** As in Segment, for events of the type identify. */
  onIdentify(event: TransformEvent, settings: Record<string, any>): any;
  /** As in Segment, for events of the type page. */
  onPage(event: TransformEvent, settings: Record<string, any>): any;
  /** As in Segment, for events of the type screen. */
  onScreen(event: TransformEvent, settings: Record<string, any>): any;
  /** As in Segment, for events of the type group. */
  onGroup(event: TransformEvent, settings: Record<string, any>): any;
  /** As in Segment, for events of the type alias. */
  onAlias(event: TransformEvent, settings: Record<string, any>): any;
  /** As in Segment, for events of the type delete. */
  onDelete(event: TransformEvent, settings: Record<string, any>): any;
  /** As in Segment: all events of the call at once. */
  onBatch(events: TransformEvent[], settings: Record<string, any>): any;
  /** As in Segment's source functions, for events of any other type. */
  onRequest(event: TransformEvent, settings: Record<string, any>): any;
}

/** RudderStack's `log`, and Jitsu's with its levels. In modules. */
declare const log: ((...values: unknown[]) => void) & TransformLog;
/** Jitsu's `store`, by its name. In modules. */
declare const store: TransformStore;
/** RudderStack: a secret by its name. In modules. */
declare function getCredential(name: string): string | undefined;
/** RudderStack: what is fetched, with its status. In modules. */
declare function fetchV2(
  url: string,
  options?: RequestInit,
): Promise<{ status: number; url: string; headers: Record<string, string>; body: any }>;
/** RudderStack: where an address is, with TRANSFORM_GEO_FILE. In modules. */
declare function geolocation(ip?: string): Promise<any>;

/** Thrown: the event is skipped. In modules. */
declare class DropEvent extends Error {}
/** Thrown: the event is skipped, as its type is none that the script takes. In modules. */
declare class EventNotSupported extends Error {}
/** Thrown: the event fails; with `drop` it is skipped. In modules. */
declare class RetryError extends Error {
  constructor(message?: string, settings?: { drop?: boolean });
}
/** Thrown: the event fails. In modules. */
declare class NoRetryError extends Error {}
/** Thrown: the event fails, as it is not what the script takes. In modules. */
declare class InvalidEventPayload extends Error {}
/** Thrown: the event fails, as it is not what the script takes. In modules. */
declare class ValidationError extends Error {}

/** Prints lines that come back in `logs`; %s, %d, %i, %f, %j, %o and %O are filled in. */
interface TransformConsole extends TransformLog {
  log(...values: unknown[]): void;
  trace(...values: unknown[]): void;
  table(value: unknown): void;
  dir(value: unknown): void;
  /** Prints where `ok` is not so. */
  assert(ok: unknown, ...values: unknown[]): void;
}

/** Bytes as Node has them. */
interface TransformBuffer {
  /** Bytes of text ('utf8', 'hex', 'base64', 'base64url', 'latin1', 'utf16le'), of an array or of a buffer. */
  from(value: string | ArrayBuffer | ArrayLike<number>, encoding?: string): any;
  /** So many bytes, all 0 or `fill`. */
  alloc(size: number, fill?: string | number): any;
  /** Joins several. */
  concat(list: Uint8Array[], size?: number): any;
  /** How many bytes a text is. */
  byteLength(text: string, encoding?: string): number;
  isBuffer(value: unknown): boolean;
  /** -1, 0 or 1: which one comes first. */
  compare(a: Uint8Array, b: Uint8Array): number;
}

/** Digests, HMAC and keys for it. */
interface TransformSubtle {
  /** A digest: SHA-1, SHA-256, SHA-384 or SHA-512. */
  digest(algorithm: string, data: Uint8Array | ArrayBuffer): Promise<ArrayBuffer>;
  /** A key for HMAC, of bytes ('raw') or as 'jwk'. */
  importKey(
    format: string,
    key: any,
    algorithm: object,
    extractable: boolean,
    usages: string[],
  ): Promise<any>;
  generateKey(algorithm: object, extractable: boolean, usages: string[]): Promise<any>;
  exportKey(format: string, key: any): Promise<any>;
  /** HMAC. */
  sign(algorithm: string | object, key: any, data: Uint8Array | ArrayBuffer): Promise<ArrayBuffer>;
  verify(
    algorithm: string | object,
    key: any,
    signature: Uint8Array | ArrayBuffer,
    data: Uint8Array | ArrayBuffer,
  ): Promise<boolean>;
}

/** Random numbers, digests and HMAC. */
interface TransformCrypto {
  /** A random UUID of version 4. */
  randomUUID(): string;
  /** Fills an array of numbers with random ones. */
  getRandomValues<T extends ArrayBufferView>(array: T): T;
  /** Digests and HMAC. */
  subtle: TransformSubtle;
}

/** Time since the worker began. */
interface TransformPerformance {
  /** Milliseconds since `timeOrigin`. */
  now(): number;
  /** When that was, in milliseconds since 1970. */
  timeOrigin: number;
}

/** What there is beside the names above and the language's own: what editors know from browsers and Node, as far as it goes here. */
interface TransformGlobals {
  /** The event, as `$`. */
  event: TransformEvent;
  /** Prints lines that come back in `logs`. */
  console: TransformConsole;
  /** To hosts that TRANSFORM_FETCH_HOSTS names, else it is off; `ttl`, such as `10m`, keeps the answer to a GET. */
  fetch(url: string | URL, options?: RequestInit & { ttl?: string | number }): Promise<Response>;
  Headers: any;
  AbortController: any;
  AbortSignal: any;
  /** Addresses, as browsers take them apart. */
  URL: any;
  URLSearchParams: any;
  TextEncoder: any;
  /** Of UTF-8, UTF-16 and every encoding of one byte a character. */
  TextDecoder: any;
  /** Text of base64. */
  atob(base64: string): string;
  /** Base64 of text of one byte a character. */
  btoa(text: string): string;
  /** A copy as deep as it goes. */
  structuredClone<T>(value: T): T;
  /** Random numbers, digests and HMAC. */
  crypto: TransformCrypto;
  performance: TransformPerformance;
  /** Bytes as Node has them. */
  Buffer: TransformBuffer;
  /** What is pure of Node's modules: see TransformModules. */
  require(name: string): any;
  global: any;
  setTimeout(run: (...values: any[]) => void, ms?: number, ...values: any[]): number;
  clearTimeout(timer: number): void;
  setInterval(run: (...values: any[]) => void, ms?: number, ...values: any[]): number;
  clearInterval(timer: number): void;
  setImmediate(run: (...values: any[]) => void, ...values: any[]): number;
  clearImmediate(timer: number): void;
  queueMicrotask(run: () => void): void;
}

/** What may be imported by name, beside libraries: `import { double } from 'lib:math@3'` takes a stored script. */
interface TransformModules {
  /** Dates; with its plugins and locales: `dayjs/plugin/utc`, `dayjs/locale/de`. */
  dayjs: any;
  /** Functions on lists and objects, without `_.template`; one alone: `lodash/groupBy`. */
  lodash: any;
  /** The same as lodash. */
  'lodash-es': any;
  /** Domains, with the Public Suffix List. */
  tldts: any;
  /** Browsers and systems from a user agent. */
  'ua-parser-js': any;
  /** UUIDs of every version. */
  uuid: any;
  /** RudderStack's: md5, sha1, sha256, sha512, cyrb53. */
  '@rs/hash/v1': any;
  /** RudderStack's: URLSearchParams, URL. */
  '@rs/urlParser/v1': any;
  /** RudderStack's name for ua-parser-js. */
  '@rs/userAgentParser/v1': any;
  /** Jitsu's errors: DropEvent, RetryError and others. */
  '@jitsu/functions-lib': any;
  assert: any;
  buffer: any;
  /** Hashes and HMAC, as Node has them. */
  crypto: any;
  events: any;
  path: any;
  punycode: any;
  querystring: any;
  string_decoder: any;
  url: any;
  util: any;
}
