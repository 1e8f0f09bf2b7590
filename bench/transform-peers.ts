/** `transform` against what runs scripts in other products: isolated-vm in process, and workerd over HTTP. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLog } from '../runtime/server/log.ts';
import { eventually } from '../tests/support/eventually.ts';
import { freePort } from '../tests/support/free-port.ts';
import { serve } from '../tests/support/served.ts';
import { startLoad } from './http.ts';
import type { Figure } from './measure.ts';
import { compare, pipelined } from './measure.ts';
import { requirePeer } from './peer-packages.ts';
import { stage } from './stage.ts';
import { BATCH, NDJSON, SCRIPT } from './transform-events.ts';

/** A round takes half a second and more, and what V8 compiles of both sides is compiled before the first that counts. */
const BATCHES = 2_000;
/** Calls at once. */
const CALLS = 2;
const REQUESTS = 2_000;
const CONNECTIONS = 16;
const LINES_BODY = `const f = $ => { ${SCRIPT} };
  return text.split('\\n').map(line => (line ? JSON.stringify(f(JSON.parse(line))) : '')).join('\\n');`;

/** What is used of isolated-vm. */
interface IsolatedVm {
  Isolate: new (options: {
    memoryLimit: number;
  }) => {
    createContext(): Promise<{
      evalClosure(code: string, args: [], options: object): Promise<IsolatedFunction>;
    }>;
    dispose(): void;
  };
}
interface IsolatedFunction {
  apply(receiver: undefined, args: [string]): Promise<string>;
}

/** `transform-isolated-vm`: batches of 100 events of 1 KB as lines of JSON, against a function of an isolate in process. Goal 1.0. */
export async function transformIsolatedVm(): Promise<Figure> {
  const { Isolate } = (await requirePeer('isolated-vm'))('isolated-vm') as IsolatedVm;
  await using s = await stage();
  // With 128 it ends for want of memory some 1,500 calls on.
  const isolate = new Isolate({ memoryLimit: 512 });
  const context = await isolate.createContext();
  const run = await context.evalClosure(`return text => { ${LINES_BODY} }`, [], {
    result: { reference: true },
  });
  const figure = await compare(
    'events/s',
    BATCH * BATCHES,
    () => pipelined(BATCHES, CALLS, () => s.call('transform', { script: SCRIPT, ndjson: NDJSON })),
    () => pipelined(BATCHES, CALLS, () => run.apply(undefined, [NDJSON])),
  );
  isolate.dispose();
  return figure;
}

/** `transform-workerd`: 100 events a request over HTTP, against a worker of workerd that does the same. Goal 1.0. */
export async function transformWorkerd(): Promise<Figure> {
  await using s = await stage();
  await using http = await serve(s.kvflow, {
    log: createLog({ level: 'info', destination: '/dev/null' }).logger,
  });
  await using workerd = await startWorkerd();
  await using load = await startLoad();
  const send = (url: string) =>
    load.send({
      url,
      body: JSON.stringify({ script: SCRIPT, ndjson: NDJSON }),
      requests: REQUESTS,
      connections: CONNECTIONS,
    });
  return await compare(
    'events/s',
    BATCH * REQUESTS,
    () => send(`${http.url}/functions/transform/invocations`),
    () => send(workerd.url),
  );
}

/** A worker that takes the body of our invocation and answers its lines in JSON. */
async function startWorkerd(): Promise<{ url: string } & AsyncDisposable> {
  const { default: program } = (await requirePeer('workerd'))('workerd') as { default: string };
  const folder = await mkdtemp(join(tmpdir(), 'kvflow-workerd-'));
  const port = await freePort();
  await writeFile(
    join(folder, 'worker.js'),
    `const run = text => { ${LINES_BODY} };
export default { fetch: async request => Response.json({ ndjson: run((await request.json()).ndjson) }) };`,
  );
  await writeFile(
    join(folder, 'config.capnp'),
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = (modules = [(name = "worker.js", esModule = embed "worker.js")], compatibilityDate = "2026-01-01"))],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")]
);`,
  );
  const child = spawn(program, ['serve', join(folder, 'config.capnp')], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const url = `http://127.0.0.1:${port}`;
  await eventually(() => fetch(url, { method: 'POST', body: '{"ndjson":""}' }), { within: 10_000 });
  return {
    url,
    [Symbol.asyncDispose]: async () => {
      child.kill();
      await once(child, 'exit');
      await rm(folder, { recursive: true, force: true });
    },
  };
}
