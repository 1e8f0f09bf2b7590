import { availableParallelism } from 'node:os';
import { PackError } from '../../contract/errors.ts';
import type { LineRun, ScriptKind, ScriptLines } from '../core/scripts.ts';
import { createSlots } from '../core/slots.ts';
import { createAdmission } from './host/admission.ts';
import { createBudget } from './host/budget.ts';
import { createCall } from './host/call.ts';
import { createChecker } from './host/checker.ts';
import { define } from './host/definition.ts';
import { describeLayers, detectPlan, missingLayers, refusalWithout } from './host/layers.ts';
import { DEFAULT_LIMITS, frameCap } from './host/limits.ts';
import { createLineRun } from './host/line-run.ts';
import { createLosses } from './host/losses.ts';
import { createPlaces } from './host/places.ts';
import { createPool } from './host/pool.ts';
import { createQuarantine } from './host/quarantine.ts';
import { createSupply } from './host/supply.ts';
import { createUsage, DEFAULT_USAGE } from './host/usage.ts';
import { createWarmPool } from './host/warm-pool.ts';
import { startWorker, type WorkerProcess } from './host/worker-process.ts';
import { createKvMemory } from './kv/memory.ts';
import { sharedLocks } from './kv/shared-locks.ts';
import type { Layer, RunRequest, RunResult, SandboxOptions, SandboxStats, SyntaxCheck } from './types.ts';

/** Runs user scripts over events, in locked child processes. */
export interface Sandbox {
  /** One result per event; rejects (INVALID_INPUT, SCRIPT_ERROR) only when nothing could be run at all. */
  run(request: RunRequest): Promise<RunResult>;
  /** A script over lines of which nothing is kept; undefined where it may keep something. Throws INVALID_INPUT, SCRIPT_ERROR. */
  openLines(request: ScriptLines): LineRun | undefined;
  /** The first syntax error of a script, undefined when it has none. Nothing of it is run. */
  check(script: string, variables?: string[]): Promise<SyntaxCheck | undefined>;
  /** How a script takes its events; undefined where it has a syntax error. */
  kindOf(script: string): Promise<ScriptKind | undefined>;
  /** The means that keep scripts in on this system. */
  layers(): Layer[];
  stats(): SandboxStats;
  /** Process ids of the workers in use, by namespace. */
  workers(): { namespace: string; pid: number }[];
  /** Only with `raw`: a locked worker to run plain code in. */
  rawWorker(): Promise<WorkerProcess>;
  /** Ends all workers; calls under way answer UNAVAILABLE. */
  close(): Promise<void>;
}

/** Stands for whoever has scripts checked: that worker is everybody's. */
const CHECKER = '\0checker';
const NAMES = ['destinationId', 'destinationType'];
const EXTRA_WORKERS = 4;
const DEFAULT_MEMORY_MB = 128;
const DEFAULT_PARK_MS = 30_000;
const DEFAULT_IDLE_MS = 60_000;
/** Reads of stores under way at once: what they answer is held until its worker takes it. */
const MAX_READS = 128;
/** Fetches of scripts under way at once. */
const MAX_FETCHES = 32;
const RESIDENT_AT_REST = 112 * 1024 * 1024;

/** Workers at the same time where nobody says how many: twice the cores, at least four. */
export function defaultMaxWorkers(): number {
  return Math.max(4, 2 * availableParallelism());
}

/**
 * Starts the warm workers and answers at once; the first call waits for the first worker.
 * @example
 * import { createSandbox } from './sandbox.ts';
 *
 * const sandbox = createSandbox({ memoryMb: 64 });
 * const { results } = await sandbox.run({
 *   script: 'return { ...$, seen: true };',
 *   events: [{ event_id: '1' }],
 *   namespace: 'default',
 * });
 * console.log(results[0]);
 * await sandbox.close();
 */
