import { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { PackError } from '../../contract/errors.ts';
import { endSessions } from './end-sessions.ts';
import type { FlowsOptions } from './flows-options.ts';
import { findPack } from './pack.ts';
import { FLOWS_HTTP_PATH, FLOWS_PATH } from './paths.ts';
import { nodeRedSettings } from './settings.ts';
import { seedFlows, wereDeployed } from './user-folder.ts';

/** Node-RED inside kvflow. It is loaded and started when it is first needed, and then stays. */
export interface Flows {
  /** Whether node-red is installed. */
  readonly installed: boolean;
  /** Starts Node-RED if flows were deployed before: they are to run whether or not anybody opens the editor. Never throws. */
  resume(): Promise<void>;
  /** Answers a request of the editor; its URL is below `/flows`. Throws PackError UNSUPPORTED when node-red is not installed. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** Takes a connection of the editor for its WebSocket. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /**
   * Whether a fault that nobody caught is a flow's, in words that name its node where it can be told. `certain`: only where the
   * fault itself says so; else any fault is taken for a flow's once flows run.
   */
  blame(cause: unknown, certain: boolean): string | undefined;
  close(): Promise<void>;
}

type NodeRed = typeof import('node-red').default;

/** Makes Node-RED's place in kvflow; nothing of it is loaded yet. */
export function createFlows(options: FlowsOptions): Flows {
  const pack = findPack();
  const sockets = new Set<Duplex>();
  // Node-RED listens here and not at the server itself, so that what comes was let in by us.
  const upgrades = new EventEmitter();
  let starting: Promise<NodeRed> | undefined;
  let closed = false;
  return { installed: pack !== undefined, resume, handle, upgrade, blame, close };

  function blame(cause: unknown, certain: boolean): string | undefined {
    // An error of a function node is of another realm: no Error of ours.
    const stack = String((cause as { stack?: unknown } | null | undefined)?.stack);
    const node = /Function node:([\w.-]+)/.exec(stack)?.[1];
    if (node) return `flows: function node ${node} left a fault that nobody catches`;
    if (certain || !starting) return undefined;
    return 'flows: a promise was rejected that nobody awaits, in a flow or one of its nodes';
  }

  async function resume(): Promise<void> {
    if (!pack || closed || options.mode === 'off' || !(await wereDeployed(options.userDir, pack))) return;
    await start(pack).catch(error =>
      options.log.error(`Node-RED did not start: ${(error as Error).message}`),
    );
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!pack) throw notInstalled();
    if (options.mode === 'off') throw switchedOff();
    const red = await start(pack);
    const { url = '/' } = request;
    const [app, root] = url.startsWith(`${FLOWS_HTTP_PATH}/`)
      ? [red.httpNode, FLOWS_HTTP_PATH]
      : [red.httpAdmin, FLOWS_PATH];
    // As Express does it for an application that is mounted below a path.
    Object.assign(request, { originalUrl: url, url: url.slice(root.length) || '/' });
    app(request, response);
  }

  function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (!starting) return void socket.destroy();
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    upgrades.emit('upgrade', request, socket, head);
  }

  function start(packFolder: string): Promise<NodeRed> {
    starting ??= startNodeRed(packFolder, upgrades, options);
    return starting;
  }

  async function close(): Promise<void> {
    closed = true;
    const red = await starting?.catch(() => undefined);
    for (const socket of sockets) socket.destroy();
    await red?.stop();
    if (red) await endSessions();
  }
}

async function startNodeRed(pack: string, upgrades: EventEmitter, options: FlowsOptions): Promise<NodeRed> {
  await seedFlows(options.userDir, pack);
  const { default: red } = await import('node-red');
  red.init(upgrades, nodeRedSettings(pack, options));
  await red.start();
  return red;
}

function switchedOff(): PackError {
  return new PackError(
    'UNSUPPORTED',
    'Flows are switched off (KVFLOW_FLOWS=off). Start kvflow with KVFLOW_FLOWS=safe to mend them in the editor, or =on to run them.',
  );
}

function notInstalled(): PackError {
  return new PackError(
    'UNSUPPORTED',
    'The flow editor is not installed. Install it beside kvflow with: npm install node-red@5',
  );
}
