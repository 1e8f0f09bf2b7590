import { setTimeout as sleep } from 'node:timers/promises';
import type { NatsConnection } from '@nats-io/transport-node';
import type { Official } from '../support/official.ts';
import { connectOfficial } from '../support/official.ts';
import { DOMAIN } from './cluster.ts';

/**
 * Looks at NATS beside kvflow: for how long a stream had no leader that a majority follows and that most servers know, or the cluster itself none,
 * which places the consumers that lists are read by, or did not answer through a server that is joined to it as a leaf node.
 */
export interface Outages extends AsyncDisposable {
  /** The longest, in milliseconds, give or take the time between two looks. */
  longest(): number;
  /** How long a call went on after the last outage that it met, of any stream; milliseconds. */
  beyond(began: number, ended: number): number;
}

/** Nothing that any bucket has: the leader asks the others all the same. */
const NOTHING = JSON.stringify({ filter: 'kvflow.nothing', seq: 1 });
const [EVERY_MS, SOON_MS] = [250, 50];
const PATIENCE_MS = 400;

/** Begins to look at every stream that there is now, and whether the cluster answers through a leaf node's server, if there is one. */
export async function startOutages(urls: readonly string[], leaf?: string): Promise<Outages> {
  const clients = await Promise.all([...urls, ...(leaf ? [leaf] : [])].map(connectOfficial));
  const names = await streamsOf(clients[0]);
  const all = clients.map(({ nc }) => nc);
  const [servers, leaves] = [all.slice(0, urls.length), all.slice(urls.length)];
  let stopped = false;
  const spans: [from: number, to: number][] = [];
  const gaps: { answered: number; longest: number }[] = [];
  const ofCluster = [undefined, ...names].map(name => ({
    servers,
    ask: (nc: NatsConnection) => isLed(nc, name),
  }));
  const ofLeaf = leaves.map(one => ({ servers: [one], ask: reaches }));
  const looks = [...ofCluster, ...ofLeaf].map(async ({ servers, ask }, index) => {
    const gap = { answered: Date.now(), longest: 0 };
    gaps.push(gap);
    // One of them while it answers; when it does not, all at once, until most of them do: one that was cut off leads itself for a while.
    for (let [turn, failed] = [index, 0]; !stopped; await sleep(failed > 0 ? SOON_MS : EVERY_MS)) {
      const asked = Date.now();
      const one = (_: NatsConnection, server: number) => server === turn % servers.length;
      const some = failed > 0 ? servers : servers.filter(one);
      if (!(await mostSay(some.map(ask)))) {
        failed += 1;
        turn += 1;
        continue;
      }
      if (failed > 1) spans.push([gap.answered, asked]);
      failed = 0;
      gap.longest = Math.max(gap.longest, asked - gap.answered);
      gap.answered = Date.now();
    }
  });
  return {
    beyond: (began, ended) => {
      // What began last ended it; in the middle of another nothing was over yet.
      const met = spans.filter(([from, to]) => from < ended && to > began);
      return Math.max(0, ended - Math.max(began, ...met.map(([, to]) => to)));
    },
    longest: () => Math.max(0, ...gaps.map(({ longest }) => longest - EVERY_MS)),
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

/** Resolves when more than half say so, or all have said. */
async function mostSay(answers: Promise<boolean>[]): Promise<boolean> {
  let yes = 0;
  return await new Promise(resolve => {
    for (const answer of answers) {
      void answer.then(is => {
        yes += Number(is);
        if (yes > answers.length / 2) resolve(true);
      });
    }
    void Promise.all(answers).then(() => resolve(yes > answers.length / 2));
  });
}

/** Without a stream: the cluster. */
function isLed(nc: NatsConnection, stream: string | undefined): Promise<boolean> {
  const endpoint = stream === undefined ? 'STREAM.NAMES' : `STREAM.PURGE.${stream}`;
  return answers(nc, `$JS.API.${endpoint}`, stream && NOTHING);
}

/** Whether the cluster answers through a leaf node's server. */
function reaches(nc: NatsConnection): Promise<boolean> {
  return answers(nc, `$JS.${DOMAIN}.API.STREAM.NAMES`);
}

async function answers(nc: NatsConnection, subject: string, payload?: string): Promise<boolean> {
  try {
    const answer = await nc.request(subject, payload, { timeout: PATIENCE_MS });
    return answer.json<{ error?: object }>().error === undefined;
  } catch {
    return false;
  }
}
