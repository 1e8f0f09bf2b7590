import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';

/** A kvflow to be started: what is run, and where. */
export interface StartOptions {
  command: string;
  args: string[];
  cwd: string;
  /** Where it keeps its data. */
  dataDir: string;
  /** Default: that of this process. */
  env?: NodeJS.ProcessEnv;
  /** What else is done while it runs. */
  also?: (port: number) => Promise<void>;
}

/** How long a started kvflow may take until it answers, in milliseconds: a checkout builds itself first. */
const READY_MS = 120_000;

/**
 * One start, one put, one get, one script, one stop.
 * @throws Error with what did not work.
 */
export async function startPutGet({ command, args, cwd, dataDir, env = process.env, also }: StartOptions) {
  const port = await freePort();
  const settings = { KVFLOW_PORT: String(port), KVFLOW_DATA_DIR: dataDir };
  // A group of its own: npm and its like stand between, and not all of them pass a signal on.
  const kvflow = spawn(command, args, { cwd, env: { ...env, ...settings }, detached: true });
  const exits = once(kvflow, 'exit');
  let errors = '';
  kvflow.stderr.on('data', text => (errors += text));
  try {
    await ready(kvflow.stdout).catch(error => Promise.reject(new Error(`${error.message}\n${errors}`)));
    await putGet(port);
    await also?.(port);
  } finally {
    if (kvflow.pid && kvflow.exitCode === null && kvflow.signalCode === null) {
      process.kill(-kvflow.pid, 'SIGTERM');
      await exits;
    }
  }
}

async function putGet(port: number): Promise<void> {
  await invoke(port, 'kv-bucket-create', { bucket: 'smoke' });
  await invoke(port, 'kv-key-put', { bucket: 'smoke', key: 'k', value: { n: 1 } });
  const got = await invoke(port, 'kv-key-get', { bucket: 'smoke', key: 'k', json: true });
  const { value } = got as { value: unknown };
  if (JSON.stringify(value) !== '{"n":1}') throw new Error(`kv-key-get answered ${JSON.stringify(value)}`);
  const run = await invoke(port, 'transform', { script: 'return { ...event, seen: true }', event: { n: 1 } });
  if (!JSON.stringify(run).includes('"seen":true'))
    throw new Error(`transform answered ${JSON.stringify(run)}`);
}

async function ready(stdout: NodeJS.ReadableStream): Promise<void> {
  const timer = setTimeout(() => stdout.emit('error', new Error(`not ready after ${READY_MS} ms`)), READY_MS);
  try {
    for await (const line of createInterface(stdout)) if (/ is ready\.$/.test(line)) return;
    throw new Error('kvflow ended before it was ready');
  } finally {
    clearTimeout(timer);
    stdout.resume();
  }
}

async function invoke(port: number, name: string, input: unknown): Promise<unknown> {
  const response = await fetch(`http://127.0.0.1:${port}/functions/${name}/invocations`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(input),
  });
  const { data, error } = (await response.json()) as { data?: unknown; error?: unknown };
  if (!response.ok) throw new Error(`${name}: ${JSON.stringify(error)}`);
  return data;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
