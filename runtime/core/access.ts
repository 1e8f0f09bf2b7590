import type { Principal } from './principal.ts';

/** Decides who calls. Synchronous, for it is asked on every request. */
export interface Authenticator {
  /**
   * Whether callers need an API key. False only while there never was one: everybody is then EVERYTHING, and transports
   * serve this machine alone. Never turns false again in a running process, so that revoking the last key locks the
   * door instead of opening it.
   */
  required(): boolean;
  /**
   * Who presents this `Authorization` header (`Bearer <key>`); EVERYTHING while no key is required.
   * @throws PackError UNAUTHENTICATED
   */
  authenticate(authorization: string | undefined): Principal;
  /**
   * Counts calls against the principal's rate limit; a batch counts each of its items. Answers a promise where another process
   * keeps count: await it.
   * @throws PackError RATE_LIMITED with `details.retry_after_ms`, at once or by the promise
   */
  spend(principal: Principal, calls: number): Promise<void> | undefined;
  /** Origins of pages that some key is for; a browser asks before it shows which key it has. */
  origins?(): readonly string[];
}

/** Finds keys by their names, for callers that something else has told from others. */
export interface NamedKeys {
  /** The rights of the key of this name as they are now; undefined where there is none, or it has expired. */
  named(name: string): Principal | undefined;
}

/** Makes keys for parts of kvflow that run as processes of their own. */
export interface KeyIssuer {
  /** A new key that may do everything until it is withdrawn. It does not make {@link Authenticator.required} true. */
  issue(): IssuedKey;
}

/** A key that was made for a process of kvflow's own; it is kept in memory alone. */
export interface IssuedKey {
  readonly key: string;
  /** Of the key, by which other processes may know it. */
  readonly hash: string;
  /** Settles when every process of this kvflow knows it, where there are several: it is used after that. */
  readonly known?: Promise<void>;
  withdraw(): void;
}
