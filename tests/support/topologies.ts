import { eventually } from './eventually.ts';
import { freePort } from './free-port.ts';
import type { TestNats } from './nats.ts';
import { startNats } from './nats.ts';
import { connectOfficial } from './official.ts';

/** Servers of one cluster, ended together. */
export interface TestCluster extends AsyncDisposable {
  readonly name: string;
  readonly servers: TestNats[];
  readonly urls: string[];
  /** Name of the server that leads the cluster's JetStream: that makes streams and consumers. */
  metaLeader(): Promise<string | undefined>;
}

/** A server that leaf nodes can join. */
export interface TestHub extends TestNats {
  readonly leafPort: number;
}

/** Starts a JetStream cluster; server names are `<name>-1` and so on, and each has its name as a tag. */
export async function startCluster(size: number, name = 'east'): Promise<TestCluster> {
  const ports = await freePorts(size);
  const monitor = await freePort();
  const routes = ports.map(port => `nats://127.0.0.1:${port}`).join(', ');
  const servers = await Promise.all(
    ports.map((port, index) =>
      startNats({
        name: `${name}-${index + 1}`,
        extra: `server_tags: ["node:${index + 1}"]
          ${index === 0 ? `http: "127.0.0.1:${monitor}"` : ''}
          cluster { name: ${name}, listen: "127.0.0.1:${port}", routes: [${routes}] }`,
      }),
    ),
  );
  await Promise.all(servers.map(server => jetStreamReady(server.url)));
  await everyPeerKnown(servers);
  return {
    name,
    servers,
    urls: servers.map(server => server.url),
    metaLeader: async () => {
      const answer = await fetch(`http://127.0.0.1:${monitor}/jsz`);
      return ((await answer.json()) as { meta_cluster?: { leader?: string } }).meta_cluster?.leader;
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(servers.map(server => server[Symbol.asyncDispose]()));
    },
  };
}

/** Starts a server with its own JetStream domain that leaf nodes can join. */
export async function startHub(domain: string): Promise<TestHub> {
  const leafPort = await freePort();
  const server = await startNats({
    name: `hub-${domain}`,
    domain,
    extra: `leafnodes { listen: "127.0.0.1:${leafPort}" }`,
  });
  return { ...server, leafPort };
}

/** Starts a leaf node of a hub with its own domain and waits until they see each other's JetStream. */
export async function startLeaf(hub: TestHub, domain: string): Promise<TestNats> {
  const leaf = await startNats({
    name: `leaf-${domain}`,
    domain,
    extra: `leafnodes { reconnect: "200ms", remotes: [{ url: "nats://127.0.0.1:${hub.leafPort}" }] }`,
  });
  const hubDomain = (await domainOf(hub.url)) ?? '';
  await jetStreamReady(leaf.url, hubDomain);
  await jetStreamReady(hub.url, domain);
  return leaf;
}

/** Waits until JetStream, of a domain if one is given, answers at this server. */
export async function jetStreamReady(url: string, domain?: string): Promise<void> {
  await using client = await connectOfficial(url);
  const subject = domain ? `$JS.${domain}.API.INFO` : '$JS.API.INFO';
  await eventually(
    async () => {
      const answer = (await client.nc.request(subject, '', { timeout: 1_000 })).json<{ error?: unknown }>();
      if (answer.error) throw new Error(`JetStream at ${url}: ${JSON.stringify(answer.error)}`);
    },
    { within: 20_000, every: 50 },
  );
}

/** The cluster has a leader before that one knows of every server; a stream on all of them shows that it does. */
export async function everyPeerKnown([first, ...others]: TestNats[]): Promise<void> {
  if (!first) return;
  await using client = await connectOfficial(first.url);
  const probe = { name: 'probe', subjects: ['probe'], storage: 'memory', num_replicas: 1 + others.length };
  await eventually(() => client.addStream(probe), { within: 20_000, every: 50 });
  await client.jsm.streams.delete('probe');
}

async function domainOf(url: string): Promise<string | undefined> {
  await using client = await connectOfficial(url);
  const info = (await client.nc.request('$JS.API.INFO')).json<{ domain?: string }>();
  return info.domain;
}

async function freePorts(count: number): Promise<number[]> {
  return await Promise.all(Array.from({ length: count }, freePort));
}
