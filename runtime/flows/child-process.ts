import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FromFlows, Level, Question, ToFlows } from './messages.ts';
import { PIPE, toLine } from './messages.ts';
import { forgetAddress, privateAddress } from './private-address.ts';
import { readLines } from './read-lines.ts';

/** What a process of flows is started with. */
export interface LaunchOptions {
  /** The program; it reads its order from the pipe. */
  entry: string;
  /** All of its environment. */
  env: Record<string, string | undefined>;
  /** Most of its heap, in MiB. Default: what Node takes. */
  memoryMb?: number | undefined;
  /** Milliseconds without a word after which it is killed. Default 60,000. */
  hangMs?: number | undefined;
  order: Omit<Extract<ToFlows, { kind: 'start' }>, 'kind' | 'listen'>;
  answer(question: Question, args: string[]): Promise<unknown>;
  onLog(level: Level, text: string): void;
  onFlows(running: boolean): void;
}

/** A process of flows. */
export interface FlowsProcess {
  readonly pid: number | undefined;
  /** Where it listens. */
  readonly address: string;
  /** Fulfilled with true once it answers, with false when it has ended before. */
  readonly ready: Promise<boolean>;
  /** Why it ended, in words. */
  readonly ended: Promise<string>;
  /** Lets flows end what they do, for eight seconds at most. */
  stop(): Promise<void>;
}

const STOP_MS = 8_000;
const LAST_WORDS_MS = 500;
const HANG_MS = 60_000;
/** So often it is asked within that time: what slept with its machine is not taken for hung at its first silence. */
const ASKED = 4;

/** Starts a process of flows. Throws when there is no room for its socket. */
export async function launch(options: LaunchOptions): Promise<FlowsProcess> {
  const address = await privateAddress();
  const child = start(options);
  const ready = Promise.withResolvers<boolean>();
  const hung = watchOver(child, options.hangMs ?? HANG_MS);
  const lastWords = listen(child, { ...options, onHeard: hung.heard }, () => ready.resolve(true));
  const ended = endOf(child, () => hung.why() || lastWords()).finally(() => {
    hung.stop();
    forgetAddress(address);
  });
  void ended.then(() => ready.resolve(false));
  tell(child, { ...options.order, kind: 'start', listen: address });
  return { pid: child.pid, address, ready: ready.promise, ended, stop };

  async function stop(): Promise<void> {
    tell(child, { kind: 'stop' });
    const limit = new AbortController();
    const late = sleep(STOP_MS, undefined, { signal: limit.signal }).then(
      () => child.kill('SIGKILL'),
      () => undefined,
    );
    await ended;
    limit.abort();
    await late;
  }
}

/** Kills a process that has spoken and then says nothing: a loop in a flow holds everything in it, the way to stop it too. */
function watchOver(child: ChildProcess, hangMs: number) {
  let [begun, silences, why] = [false, 0, ''];
  const timer = setInterval(() => {
    if (!begun) return;
    silences += 1;
    if (silences > ASKED) {
      why = `it did nothing for ${Math.round(hangMs / 1_000)} seconds, as in an endless loop`;
      child.kill('SIGKILL');
    } else tell(child, { kind: 'ping' });
  }, hangMs / ASKED).unref();
  return {
    heard: () => {
      [begun, silences] = [true, 0];
    },
    why: () => why,
    stop: () => clearInterval(timer),
  };
}

function start({ entry, env, memoryMb }: LaunchOptions): ChildProcess {
  const heap = memoryMb ? [`--max-old-space-size=${memoryMb}`] : [];
  return spawn(process.execPath, [...heap, entry], {
    env,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    windowsHide: true,
  });
}

function pipeOf(child: ChildProcess): Duplex | undefined {
  return (child.stdio[PIPE] ?? undefined) as Duplex | undefined;
}

type Heard = LaunchOptions & { onHeard(): void };

/** What was printed goes to the log; the last of it says why a process ended. */
function listen(child: ChildProcess, options: Heard, onReady: () => void): () => string {
  let last = '';
  const { onLog } = options;
  if (child.stdout) readLines(child.stdout, line => onLog('info', `Node-RED: ${line}`));
  if (child.stderr) {
    readLines(child.stderr, line => {
      // The first line of what Node prints at an end is the fault; a heap that is full says so in capitals.
      if (/^\S*Error\b|^FATAL ERROR|^Uncaught/.test(line)) last = line;
      onLog('warn', `Node-RED: ${line}`);
    });
  }
  const pipe = pipeOf(child);
  if (pipe) readLines(pipe, line => hear(child, line, { ...options, onReady }));
  return () => last;
}

function hear(child: ChildProcess, line: string, to: Heard & { onReady(): void }): void {
  to.onHeard();
  const message = parsed(line);
  if (message?.kind === 'ready') to.onReady();
  else if (message?.kind === 'flows') to.onFlows(message.running === true);
  else if (message?.kind === 'log') to.onLog(message.level, String(message.text));
  else if (message?.kind === 'ask') {
    const { id, question, args } = message;
    void to.answer(question, args).then(
      value => tell(child, { kind: 'answer', id, value }),
      () => tell(child, { kind: 'answer', id, value: null }),
    );
  }
}

/** Flows run code in that process: what comes of it is looked at. */
function parsed(line: string): FromFlows | undefined {
  try {
    const message = JSON.parse(line) as FromFlows;
    if (message.kind === 'log' && !['info', 'warn', 'error'].includes(message.level)) return undefined;
    return message;
  } catch {
    return undefined;
  }
}

function tell(child: ChildProcess, message: ToFlows): void {
  const pipe = pipeOf(child);
  if (pipe?.writable) pipe.write(toLine(message));
}

async function endOf(child: ChildProcess, lastWords: () => string): Promise<string> {
  try {
    const closed = once(child, 'close');
    closed.catch(() => undefined);
    const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    // What it printed last is on its way; a program that a flow started may hold the pipes open for long.
    await Promise.race([closed, sleep(LAST_WORDS_MS, undefined, { ref: false })]);
    const how = signal ? `ended by ${signal}` : `ended with exit code ${code}`;
    return lastWords() ? `${how}: ${lastWords()}` : how;
  } catch (error) {
    return `could not be started: ${(error as Error).message}`;
  }
}
