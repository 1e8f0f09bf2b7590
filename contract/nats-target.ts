/** A NATS to join, and as whom. */
export interface NatsTarget {
  /** `nats://host:port` each, without credentials. */
  servers: string[];
  user?: string;
  /** Secret. */
  password?: string;
  /** Secret. */
  token?: string;
  credsFile?: string;
  nkeyFile?: string;
  /** Set where a file is given, or a server's URL begins with `tls://`. */
  tls?: { caFile?: string; certFile?: string; keyFile?: string };
  /** JetStream domain to work in. Default: the one of the server that is connected to. */
  domain?: string;
}
