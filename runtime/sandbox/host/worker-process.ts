import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setPriority } from 'node:os';
import { PackError } from '../../../contract/errors.ts';
import { freeBytes, readBytes } from '../../core/free-bytes.ts';
import type { EngineName } from '../engines/engine.ts';
import { type WorkerBundle, workerBundle } from './bundle.ts';
import { openCpuClock } from './cpu-clock.ts';
import type { OnFrame } from './frames.ts';
import { createFrameReader, frameOf } from './frames.ts';
import { HEAP_MB, type LockPlan, NOBODY, prlimitArgs, startCommand } from './layers.ts';
import type { Place, Places } from './places.ts';

/** Why a worker is no more. */
export type EndReason = 'time' | 'memory' | 'protocol' | 'ended' | 'retired';

/** One locked child process. */
export interface WorkerProcess {
  pid: number;
  /** A frame of a head and, where they are many and long, the texts that follow it. */
  send(kind: string, head: string, texts?: string | Buffer): void;
  /** Who hears of frames and of the end; set by the lane that uses the worker. A frame answered with false ends it. */
  listen(onFrame: OnFrame, onEnd: (reason: EndReason) => void): void;
  end(reason: EndReason): void;
  /** Milliseconds of processor time it has used since it was started; undefined where the system does not say. */
  cpuMs(): number | undefined;
  /** Resident memory in bytes as the system has it; 0 where it does not say. */
  resident(): number;
  /** Lets others have the processor first, or not any more; false where the system does not allow that. */
  stepBack(isBehind: boolean): boolean;
  ended: Promise<void>;
}

/** What a worker is started with. */
export interface WorkerSettings {
  plan: LockPlan;
  memoryMb: number;
  frameCap: number;
  raw: boolean;
  engine: EngineName;
  /** A name of the IANA database. */
  timeZone: string;
  places: Places;
}

/** On a machine that has far more to do than it can, a start has taken more than ten seconds. */
const START_TIMEOUT_MS = 30_000;
/** Nothing of ours. glibc would give each of V8's helper threads a heap of its own: 4 MiB more a worker, and no faster. */
const WORKER_ENV = { MALLOC_ARENA_MAX: '1' };
const STDERR_KEPT = 4096;
/** The niceness of who has been busy for long while others are too. */
const LAST = 19;

/** Starts a worker and locks it. It resolves only once every lock of this system is in place: no script runs before. */
export async function startWorker(settings: WorkerSettings): Promise<WorkerProcess> {
  const { plan } = settings;
  const bundle = await bundleFor(settings).catch(notStarted);
  const place = plan.taskset ? settings.places.take() : undefined;
  let worker: ReturnType<typeof supervise> | undefined;
  try {
    worker = supervise(spawnChild(settings, bundle, place), settings, bundle.sent);
    worker.ended.then(place?.leave);
    await worker.loaded;
    // It goes on with getting ready meanwhile.
    await Promise.all([worker.ready, plan.prlimit && lock(plan, worker.pid, settings.memoryMb)]);
  } catch (cause) {
    worker?.end('retired');
    await worker?.ended;
    place?.leave();
    // Where it runs is no lock: that it cannot be placed must not cost it one.
    if (place && worker?.misplaced()) {
      plan.taskset = undefined;
      return startWorker(settings);
    }
    // Node throws where the system does not let us have another user's id, and tells of what may not be executed later.
    if (plan.dropUid && (worker ? worker.refused() : isRefusal(cause))) {
      plan.dropUid = false;
      return startWorker(settings);
    }
    return notStarted(cause);
  }
  return worker;
}

function notStarted(cause: unknown): never {
  throw new PackError('UNAVAILABLE', 'transform: a script worker could not be started and locked.', {
    cause,
  });
}

function bundleFor({ memoryMb, raw, engine }: WorkerSettings): Promise<WorkerBundle> {
  return workerBundle({ maxBuffer: (memoryMb * 1024 * 1024) / 4, raw, engine });
}

function spawnChild(
  { plan, memoryMb, timeZone }: WorkerSettings,
  { loader, fds }: WorkerBundle,
  place: Place | undefined,
): ChildProcess {
  const heapMb = Math.min(HEAP_MB, memoryMb);
  const { file, args } = startCommand(plan, loader, { heapMb, processors: place?.processors });
  return spawn(file, args, {
    stdio: ['pipe', 'pipe', 'pipe', ...fds],
    env: { ...WORKER_ENV, TZ: timeZone },
    cwd: '/',
    windowsHide: true,
    ...(plan.dropUid && { uid: NOBODY, gid: NOBODY }),
  });
}

