import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { PackError } from '../../contract/errors.ts';
import type { FlowsStatus } from '../../contract/flows-status.ts';
import type { FlowsProcess } from './child-process.ts';
import type { Backoff, FlowsLog } from './flows-options.ts';

type Mode = 'on' | 'safe';

/** What {@link supervise} works with. */
export interface SuperviseOptions {
  launch(mode: Mode, onFlows: (running: boolean) => void): Promise<FlowsProcess>;
  /** The one it begins with. */
  mode: Mode;
  log: FlowsLog;
  backoff?: Partial<Backoff> | undefined;
}

/** A process of flows that is kept running once it was needed. */
export interface Supervised {
  /** Whether it was ever needed. */
  readonly begun: boolean;
  /** The process, as soon as it answers. Begins where nothing has begun. Throws PackError UNAVAILABLE while it is down. */
  up(): Promise<FlowsProcess>;
  /** Ends the process and starts it in that mode at once, whatever it waits for. */
  setMode(mode: Mode): Promise<void>;
  status(): FlowsStatus;
  close(): Promise<void>;
}

const BACKOFF: Backoff = { firstMs: 1_000, longestMs: 30_000, steadyMs: 60_000 };

/** Starts a process of flows when it is needed, and again whenever it ends: later and later while that goes on. */
export function supervise({ launch, log, ...options }: SuperviseOptions): Supervised {
  const backoff = { ...BACKOFF, ...options.backoff };
  let mode = options.mode;
  let state: FlowsStatus['state'] = 'idle';
  let flowsRunning = false;
  let restarts = 0;
  let ended: FlowsStatus['ended'];
  let againAt: number | undefined;
  let current: Promise<FlowsProcess> | undefined;
  let running: FlowsProcess | undefined;
  let delay = backoff.firstMs;
  let closed = false;
  // Set while an end is meant, by a change of mode: told when the next process begins.
  let next: PromiseWithResolvers<void> | undefined;
  let hurry = new AbortController();
  let kept: Promise<void> | undefined;
  return {
    get begun() {
      return kept !== undefined;
    },
    up,
    setMode,
    status,
    close,
  };

  async function up(): Promise<FlowsProcess> {
    begin();
    const child = await current?.catch(() => undefined);
    if (child && (await child.ready)) return child;
    throw down();
  }

  function begin(): void {
    if (closed || kept) return;
    startOne();
    kept = keepRunning();
  }

  function startOne(): void {
    state = 'starting';
    againAt = undefined;
    current = launch(mode, onFlows);
    current.catch(() => undefined);
    next?.resolve();
    next = undefined;
  }

  function onFlows(isRunning: boolean): void {
    flowsRunning = isRunning;
    // Flows that were deployed in safe mode run: from now on they are to run again after an end, unless a setting says otherwise.
    if (isRunning && options.mode === 'on') mode = 'on';
  }

  async function keepRunning(): Promise<void> {
    for (;;) {
      const since = Date.now();
      const why = await runOne();
      current = undefined;
      running = undefined;
      flowsRunning = false;
      if (!closed && !next) await waitAfter(why, Date.now() - since);
      if (closed) break;
      startOne();
    }
    state = 'stopped';
    next?.resolve();
  }

  async function runOne(): Promise<string> {
    try {
      const child = await current;
      if (!child) return 'was not started';
      running = child;
      if (closed || next) await child.stop();
      else if (await child.ready) state = 'running';
      return await child.ended;
    } catch (error) {
      return `could not be started: ${(error as Error).message}`;
    }
  }

  async function waitAfter(why: string, ranMs: number): Promise<void> {
    if (ranMs >= backoff.steadyMs) delay = backoff.firstMs;
    restarts += 1;
    ended = { at: new Date().toISOString(), why };
    state = 'waiting';
    againAt = Date.now() + delay;
    log.error(
      `flows: their process ${why}; it is started again in ${delay} ms. The dashboard, or KVFLOW_FLOWS=safe, starts the editor without running flows.`,
    );
    hurry = new AbortController();
    await sleep(delay, undefined, { signal: hurry.signal }).catch(() => undefined);
    delay = Math.min(delay * 2, backoff.longestMs);
  }

  async function setMode(wanted: Mode): Promise<void> {
    mode = wanted;
    delay = backoff.firstMs;
    if (kept && !closed) {
      next ??= Promise.withResolvers();
      const begun = next.promise;
      hurry.abort();
      await running?.stop();
      await begun;
    }
    await up();
  }

  function status(): FlowsStatus {
    const resident = running?.pid === undefined ? undefined : residentBytes(running.pid);
    return {
      mode,
      state,
      flows_running: flowsRunning,
      restarts,
      ...(resident !== undefined && { resident_bytes: resident }),
      ...(ended && { ended }),
      ...(againAt !== undefined && { again_at: new Date(againAt).toISOString() }),
    };
  }

  async function close(): Promise<void> {
    closed = true;
    hurry.abort();
    await running?.stop();
    await kept;
    state = 'stopped';
  }

  function down(): PackError {
    const wait = againAt === undefined ? undefined : Math.max(0, againAt - Date.now());
    const when = wait === undefined ? '' : ` and is started again in ${wait} ms`;
    return new PackError(
      'UNAVAILABLE',
      `The process of the flows is down${when}. The dashboard's page Flows says why, and starts the editor without running flows.`,
      wait === undefined ? {} : { details: { retry_after_ms: wait } },
    );
  }
}

function residentBytes(pid: number): number | undefined {
  if (process.platform !== 'linux') return undefined;
  try {
    return Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * 4096;
  } catch {
    return undefined;
  }
}
