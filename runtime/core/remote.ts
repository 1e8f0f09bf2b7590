import type { Call } from './call.ts';

/** Where items go to beside this kvflow. */
export interface RemoteTarget {
  /** Of another kvflow's server (`https:`, `http:`) or of a NATS (`nats:`, `tls:`). */
  url: string;
  /** The other kvflow's API key; undefined where it takes everybody. */
  apiKey?: string | undefined;
  /** How to log in at a NATS; undefined where it takes everybody. */
  login?: RemoteLogin | undefined;
}

/** A login at a NATS: user and password, a token, the text of a creds file, or the seed of an nkey. */
export interface RemoteLogin {
  user?: string;
  password?: string;
  token?: string;
  creds?: string;
  nkey?: string;
}

/** Another kvflow, or a NATS that is treated as one. To be disposed of. */
export interface RemoteKvflow extends AsyncDisposable {
  /** Calls a function there and answers its data. Throws what the function failed with there. */
  call(name: RemoteFunction, input: unknown, call: Call): Promise<unknown>;
}

/** What is called elsewhere. */
export type RemoteFunction = 'kv-bucket-info' | 'kv-bucket-import';

/**
 * Opens the way to another kvflow or to a NATS.
 * @throws PackError FORBIDDEN where no setting allows the host, or the login is refused; UNAVAILABLE where it is away.
 */
export type Remote = (target: RemoteTarget, call: Call) => Promise<RemoteKvflow>;
