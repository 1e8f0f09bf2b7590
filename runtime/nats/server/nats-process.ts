import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, open, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { signalGroup } from '../../processes/process-identity.ts';
import type { EmbeddedFiles } from './embedded-files.ts';
import { recordServer } from './orphan.ts';

/** A nats-server process of ours. */
export interface NatsProcess {
  readonly pid: number;
  /** The port it listens on. */
  readonly port: number;
  /** Resolves when the process is gone, with how it went: an exit code or a signal's name. */
  readonly exited: Promise<string>;
  /** Asks it to end, and after `graceMs` makes it. Resolves when it is gone. */
  end(graceMs: number): Promise<void>;
}

/** How to start a process. */
export interface NatsProcessOptions {
  binary: string;
  files: EmbeddedFiles;
  /** The configuration file's text. */
  config: string;
  /** Ends the attempt. */
  signal: AbortSignal;
  /** A program and its arguments to start the server through, such as setpriv; it must become the server. */
  launcher: readonly string[];
}

const POLL_MS = 5;

/**
 * Starts a nats-server and waits until it takes clients and JetStream has its streams back. There is no time limit: to
 * recover a large store takes as long as it takes.
 * @throws Error when it ends before that, with the end of its log.
 */
export async function startNatsProcess(options: NatsProcessOptions): Promise<NatsProcess> {
  const { files, config, signal } = options;
  signal.throwIfAborted();
  await rm(files.portsDir, { recursive: true, force: true });
  await mkdir(files.portsDir, { recursive: true, mode: 0o700 });
  await rm(files.config, { force: true });
  await writeFile(files.config, config, { mode: 0o600, flag: 'wx' });
  const logStart = (await stat(files.log).catch(() => ({ size: 0 }))).size;
  const server = await spawnServer(options);
  try {
    return { ...server, port: await becomesReady(files, server.exited, signal) };
  } catch (error) {
    await server.end(0);
    throw new Error(`${(error as Error).message}\n${await logTail(files, logStart)}`.trim(), {
      cause: error,
    });
  }
}

/** The last lines of what the server said, of those from `offset` in its log on. */
export async function logTail(files: EmbeddedFiles, offset = 0, lines = 12): Promise<string> {
  const read = (file: string): Promise<Buffer> => readFile(file).catch(() => Buffer.of());
  const [log, stderr] = await Promise.all([read(files.log), read(files.stderr)]);
  // A log that is shorter than it was has been rotated: all of it is new.
  const recent = log.length >= offset ? log.subarray(offset) : log;
  const tails = [recent, stderr].map(text => text.toString().trimEnd().split('\n').slice(-lines));
  return tails.flat().filter(Boolean).join('\n');
}

const PLAIN = /^(PATH|HOME|USER|LANG|LC_\w+|TZ|TMP|TEMP|TMPDIR|SystemRoot|GO[A-Z]+)$/i;

/** What a program of Go needs of our environment: API keys, tokens and URLs of warehouses are no business of it. */
function plainEnv(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => PLAIN.test(name)));
}

async function spawnServer({ binary, files, launcher }: NatsProcessOptions): Promise<Handle> {
  // A file and not a pipe: a server that outlives this process would die at its next line into a broken pipe.
  const stderr = await open(files.stderr, 'w', 0o600);
  try {
    const [command = binary, ...args] = [...launcher, binary, '-c', files.config];
    const child = spawn(command, args, {
      detached: true,
      stdio: ['ignore', 'ignore', stderr.fd],
      windowsHide: true,
      env: plainEnv(),
    });
    recordServer(files, child.pid);
    // Before anything is awaited: a process may be gone by then, and its end would go unheard.
    const server = handle(child);
    await new Promise((resolve, reject) => child.once('spawn', resolve).once('error', reject));
    return server;
  } finally {
    await stderr.close();
  }
}

type Handle = Omit<NatsProcess, 'port'>;

function handle(child: ChildProcess): Handle {
  const { pid = 0 } = child;
  let gone = false;
  const exited = new Promise<string>(resolve => {
    child.once('exit', (code, signal) => {
      gone = true;
      resolve(signal ?? `exit code ${code}`);
    });
  });
  const end = async (graceMs: number): Promise<void> => {
    // Without a number there is no process; signalling group 0 would hit our own.
    if (gone || pid === 0) return;
    signalGroup(pid, graceMs > 0 ? 'SIGTERM' : 'SIGKILL');
    const timer = setTimeout(() => signalGroup(pid, 'SIGKILL'), graceMs);
    await exited;
    clearTimeout(timer);
  };
  return { pid, exited, end };
}

async function becomesReady(
  files: EmbeddedFiles,
  exited: Promise<string>,
  signal: AbortSignal,
): Promise<number> {
  let over: Error | undefined;
  void exited.then(how => {
    over = new Error(`nats-server ended before it was ready (${how})`);
  });
  for (;;) {
    const port = await listeningPort(files.portsDir);
    if (port !== undefined && (await hasJetStream(port))) return port;
    signal.throwIfAborted();
    if (over !== undefined) throw over;
    await sleep(POLL_MS);
  }
}

/** The server writes its ports file once it listens, which is after JetStream has recovered. */
async function listeningPort(portsDir: string): Promise<number | undefined> {
  const [name] = (await readdir(portsDir)).filter(file => file.endsWith('.ports'));
  if (name === undefined) return undefined;
  const text = await readFile(join(portsDir, name), 'utf8');
  const port = Number(/:(\d+)"/.exec(text)?.[1]);
  return Number.isInteger(port) ? port : undefined;
}

/** Whether the server greets a client, and says that JetStream is there. */
function hasJetStream(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect({ host: '127.0.0.1', port });
    let greeting = '';
    socket.setTimeout(1000, () => socket.destroy());
    socket.on('error', () => {});
    socket.on('close', () => resolve(/^INFO .*"jetstream":\s*true/.test(greeting)));
    socket.on('data', data => {
      greeting += data.toString('latin1');
      if (greeting.includes('\n')) socket.destroy();
    });
  });
}
