import type { Worker } from 'node:cluster';
import cluster from 'node:cluster';
import { once } from 'node:events';
import { extname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { countersOf, mergeMetrics } from '../../core/metrics/merge.ts';
import { type Family, parseMetrics } from '../../core/metrics/parse.ts';
import type { Log } from '../../server/log.ts';
import type { LeaderCalls, Shared, Started, WorkerCalls, WorkerOrder } from './calls.ts';
import { type Channel, createChannel, type Port } from './channel.ts';

/** The workers of a leader, each replaced when it ends. */
export interface Crew {
  /** Gives every worker, now and later, what it begins with; answers once the first ones listen, or throws why one does not. */
  lead(leading: Leading): Promise<Started>;
  /** Tells every worker, also those that begin; settles when each has answered or is gone. */
  share(shared: Shared): Promise<void>;
  /** The figures of each worker, and the counts of those that have ended. */
  metrics(): Promise<Family[][]>;
  /** How many listen, and how often one ended by itself. */
  figures(): { workers: number; restarts: number };
  /** Lets what is in flight end. Calling again waits for the same end. */
  stop(): Promise<void>;
}

/** What workers are led with. */
export interface Leading {
  order(): WorkerOrder;
  calls: LeaderCalls;
}

interface Member {
  worker: Worker;
  channel: Channel<WorkerCalls>;
  /** As they were when they were last asked for. */
  figures: Family[];
}

// The same file as it is here: source or compiled.
const ENTRY = join(import.meta.dirname, `worker-main${extname(import.meta.filename)}`);
const START_MS = 60_000;
const METRICS_MS = 5_000;
/** Longer than HTTP waits for what is in flight. */
const STOP_MS = 20_000;
const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 10_000;
/** A worker that ran so long did not fail at its start. */
const STEADY_MS = 10_000;

/** Forks the workers at once, so that they load their code while the leader finds its NATS. */
export function createCrew(count: number, { logger }: Pick<Log, 'logger'>): Crew {
  cluster.schedulingPolicy = cluster.SCHED_RR;
  cluster.setupPrimary({ exec: ENTRY, args: [], serialization: 'advanced' });
  const leading = Promise.withResolvers<Leading>();
  const members = new Set<Member>();
  /** Also of those that do not listen yet. */
  const channels = new Set<Channel<WorkerCalls>>();
  const ending = new AbortController();
  let gone: Family[] = [];
  let restarts = 0;
  let stopping: Promise<void> | undefined;
  const firsts = Array.from({ length: count }, () => Promise.withResolvers<Started>());
  for (const { promise } of firsts) promise.catch(() => undefined);
  const all = firsts.map(keep);
  return { lead, share, metrics, figures: () => ({ workers: members.size, restarts }), stop };

  async function lead(given: Leading): Promise<Started> {
    leading.resolve(given);
    const [started] = await Promise.all(firsts.map(({ promise }) => promise));
    if (!started) throw new Error('there are no workers');
    return started;
  }

  /** One place among the workers: whoever ends there is replaced. */
  async function keep(first: PromiseWithResolvers<Started>): Promise<void> {
    for (let delay = FIRST_DELAY_MS; !ending.signal.aborted; ) {
      const since = Date.now();
      const why = await runOne(first);
      if (ending.signal.aborted) break;
      restarts += 1;
      if (Date.now() - since > STEADY_MS) delay = FIRST_DELAY_MS;
      logger.error(`a worker ${why}; another takes its place in ${delay} ms`);
      await sleep(delay, undefined, { signal: ending.signal }).catch(() => undefined);
      delay = Math.min(delay * 2, LONGEST_DELAY_MS);
    }
  }

  /** Answers how it ended. */
  async function runOne(first: PromiseWithResolvers<Started>): Promise<string> {
    const worker = cluster.fork();
    const ended = once(worker, 'exit') as Promise<[code: number | null, signal: string | null]>;
    const pid = worker.process.pid;
    void begin(worker, ended).then(first.resolve, error => {
      first.reject(error);
      if (!ending.signal.aborted) logger.error(`worker ${pid} could not be started: ${error.message}`);
      worker.process.kill();
    });
    const [code, signal] = await ended;
    return `(pid ${pid}) ${signal ? `was ended by ${signal}` : `ended with exit code ${code}`}`;
  }

  async function begin(worker: Worker, ended: Promise<unknown>): Promise<Started> {
    const { order, calls } = await leading.promise;
    const channel = createChannel<LeaderCalls, WorkerCalls>(worker as unknown as Port, calls, (cause, name) =>
      logger.error(cause, `a worker's question "${name}" could not be answered`),
    );
    // From here on it is told what changes: after the order, which says how things are now.
    channels.add(channel);
    void ended.then(() => channels.delete(channel));
    const started = await channel.ask('start', [order()], START_MS);
    const member = { worker, channel, figures: [] };
    members.add(member);
    void ended.then(() => {
      members.delete(member);
      gone = mergeMetrics([gone, countersOf(member.figures)]);
    });
    logger.info(`worker ${worker.process.pid} listens`);
    return started;
  }

  async function share(shared: Shared): Promise<void> {
    await Promise.allSettled([...channels].map(channel => channel.ask('share', [shared])));
  }

  async function metrics(): Promise<Family[][]> {
    const asked = [...members].map(async member => {
      const text = await member.channel.ask('metrics', [], METRICS_MS).catch(() => undefined);
      if (text !== undefined) member.figures = parseMetrics(text);
      // Of one that has no time to answer, what it said before: counts do not fall.
      return members.has(member) ? member.figures : [];
    });
    return [...(await Promise.all(asked)), gone];
  }

  function stop(): Promise<void> {
    stopping ??= stopAll();
    return stopping;
  }

  async function stopAll(): Promise<void> {
    ending.abort();
    for (const { channel } of members) channel.ask('stop', []).catch(() => undefined);
    const workers = Object.values(cluster.workers ?? {});
    const listening = new Set([...members].map(({ worker }) => worker));
    // What has not begun has nothing in flight.
    for (const worker of workers) if (worker && !listening.has(worker)) worker.process.kill('SIGKILL');
    const patience = new AbortController();
    const late = sleep(STOP_MS, undefined, { signal: patience.signal }).catch(() => undefined);
    await Promise.race([Promise.all(all), late]);
    patience.abort();
    for (const worker of workers) worker?.process.kill('SIGKILL');
  }
}
