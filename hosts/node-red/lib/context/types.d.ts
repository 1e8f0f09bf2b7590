import type { KvflowHost } from '../types.d.ts';

/** What settings.js gives, under `config`. */
export interface ContextConfig {
  /** Of a kvflow server; without it NATS is joined, which takes the package kvflow beside this one. */
  url?: string;
  apiKey?: string;
  /** Of NATS, separated by commas. */
  servers?: string;
  user?: string;
  password?: string;
  token?: string;
  credsFile?: string;
  nkeyFile?: string;
  domain?: string;
  /** Default: node_red_context. Made where it is missing. */
  bucket?: string;
  /** Values kept for each key, for kv-key-history; only where the bucket is made. Default 1. */
  history?: number;
  /** The kvflow that runs this Node-RED. */
  host?: KvflowHost;
}

/** Answers of one call: an error, or what was asked for. */
export type Callback = (error?: unknown, ...values: unknown[]) => void;

/** What Node-RED asks of a context store. */
export interface ContextStore {
  open(): Promise<void>;
  close(): Promise<void>;
  get(scope: string, key: string | string[], callback?: Callback): unknown;
  set(scope: string, key: string | string[], value: unknown, callback?: Callback): void;
  keys(scope: string, callback?: Callback): string[] | undefined;
  delete(scope: string): Promise<void>;
  clean(activeNodes: string[]): Promise<void>;
}

/** Of Node-RED's own package of helpers. */
export interface NodeRedUtil {
  util: {
    getObjectProperty(object: object, path: string): unknown;
    setObjectProperty(object: object, path: string, value: unknown): void;
    normalisePropertyExpression(path: string): unknown[];
  };
  log: { warn(message: string): void };
}

/** A change of a key in the bucket. */
export interface ContextChange {
  key: string;
  operation: string;
  value?: string;
  revision: number;
}