/** Limits the process from outside, as its own user: the memory cap counts from what it has at rest. */
function lock(plan: LockPlan, pid: number, memoryMb: number): Promise<void> {
  const rest =
    Number(/VmData:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024;
  if (rest === 0) return Promise.reject(new Error(`process ${pid} shows no VmData`));
  const options = { env: {}, timeout: START_TIMEOUT_MS, ...(plan.dropUid && { uid: NOBODY, gid: NOBODY }) };
  return new Promise((resolve, reject) => {
    execFile(plan.prlimit ?? 'prlimit', prlimitArgs(pid, rest + memoryMb * 1024 * 1024), options, error =>
      error ? reject(error) : resolve(),
    );
  });
}

function supervise(child: ChildProcess, settings: WorkerSettings, sent: Buffer) {
  const loaded = Promise.withResolvers<void>();
  const ready = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  let onFrame: OnFrame = () => true;
  let onEnd: (reason: EndReason) => void = () => {};
  let why: EndReason | undefined;
  let over = false;
  let stderr = '';
  let refused = false;
  let isMissing = false;
  const cpu = openCpuClock(child.pid ?? 0);

  const end = (reason: EndReason): void => {
    why ??= reason;
    child.kill('SIGKILL');
  };
  const finish = (reason: EndReason): void => {
    if (over) return;
    over = true;
    ready.reject(new Error(`the worker ended at its start: ${stderr.slice(0, 500)}`));
    ended.resolve();
    onEnd(reason);
    cpu.close();
  };
  const first: OnFrame = (kind, text, bytes) => {
    if (kind === 'l') loaded.resolve();
    else if (kind === 'r') ready.resolve();
    else return onFrame(kind, text, bytes);
    return true;
  };
  const reader = createFrameReader(settings.frameCap, first);
  /** Whatever a frame does to its reader, it is the worker's fault and must not reach the server. */
  const fed = (chunk: Buffer): boolean => {
    try {
      return reader.feed(chunk);
    } catch {
      return false;
    }
  };
  const timer = setTimeout(() => {
    ready.reject(new Error(`not ready within ${START_TIMEOUT_MS} ms`));
  }, START_TIMEOUT_MS);

  ready.promise.catch(loaded.reject).finally(() => clearTimeout(timer));
  loaded.promise.catch(() => {});
  child.stdout?.on('data', (chunk: Buffer) => {
    if (why === undefined && !fed(chunk)) end('protocol');
    freeBytes(chunk);
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr = (stderr + chunk.toString('latin1')).slice(-STDERR_KEPT);
  });
  for (const stream of [child.stdin, child.stdout, child.stderr]) stream?.on('error', () => {});
  child.on('error', error => {
    refused = isRefusal(error);
    isMissing = ['EACCES', 'ENOENT'].includes((error as NodeJS.ErrnoException).code ?? '');
    finish('ended');
  });
  // `close`, not `exit`: what the worker still wrote before it ended is read first.
  child.on('close', (code, signal) => {
    refused ||= code === 126 || code === 127 || /Permission denied|EACCES/.test(stderr);
    finish(why ?? (outOfMemory(code, signal, stderr) ? 'memory' : 'ended'));
  });
  const head = Buffer.alloc(4);
  head.writeUInt32LE(sent.length);
  child.stdin?.write(head);
  child.stdin?.write(sent);

  return {
    pid: child.pid ?? 0,
    /** All it needs for running scripts is there: its memory is at rest. */
    loaded: loaded.promise,
    ready: ready.promise,
    ended: ended.promise,
    refused: () => refused,
    /** What should have placed it did not, or cannot be executed. */
    misplaced: () => isMissing || stderr.startsWith('taskset:'),
    send: (kind: string, head: string, texts: string | Buffer = '') => sendFrame(child, kind, head, texts),
    listen(frame: typeof onFrame, gone: typeof onEnd) {
      onFrame = frame;
      onEnd = gone;
      if (over) gone(why ?? 'ended');
    },
    end,
    cpuMs: cpu.ms,
    resident: () => residentBytes(child.pid ?? 0),
    stepBack: (isBehind: boolean) => setNice(child.pid, isBehind ? LAST : 0),
  };
}

/** Both parts in one system call, the long one not copied into a text or a buffer of ours. */
function sendFrame({ stdin }: ChildProcess, kind: string, head: string, texts: string | Buffer): void {
  if (!stdin?.writable) return;
  const bytes = Buffer.byteLength(texts);
  if (bytes === 0) return void stdin.write(frameOf(kind, head));
  stdin.cork();
  stdin.write(frameOf(kind, head, bytes));
  // A worker may answer what it has not read yet, and bytes are given back once they are answered.
  if (typeof texts !== 'string') stdin.write(texts, readBytes(texts));
  // Text of a byte a character is the same in both, and this is only copied.
  else stdin.write(texts, bytes === texts.length ? 'latin1' : 'utf8');
  stdin.uncork();
}

function isRefusal(error: unknown): boolean {
  return ['EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '');
}

/** V8 aborts when its heap is full, and when the system gives no more memory. */
function outOfMemory(code: number | null, signal: NodeJS.Signals | null, stderr: string): boolean {
  if (/out of memory|allocation failed|bad_alloc|cannot allocate/i.test(stderr)) return true;
  if (signal) return ['SIGABRT', 'SIGTRAP', 'SIGILL', 'SIGSEGV', 'SIGBUS'].includes(signal);
  return code === 133 || code === 134 || code === 139;
}

function setNice(pid: number | undefined, nice: number): boolean {
  if (pid === undefined) return false;
  try {
    setPriority(pid, nice);
    return true;
  } catch {
    return false;
  }
}

function residentBytes(pid: number): number {
  if (process.platform !== 'linux') return 0;
  try {
    return Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * 4096;
  } catch {
    return 0;
  }
}
