import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { identify } from '../../../../runtime/processes/process-identity.ts';
import { PATIENCE } from '../../../support/patience.ts';
import { postJson } from '../../../support/post-json.ts';

/** The command line's entry: of the sources, bundled once for all tests where tests/support/bundled-start.ts has done so. */
export const MAIN =
  process.env.KVFLOW_TEST_MAIN ?? join(import.meta.dirname, '../../../../runtime/transports/cli/main.ts');
/** The variables that kvflow reads, so that a developer's own do not reach the tests; the mark of a run does, so that its end is theirs. */
const OURS = /^(KVFLOW(?!_TEST_RUN$)|NATS_(?!SERVER_BIN)|TRANSFORM|USER_RECOGNITION)_?/;
const PATIENCE_MS = 20_000 * PATIENCE;

/** How a command ended. */
export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/** A kvflow that runs as a process of its own. */
export interface KvflowProcess {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves with the match once what was printed so far, on both streams, fits. */
  printed(pattern: RegExp): Promise<RegExpExecArray>;
}

/** A folder to run kvflow in; whatever still runs at its end is killed. */
export interface Place extends AsyncDisposable {
  readonly path: string;
  readonly dataDir: string;
  /** Starts a command and does not wait for it. */
  spawn(args: string[], options?: SpawnOptions): KvflowProcess;
  /** Runs a command to its end. */
  run(args: string[], options?: SpawnOptions): Promise<Ended>;
  /** Starts a server on any free port and waits until it is ready. */
  start(options?: SpawnOptions): Promise<KvflowServer>;
}

/** A server that runs as a process of its own. */
export interface KvflowServer extends KvflowProcess {
  readonly url: string;
  readonly natsPid: number;
  /** Calls a function over HTTP, which takes a hundredth of what a command takes; throws unless it worked. Answers its data. */
  call(name: string, input: object): Promise<Record<string, never>>;
}

/** What differs from the plain environment. */
export interface SpawnOptions {
  env?: Record<string, string>;
  stdin?: string | Uint8Array;
  args?: string[];
  /** The command line's entry of another build. */
  main?: string;
}

/** Makes a folder of its own, with a data directory yet to be. */
export async function makePlace(): Promise<Place> {
  const path = await mkdtemp(join(tmpdir(), 'kvflow-cli-'));
  const dataDir = join(path, '.kvflow');
  const running = new Set<KvflowProcess>();
  const start = (args: string[], options: SpawnOptions = {}): KvflowProcess => {
    const process = launch(args, { ...options, cwd: path });
    running.add(process);
    void process.ended.then(() => running.delete(process));
    return process;
  };
  return {
    path,
    dataDir,
    spawn: start,
    run: (args, options) => start(args, options).ended,
    start: async options => {
      const server = start(['start', '--port', '0', ...(options?.args ?? [])], options);
      const [, url = ''] = await server.printed(/URL +(\S+)[\s\S]*curl [^\n]*\n/);
      return { ...server, url, natsPid: await natsPid(dataDir), call: (...call) => callOver(url, ...call) };
    },
    [Symbol.asyncDispose]: async () => {
      for (const { child } of running) child.kill('SIGKILL');
      await Promise.all([...running].map(({ ended }) => ended));
      const left = await natsPid(dataDir);
      if (await isAlive(left)) process.kill(left, 'SIGKILL');
      await rm(path, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

async function callOver(url: string, name: string, input: object): Promise<Record<string, never>> {
  const answer = await postJson(`${url}/functions/${name}/invocations`, input);
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${name} failed: ${text}`);
  return JSON.parse(text).data;
}

/** The nats-server of a data directory, 0 when none is recorded, or it is being recorded just now. */
export async function natsPid(dataDir: string): Promise<number> {
  const text = await readFile(join(dataDir, 'nats/server.json'), 'utf8').catch(() => '');
  return Number(/"pid":(\d+)/.exec(text)?.[1] ?? 0);
}

/** Whether a process runs. One that has ended and that nobody has asked for yet, a zombie, does not. */
export async function isAlive(pid: number): Promise<boolean> {
  return (await identify(pid)) !== undefined;
}

function launch(
  args: string[],
  { env, stdin, cwd, main = MAIN }: SpawnOptions & { cwd: string },
): KvflowProcess {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !OURS.test(name) && !name.startsWith('npm_'),
  );
  const child = spawn(process.execPath, [main, ...args], {
    cwd,
    // Whoever runs the tests may be logged in somewhere.
    env: { ...Object.fromEntries(inherited), XDG_CONFIG_HOME: cwd, ...env },
  });
  child.stdin.on('error', () => undefined).end(stdin ?? '');
  const output = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      output[stream] += text;
    });
  }
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal, ...output }) as Ended);
  const all = (): string => output.stdout + output.stderr;
  return { child, ended, printed: pattern => untilPrinted(child, ended, () => pattern.exec(all()) ?? all()) };
}

/** Looks whenever something is printed; what was printed so far explains a failure. */
function untilPrinted(
  child: ReturnType<typeof spawn>,
  ended: Promise<Ended>,
  look: () => RegExpExecArray | string,
): Promise<RegExpExecArray> {
  return new Promise((resolve, reject) => {
    const fail = (why: string) => reject(new Error(`${why}; it printed:\n${look()}`));
    const timer = setTimeout(() => fail('nothing of that kind was printed'), PATIENCE_MS);
    const check = (): void => {
      const found = look();
      if (typeof found === 'string') return;
      clearTimeout(timer);
      resolve(found);
    };
    child.stdout?.on('data', check);
    child.stderr?.on('data', check);
    void ended.then(() => {
      clearTimeout(timer);
      check();
      fail('the command ended');
    });
    check();
  });
}
