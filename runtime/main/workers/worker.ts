import cluster from 'node:cluster';
import type { AccessLeader } from '../../access/authenticator.ts';
import { createLog } from '../../server/log.ts';
import { defaultBudget } from '../../server/memory/byte-budget.ts';
import type { Server } from '../../server/options.ts';
import { createAccess } from '../access.ts';
import { watchForBreakdown } from '../breakdown.ts';
import { listenFault } from '../faults.ts';
import { openFlows } from '../flows.ts';
import { openFront } from '../front.ts';
import { recognitionCounts } from '../recognition-figures.ts';
import { aborted } from '../start-options.ts';
import { startRuntime } from '../start-runtime.ts';
import { createHealth } from '../stores/health.ts';
import { startTelemetry } from '../telemetry.ts';
import type { LeaderCalls, Shared, Started, WorkerCalls, WorkerOrder } from './calls.ts';
import { type Channel, createChannel, type Port } from './channel.ts';
import { leaderFlows } from './leader-flows.ts';

/**
 * The kernel spreads connections where it can. node:cluster, which does so elsewhere, hands a connection to a worker that was just
 * killed, and the client waits for ever.
 */
const REUSE_PORT = process.platform === 'linux';
const MIN_BUDGET = 64 * 1024 * 1024;
/** A worker without its leader has no NATS, or soon another leader beside it: what is in flight gets this long. */
const ALONE_MS = 2_000;

/** Answers calls for a leader until it is told to stop, or the leader is gone. Answers the exit code. */
export async function runWorker(): Promise<number> {
  const stopping = new AbortController();
  const stop = (): void => stopping.abort();
  // Ctrl-C reaches every process of the terminal; the leader says when to end.
  process.on('SIGINT', () => undefined).on('SIGTERM', stop);
  // Else node:cluster ends this process with code 0 at once when the leader is gone, before anything here hears of it.
  if (cluster.worker) cluster.worker.exitedAfterDisconnect = true;
  process.on('disconnect', () => {
    stop();
    setTimeout(() => process.exit(1), ALONE_MS).unref();
  });
  await using running = new AsyncDisposableStack();
  const state: WorkerState = { shared: { locked: false, issued: [], flowsBegun: false }, server: undefined };
  const failed = Promise.withResolvers<unknown>();
  const ours: WorkerCalls = {
    start: order => start(order, { running, state, signal: stopping.signal, leader, fail: failed.resolve }),
    share: shared => {
      state.shared = shared;
    },
    metrics: async () => (state.server ? await state.server.metrics() : ''),
    stop,
  };
  const leader = createChannel<WorkerCalls, LeaderCalls>(process as unknown as Port, ours);
  const broke = await Promise.race([aborted(stopping.signal), failed.promise.then(() => true)]);
  await running.disposeAsync();
  return broke ? 1 : 0;
}

/** The bytes that one of so many workers may hold at once: what one process may hold, in equal shares, at least 64 MiB each. */
export function budgetOf(workers: number, whole = defaultBudget()): number {
  return Math.max(MIN_BUDGET, Math.floor(whole / workers));
}

interface WorkerState {
  shared: Shared;
  server: Server | undefined;
}

interface WorkerParts {
  running: AsyncDisposableStack;
  state: WorkerState;
  signal: AbortSignal;
  leader: Channel<LeaderCalls>;
  fail(cause: unknown): void;
}

async function start(order: WorkerOrder, parts: WorkerParts): Promise<Started> {
  const { running, state, signal, leader, fail } = parts;
  const { config } = order;
  const log = createLog({ level: config.logLevel, shared: true });
  running.defer(log.flush);
  const breakdown = running.use(watchForBreakdown(log.logger));
  breakdown.happened.catch(fail);
  state.shared = order.shared;
  const env = process.env;
  const runtime = await startRuntime(
    config,
    { env, log, signal, onProgress: () => undefined, origin: originOf(order, leader) },
    running,
  );
  const { nats, recognition } = runtime;
  const endTelemetry = await startTelemetry(env, runtime.registry.version);
  if (endTelemetry) running.defer(endTelemetry);
  const access = await createAccess(config, log, { leader: accessOf(state, leader) });
  const elsewhere = leaderFlows(leader, () => state.shared.flowsBegun);
  const flows = openFlows({ config, env, access, apiUrl: () => '', log, elsewhere });
  const front = await openFront(config, runtime, {
    access,
    flows,
    log,
    running,
    health: createHealth({ nats, warnings: () => leader.ask('storeWarnings', []) }),
    server: {
      // What is unfinished the leader asks NATS for.
      recognition: async () => recognitionCounts(recognition),
      reusePort: REUSE_PORT,
      metricsOfAll: () => leader.ask('metrics', []),
      memoryBytes: budgetOf(config.workers),
    },
  });
  state.server = front.server;
  const url = await front.server
    .listen()
    .catch((error: NodeJS.ErrnoException) => Promise.reject(listenFault(error, config.http)));
  // Whoever reads that kvflow is ready may call over NATS next.
  if (nats.connected()) await front.service?.started.catch(() => undefined);
  return { url, dashboard: front.dashboard };
}

function originOf({ nats, embedded }: WorkerOrder, leader: Channel<LeaderCalls>) {
  if (!embedded) return { kind: 'joined' as const, settings: nats };
  const locate = () => leader.ask('serverLocation', []).catch(() => undefined);
  return { kind: 'attached' as const, settings: { ...nats, locate }, pid: process.ppid };
}

function accessOf(state: WorkerState, leader: Channel<LeaderCalls>): AccessLeader {
  return {
    locked: () => state.shared.locked,
    hasIssued: hash => state.shared.issued.includes(hash),
    spend: (name, calls) => leader.ask('spend', [name, calls]),
  };
}
