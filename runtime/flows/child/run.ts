import { writeFileSync } from 'node:fs';
import type { FlowsOrder } from '../messages.ts';
import { forgetAddress } from '../private-address.ts';
import { blame } from './blame.ts';
import { joinParent } from './parent.ts';
import { serveNodeRed } from './serve.ts';
import type { JoinNats } from './settings.ts';
import { nodeRedSettings } from './settings.ts';

/**
 * The flows' process: runs Node-RED as the order says that comes by the pipe, until kvflow says so or ends. A fault that can be
 * told to be a flow's is logged with its node; any other ends this process, and kvflow starts another.
 */
export async function runFlows(joinNats: JoinNats): Promise<void> {
  dieFirst();
  const parent = joinParent();
  const order = await parent.order;
  let stop = async (): Promise<void> => undefined;
  const end = async (): Promise<void> => {
    // kvflow does it, unless it is no more.
    await stop().catch(() => undefined);
    await forgetAddress(order.listen);
    process.exit(0);
  };
  void parent.stopped.then(end);
  process.on('SIGTERM', () => void end());
  // Ctrl-C reaches every process of a terminal; kvflow says when.
  process.on('SIGINT', () => undefined);
  catchFaults(parent.log);
  const red = await start(order, { joinNats, parent });
  stop = async () => await red.stop();
  parent.send({ kind: 'ready' });
}

interface Parts {
  joinNats: JoinNats;
  parent: ReturnType<typeof joinParent>;
}

async function start(order: FlowsOrder, { joinNats, parent }: Parts) {
  const { default: red } = await import('node-red');
  const server = await serveNodeRed(red, order.listen);
  red.events.on('flows:started', () => parent.send({ kind: 'flows', running: true }));
  red.events.on('flows:stopped', () => parent.send({ kind: 'flows', running: false }));
  red.init(server, nodeRedSettings(order, { joinNats, ask: parent.ask, log: parent.log }));
  await red.start();
  return red;
}

function catchFaults(log: (level: 'error', text: string) => void): void {
  process.on('uncaughtException', cause => {
    const whose = blame(cause, true);
    if (whose !== undefined) return log('error', `${whose}: ${textOf(cause)}`);
    // Node's own way to say it, which kvflow reads.
    console.error(cause instanceof Error ? cause.stack : `Uncaught ${String(cause)}`);
    process.exit(1);
  });
  process.on('unhandledRejection', cause => log('error', `${blame(cause, false)}: ${textOf(cause)}`));
}

function textOf(cause: unknown): string {
  return String((cause as { message?: unknown } | null | undefined)?.message ?? cause);
}

/** Where the machine runs out of memory, the system is to end flows rather than kvflow. */
function dieFirst(): void {
  try {
    if (process.platform === 'linux') writeFileSync('/proc/self/oom_score_adj', '800');
  } catch {
    // Then the system chooses.
  }
}
