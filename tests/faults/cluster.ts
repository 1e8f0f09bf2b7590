import { once } from 'node:events';
import type { Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import { freePort } from '../support/free-port.ts';
import type { TestNats } from '../support/nats.ts';
import { startNats } from '../support/nats.ts';
import { connectOfficial } from '../support/official.ts';
import { everyPeerKnown, jetStreamReady } from '../support/topologies.ts';

/** Three servers on loopback whose routes to each other can be cut. */
export interface FaultyCluster extends AsyncDisposable {
  readonly servers: TestNats[];
  readonly urls: string[];
  /** Index of the server that leads a stream; asks until one does. */
  leaderOf(stream: string): Promise<number>;
  /** Cuts every route of a server to the others, or mends them. */
  isolate(server: number, cut: boolean): void;
  /** A server without JetStream that is joined to the cluster as its leaf node; it is started when it is first asked for. */
  leaf(): Promise<TestNats>;
  /** Cuts the leaf node from the cluster, or mends that. */
  isolateLeaf(cut: boolean): void;
}

/** A way that can be cut. */
interface Route extends AsyncDisposable {
  readonly port: number;
  cut: boolean;
}

const SIZE = 3;
/** JetStream's domain of the cluster: under this name a leaf node reaches it. */
export const DOMAIN = 'faulty';

/** @param folders where single servers keep their data, in place of a temporary folder. */
export async function startFaultyCluster(folders: Record<number, string> = {}): Promise<FaultyCluster> {
  const ports = await Promise.all(Array.from({ length: SIZE }, freePort));
  const nowhere = await freePort();
  const leafPort = await freePort();
  const leafRoute = await startRoute(leafPort);
  let leaf: Promise<TestNats> | undefined;
  // One way for each pair of servers and each direction.
  const routes = await Promise.all(
    ports.map((_, from) =>
      Promise.all(ports.map((port, to) => (from === to ? undefined : startRoute(port)))),
    ),
  );
  const servers = await Promise.all(
    ports.map((port, index) => {
      const ways = routes[index]?.filter(route => route !== undefined) ?? [];
      const urls = ways.map(route => `nats://127.0.0.1:${route.port}`).join(', ');
      return startNats({
        name: `faulty-${index + 1}`,
        domain: DOMAIN,
        ...(folders[index] && { folder: folders[index] }),
        // Servers tell each other where they are reached: that must not be a way around.
        extra: [
          `cluster { name: faulty, listen: "127.0.0.1:${port}", advertise: "127.0.0.1:${nowhere}", routes: [${urls}] }`,
          ...(index === 0
            ? [`leafnodes { listen: "127.0.0.1:${leafPort}", advertise: "127.0.0.1:${nowhere}" }`]
            : []),
        ].join('\n'),
      });
    }),
  );
  await Promise.all(servers.map(server => jetStreamReady(server.url)));
  await everyPeerKnown(servers);
  return {
    servers,
    urls: servers.map(({ url }) => url),
    leaderOf: stream => leaderOf(servers, stream),
    isolate: (server, cut) => {
      for (const [from, ways] of routes.entries()) {
        for (const [to, way] of ways.entries()) if (way && (from === server || to === server)) way.cut = cut;
      }
    },
    leaf: () => {
      leaf ??= startLeaf(leafRoute.port);
      return leaf;
    },
    isolateLeaf: cut => {
      leafRoute.cut = cut;
    },
    [Symbol.asyncDispose]: async () => {
      await (await leaf)?.[Symbol.asyncDispose]();
      await leafRoute[Symbol.asyncDispose]();
      await Promise.all(servers.map(server => server[Symbol.asyncDispose]()));
      await Promise.all(routes.flat().map(way => way?.[Symbol.asyncDispose]()));
    },
  };
}

async function startLeaf(hub: number): Promise<TestNats> {
  const remotes = `remotes: [{ url: "nats://127.0.0.1:${hub}" }]`;
  const leaf = await startNats({
    name: 'leaf',
    extra: `jetstream: false\nleafnodes { reconnect: "200ms", ${remotes} }`,
  });
  await jetStreamReady(leaf.url, DOMAIN);
  return leaf;
}

/** A proxy to a port on loopback; cutting it ends its connections and takes no more. */
async function startRoute(port: number): Promise<Route> {
  const sockets = new Set<Socket>();
  let isCut = false;
  const server = createServer(client => {
    if (isCut) return void client.destroy();
    const upstream = connect(port, '127.0.0.1');
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.pipe(upstream).pipe(client);
  });
  const listening = await freePort();
  server.listen(listening, '127.0.0.1');
  await once(server, 'listening');
  const end = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: listening,
    get cut() {
      return isCut;
    },
    set cut(now: boolean) {
      isCut = now;
      if (now) end();
    },
    [Symbol.asyncDispose]: async () => {
      end();
      server.close();
    },
  };
}

async function leaderOf(servers: TestNats[], stream: string): Promise<number> {
  for (;;) {
    for (const { url } of servers) {
      const leader = await askLeader(url, stream).catch(() => undefined);
      if (leader) return Number(leader.split('-')[1]) - 1;
    }
  }
}

async function askLeader(url: string, stream: string): Promise<string | undefined> {
  await using client = await connectOfficial(url);
  return (await client.jsm.streams.info(stream)).cluster?.leader;
}
