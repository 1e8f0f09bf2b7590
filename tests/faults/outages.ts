import { setTimeout as sleep } from 'node:timers/promises';
import type { NatsConnection } from '@nats-io/transport-node';
import type { Official } from '../support/official.ts';
import { connectOfficial } from '../support/official.ts';

/**
 * Looks at NATS beside kvflow: for how long a stream had no leader that a majority follows, or the cluster itself none, which places the
 * consumers that lists are read by.
 */
export interface Outages extends AsyncDisposable {
  /** The longest, in milliseconds, give or take the time between two looks. */
  longest(): number;
}

/** Nothing that any bucket has: the leader asks the others all the same. */
const NOTHING = JSON.stringify({ filter: 'kvflow.nothing', seq: 1 });
const EVERY_MS = 250;
const PATIENCE_MS = 400;

/** Begins to look at every stream that there is now, through whichever server answers. */
export async function startOutages(urls: readonly string[]): Promise<Outages> {
  const clients = await Promise.all(urls.map(connectOfficial));
  const names = await streamsOf(clients[0]);
  let stopped = false;
  const gaps = new Map<string | undefined, { answered: number; longest: number }>();
  const looks = [undefined, ...names].map(async (name, index) => {
    const gap = { answered: Date.now(), longest: 0 };
    gaps.set(name, gap);
    for (let at = index; !stopped; await sleep(EVERY_MS)) {
      const asked = Date.now();
      const { nc } = clients[at % clients.length] ?? {};
      if (!nc || !(await isLed(nc, name))) {
        at += 1; // Another server may answer, or this one soon.
        continue;
      }
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
  try {
    if (stream === undefined) {
      const names = await nc.request('$JS.API.STREAM.NAMES', '', { timeout: PATIENCE_MS });
      return names.json<{ error?: object }>().error === undefined;
    }
    const answer = await nc.request(`$JS.API.STREAM.PURGE.${stream}`, NOTHING, { timeout: PATIENCE_MS });
    return answer.json<{ success?: boolean }>().success === true;
  } catch {
    return false;
  }
}