export function createSandbox(options: SandboxOptions = {}): Sandbox {
  const plan = detectPlan();
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const memoryMb = options.memoryMb ?? DEFAULT_MEMORY_MB;
  const stats = newStats();
  const places = createPlaces();
  const raw = options.raw === true;
  const timeZone = options.timeZone ?? 'Etc/UTC';
  const engine = options.engine ?? 'vm2';
  closeInspector();

  const warmOptions = { wanted: options.warmWorkers ?? 1, refill: options.refillWarm ?? true };
  const warmPool = createWarmPool(warmOptions, async () => {
    const bounds = { memoryMb, frameCap: frameCap(limits) };
    const worker = await startWorker({ plan, ...bounds, raw, timeZone, engine, places });
    stats.started++;
    return worker;
  });
  const losses = createLosses();
  const supply = createSupply(warmPool, losses);
  const maxPerNamespace = options.maxPerNamespace ?? availableParallelism();
  const pool = createPool({
    maxWorkers: options.maxWorkers ?? defaultMaxWorkers(),
    maxExtra: options.maxExtra ?? EXTRA_WORKERS,
    maxPerNamespace,
    idleMs: options.idleMs ?? DEFAULT_IDLE_MS,
    lane: {
      takeWorker: supply.take,
      losses,
      quarantine: createQuarantine(options.quarantineMs ?? DEFAULT_PARK_MS),
      stats,
      maxResident: RESIDENT_AT_REST + (memoryMb * 1024 * 1024) / 4,
    },
  });
  const checker = createChecker({
    takeWorker: () => supply.takeNow(CHECKER),
    onKilled: () => losses.killed(CHECKER),
  });
  const locksOf = sharedLocks(count =>
    options.log?.('warn', 'transform: keys of $kv were held by events that had been answered; freed', {
      count,
    }),
  );
  const memory = createKvMemory();
  const budget = createBudget();
  const admission = createAdmission(options.admission);
  const usage = createUsage({ ...DEFAULT_USAGE, ...options.usage });
  const slot = createSlots(MAX_READS);
  const fetchSlot = createSlots(MAX_FETCHES);
  const fetched = { taken: 0 };
  let seq = 0;
  let closed = false;
  const missing = missingLayers(plan);
  const refused = options.requireLayers === 'all' ? refusalWithout(missing) : undefined;
  if (!refused) warmPool.fill();
  if (missing.length > 0)
    options.log?.(
      'warn',
      `transform: missing ${missing.join(' and ')}; install util-linux (docs/security.md)`,
    );
  options.log?.('info', 'transform: script workers', { layers: describeLayers(plan) });

  const open = (): void => {
    if (closed) throw new PackError('UNAVAILABLE', 'transform: the sandbox is closed.');
    if (refused) throw refused;
  };
  return {
    async run(given) {
      open();
      const request = { ...given, namespace: placeOf(given) };
      const tenant = given.tenant ?? given.namespace;
      const call = createCall(request, {
        limits,
        engine,
        nextSeq: () => seq++,
        locksOf,
        memory,
        budget,
        usage: usage.enter(tenant),
        ...(options.geo && { geo: options.geo }),
        slot,
        fetchSlot,
        fetched,
        onConflict: () => void stats.conflicts++,
      });
      const unsettled = call.attempts.filter(attempt => !attempt.settled);
      if (unsettled.length === 0) return call.result;
      let chars = 0;
      for (const { json } of unsettled) chars += json.length;
      const leave = admission.enter(tenant, chars);
      pool.submit(tenant, request.namespace, unsettled);
      return call.result.finally(leave);
    },
    openLines(request) {
      open();
      const { namespace } = request;
      const definition = define(request, limits, engine);
      if (!definition.inBlocks) return undefined;
      return createLineRun(definition, {
        nextSeq: () => seq++,
        budget,
        enter: () => {
          open();
          return usage.enter(namespace);
        },
        submit: attempt => pool.submit(namespace, namespace, [attempt]),
        workers: maxPerNamespace,
      });
    },
    async check(script, variables = []) {
      open();
      return (await checker.check(script, [...NAMES, ...variables])).fault;
    },
    async kindOf(script) {
      open();
      return (await checker.check(script, NAMES)).kind;
    },
    layers: () => describeLayers(plan),
    stats: () => ({
      ...stats,
      killed: { ...stats.killed },
      workers: pool.size(),
      underWay: pool.load(),
      warmWorkers: warmPool.size(),
    }),
    workers: pool.workers,
    rawWorker() {
      if (!raw)
        throw new PackError(
          'UNSUPPORTED',
          'rawWorker is for tests of the process locks: create the sandbox with raw.',
        );
      return warmPool.take();
    },
    async close() {
      closed = true;
      pool.close();
      checker.close();
      supply.close();
      await warmPool.close();
    },
  };
}

/** Whose workers a call runs in: those of its namespace, or of a part of it. */
function placeOf({ namespace, apart }: RunRequest): string {
  return apart === undefined ? namespace : `${namespace}\0${apart}`;
}

let inspectorClosed = false;

/** SIGUSR1 would open the inspector of this process to anybody who may signal it: a listener of our own takes it. */
function closeInspector(): void {
  if (inspectorClosed || process.platform === 'win32') return;
  inspectorClosed = true;
  process.on('SIGUSR1', () => {});
}

function newStats(): SandboxStats {
  return {
    workers: 0,
    underWay: 0,
    warmWorkers: 0,
    started: 0,
    killed: { time: 0, memory: 0, protocol: 0, ended: 0 },
    recycled: 0,
    quarantined: 0,
    events: 0,
    conflicts: 0,
    ignoredFrames: 0,
  };
}
