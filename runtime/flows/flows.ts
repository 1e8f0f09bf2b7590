import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { PackError } from '../../contract/errors.ts';
import type { FlowsMode, FlowsStatus } from '../../contract/flows-status.ts';
import type { FlowsControl } from '../core/flows-status.ts';
import { adminAuth } from './admin-auth.ts';
import { judge } from './door.ts';
import type { FlowsOptions, KeptFlows } from './flows-options.ts';
import { launchFlows } from './launch-flows.ts';
import { findPack } from './pack.ts';
import { LOGIN_SCRIPT_PATH, sendLoginScript, showDown, showLogin } from './pages.ts';
import { FLOWS_HTTP_PATH } from './paths.ts';
import { forward, forwardUpgrade } from './proxy.ts';
import { supervise } from './supervise.ts';
import { wereDeployed } from './user-folder.ts';

/**
 * Node-RED beside kvflow, in a process of its own that is started when it is first needed and kept running: whatever flows do
 * to it, kvflow serves on.
 */
export interface Flows extends FlowsControl {
  /** Where the process listens, once it answers. Starts it. Throws PackError as {@link Flows.handle} does. */
  up(): Promise<{ address: string }>;
  /** Whether it was ever needed. */
  begun(): boolean;
  /** Whether node-red is installed. */
  readonly installed: boolean;
  /** Starts Node-RED if flows were deployed before: they are to run whether or not anybody opens the editor. Never throws. */
  resume(): Promise<void>;
  /**
   * Answers a request below `/flows`, what flows serve included. Throws PackError UNSUPPORTED when node-red is not installed or
   * switched off, UNAUTHENTICATED where a stranger would start it, UNAVAILABLE while it is down.
   */
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** Takes a connection for a WebSocket of the editor or of a flow. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  close(): Promise<void>;
}

/** Makes Node-RED's place in kvflow; nothing of it is started yet. */
export function createFlows(options: FlowsOptions): Flows {
  const pack = findPack();
  const login = adminAuth(options.access);
  const mode = options.mode ?? 'on';
  const kept =
    options.elsewhere ??
    supervise({
      launch: (mode, onFlows) =>
        launchFlows(pack ?? '', { ...options, login, safe: mode === 'safe', onFlows }),
      mode: mode === 'safe' ? 'safe' : 'on',
      log: options.log,
      backoff: options.backoff,
    });
  return {
    installed: pack !== undefined,
    up: async () => {
      requireFlows();
      return kept.up();
    },
    begun: () => kept.begun,
    status: () => statusOf(kept, mode),
    setMode,
    resume,
    handle,
    upgrade,
    close: kept.close,
  };

  async function setMode(wanted: 'on' | 'safe'): Promise<FlowsStatus> {
    requireFlows();
    await kept.setMode(wanted);
    return kept.status();
  }

  async function resume(): Promise<void> {
    if (!pack || mode === 'off' || !(await wereDeployed(options.userDir, pack))) return;
    await kept.up().catch(() => undefined); // The log says so.
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    requireFlows();
    if (pathOf(request) === LOGIN_SCRIPT_PATH) return sendLoginScript(response);
    const seen =
      kept.begun || !options.access.required()
        ? ({ kind: 'enter' } as const)
        : await judge(request, options.access, login);
    if (seen.kind === 'page') return showLogin(response);
    const running = await kept.up().catch((error: PackError) => error);
    if (running instanceof Error) {
      if (!isPage(request)) throw running;
      return showDown(response);
    }
    forward(running.address, request, {
      response,
      body: 'body' in seen ? seen.body : undefined,
      ...(!pathOf(request).startsWith(`${FLOWS_HTTP_PATH}/`) && { add: UNFRAMED }),
    });
  }

  function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (!kept.begun) return void socket.destroy();
    // What goes wrong before it is passed on.
    const onError = (): void => void socket.destroy();
    socket.on('error', onError);
    kept.up().then(({ address }) => forwardUpgrade(address, request, { socket, head }), onError);
  }

  function requireFlows(): void {
    if (!pack) throw notInstalled();
    if (mode === 'off') throw switchedOff();
  }
}

/** The editor is shown in no frame of another page, as the dashboard is not; what flows serve is theirs to say. */
const UNFRAMED = { 'content-security-policy': "frame-ancestors 'none'", 'x-frame-options': 'DENY' };

function statusOf(kept: KeptFlows, mode: FlowsMode): ReturnType<KeptFlows['status']> {
  if (mode !== 'off') return kept.status();
  return { mode, state: 'stopped', flows_running: false, restarts: 0 };
}

function pathOf({ url = '/' }: IncomingMessage): string {
  return url.split('?', 1)[0] ?? '/';
}

function isPage(request: IncomingMessage): boolean {
  return request.method === 'GET' && pathOf(request) === '/flows/';
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
