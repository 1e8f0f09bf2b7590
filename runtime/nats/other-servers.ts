import type { ConnectionOptions, NatsConnection, ReconnectToServerHandler } from '@nats-io/transport-node';
import { connect } from '@nats-io/transport-node';

/** The servers of a cluster that a connection may go to, beside the one that it leads to. */
export interface OtherServers {
  /** Their addresses; none where it is to stay with its server. */
  of(connection: NatsConnection): string[];
  /** A connection to one of them, for a moment; rejects where it is away. */
  open(server: string): Promise<NatsConnection>;
  /** Has the connection go there. */
  goTo(connection: NatsConnection, server: string): Promise<void>;
  /** Remembers those that the connection's server tells of: one that was cut off tells of none any more. */
  follow(connection: NatsConnection): Promise<void>;
  /** Which server the client library goes to when the connection is lost: the one that was named, else the one that was tried the longest ago. */
  readonly choose: ReconnectToServerHandler;
}

const MAX_KNOWN = 64;
/** A server that does not let in within this time is no better. */
const OPEN_MS = 1_500;

/** @param options those of the connection, whose servers are in their place. */
export function createOtherServers(options: () => Promise<ConnectionOptions>): OtherServers {
  const known = new Set<string>();
  let named: string | undefined;
  return { of, open, goTo, follow, choose };

  function of(connection: NatsConnection): string[] {
    remember(connection);
    const here = connection.getServer();
    return [...known].filter(server => server !== here);
  }

  async function open(server: string): Promise<NatsConnection> {
    const { reconnectToServer: _, ...same } = await options();
    return await connect({
      ...same,
      servers: [server],
      timeout: OPEN_MS,
      reconnect: false,
      ignoreClusterUpdates: true,
    });
  }

  async function goTo(connection: NatsConnection, server: string): Promise<void> {
    const pool = connection.getServers().map(({ listen }) => listen);
    if (!pool.includes(server)) connection.setServers([...pool, server]);
    named = server;
    await connection.reconnect();
  }

  async function follow(connection: NatsConnection): Promise<void> {
    remember(connection);
    for await (const _ of connection.status()) remember(connection);
  }

  function remember(connection: NatsConnection): void {
    for (const { listen } of connection.getServers()) if (known.size < MAX_KNOWN) known.add(listen);
  }

  /** The library's own order begins with the server that was just lost, which may hang and hold the attempt for seconds. */
  function choose(...[pool]: Parameters<ReconnectToServerHandler>): ReturnType<ReconnectToServerHandler> {
    const there = pool.find(({ listen }) => listen === named);
    named = undefined;
    return there ?? pool.reduce((first, server) => (server.lastConnect < first.lastConnect ? server : first));
  }
}
