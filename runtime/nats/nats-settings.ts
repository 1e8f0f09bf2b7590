import type { NatsTarget } from '../../contract/nats-target.ts';

/** Which NATS to join and as whom: what settings say, and what hosts and kvflow itself say besides. */
export interface NatsSettings extends NatsTarget {
  /** The text of a creds file, or an nkey's seed, of who holds them themselves. */
  creds?: string;
  nkey?: string;
  /** Files of certificates, or, from hosts that hold them themselves, their text. */
  tls?: NatsTarget['tls'] & {
    ca?: string;
    cert?: string;
    key?: string;
    rejectUnauthorized?: boolean;
    /** Whose certificate the server is to have, where it is joined by its address. */
    servername?: string;
  };
  /** No other server is joined, whatever these tell of their cluster. Default: those they tell of, too. */
  onlyThese?: boolean;
  /** Name of the connection, as `nats server report connections` shows it. Default: kvflow. */
  name?: string;
  /** Of a server that kvflow runs itself, joined with user and password: asked where it is now whenever it is gone. */
  locate?: Locate;
}

/** Where a server is that kvflow runs itself, and as whom it is joined. */
export interface ServerLocation {
  servers: string[];
  user: string;
  password: string;
}

/** Asks where the server is now; undefined when nobody knows. */
export type Locate = () => Promise<ServerLocation | undefined>;
