import { setTimeout as sleep } from 'node:timers/promises';
import type { NatsConnection } from '@nats-io/transport-node';
import type { Official } from '../support/official.ts';
import { connectOfficial } from '../support/official.ts';

/**
 * Looks at NATS beside kvflow: for how long a stream had no leader that a majority follows and that most servers know, or the cluster itself none,
 * which places the consumers that lists are read by.
 */
export interface Outages extends AsyncDisposable {
  /** The longest, in milliseconds, give or take the time between two looks. */
  longest(): number;
}

/** Nothing that any bucket has: the leader asks the others all the same. */
const NOTHING = JSON.stringify({ filter: 'kvflow.nothing', seq: 1 });
const [EVERY_MS, SOON_MS] = [250, 50];
const PATIENCE_MS = 400;

/** Begins to look at every stream that there is now. */
export async function startOutages(urls: readonly string[]): Promise<Outages> {
  const clients = await Promise.all(urls.map(connectOfficial));
  const names = await streamsOf(clients[0]);
  const servers = clients.map(({ nc }) => nc);
  let stopped = false;
  const gaps = new Map<string | undefined, { answered: number; longest: number }>();
  const looks = [undefined, ...names].map(async (name, index) => {
    const gap = { answered: Date.now(), longest: 0 };
    gaps.set(name, gap);
    // One of them while it answers; when it does not, all at once, until most of them do: one that was cut off leads itself for a while.
    for (let isAway = false; !stopped; await sleep(isAway ? SOON_MS : EVERY_MS)) {
      const asked = Date.now();
      const some: NatsConnection[] = isAway
        ? servers
        : servers.filter((_, server) => server === index % servers.length);
      const answers = await Promise.all(some.map(nc => isLed(nc, name)));
      isAway = answers.filter(Boolean).length <= some.length / 2;
      if (isAway) continue;
      gap.longest = Math.max(gap.longest, asked - gap.answered);
      gap.answered = Date.now();
    }
  });
  return {
    longest: () => Math.max(0, ...[...gaps.values()].map(({ longest }) => longest - EVERY_MS)),
    [Symbol.asyncDispose]: async () => {
      stopped = true;
      await Promise.all(looks);
      await Promise.all(clients.map(client => client[Symbol.asyncDispose]()));
    },
  };
}

async function streamsOf(client: Official | undefined): Promise<string[]> {
  const names: string[] = [];
  if (client) for await (const { config } of client.jsm.streams.list()) names.push(config.name);
  return names;
}

/** Without a stream: the cluster. */
async function isLed(nc: NatsConnection, stream: string | undefined): Promise<boolean> {
  const endpoint = stream === undefined ? 'STREAM.NAMES' : `STREAM.PURGE.${stream}`;
  try {
    const answer = await nc.request(`$JS.API.${endpoint}`, stream && NOTHING, { timeout: PATIENCE_MS });
    return answer.json<{ error?: object }>().error === undefined;
  } catch {
    return false;
  }
}
