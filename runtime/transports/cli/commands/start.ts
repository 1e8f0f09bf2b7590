import type { Command, CommandCall } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { collectOnceIdle } from '../heap.ts';
import type { Ready } from '../host.ts';
import type { Io } from '../io.ts';
import { shellWord } from '../io.ts';
import { stopSignal } from '../stop-signal.ts';

/** `kvflow start` */
export const startCommand: Command = {
  usage: 'start',
  summary: 'runs the server: the invocation API and, without NATS_URL, its own NATS',
  help: 'Ctrl-C stops it after what is in flight is done; a second one ends it at once.\nLogs go to stderr.\n',
  options: {},
  settings: ['host', 'port', 'workers', 'data-dir', 'config', 'log-level'],
  run: call => runServer(call, () => undefined),
};

/** Runs the server until it is told to stop; `then` is called once it is ready. */
export async function runServer(
  { settings, host, io }: CommandCall,
  then: (ready: Ready) => void,
): Promise<number> {
  const { version } = await host.manifest();
  let wasReady = false;
  await host.serve(settings, {
    signal: stopSignal(line => io.tell(line)),
    onProgress: line => io.tell(line),
    onReady: ready => {
      wasReady = true;
      tellReady(ready, version, io);
      then(ready);
      collectOnceIdle();
    },
  });
  // Stopped while nats-server was being downloaded: nobody waits for the rest of it.
  if (!wasReady) process.exit(EXIT.ok);
  return EXIT.ok;
}

function tellReady(ready: Ready, version: string, io: Io): void {
  const { url, dashboard, flows, keysRequired } = ready;
  const lines = [
    `kvflow ${version} is ready.`,
    '',
    `  URL             ${url}   (documentation: ${url}/docs)`,
    ...(dashboard ? [`  Dashboard       ${url}/ui/`] : []),
    ...(flows ? [`  Flows           ${url}/flows/   (Node-RED with every function as a node)`] : []),
    ...(ready.workers > 1 ? [`  Workers         ${ready.workers}`] : []),
    ...whereLines(ready),
    '',
    keysRequired ? 'Try it, with KVFLOW_KEY set to one of your API keys:' : 'Try it:',
    `  ${curlLine(url, keysRequired)}`,
    '',
  ];
  for (const line of lines) io.print(line);
}

function whereLines({ dataDir, nats }: Ready): string[] {
  const data = `  Data directory  ${dataDir}`;
  if (nats.kind === 'embedded') return [data, `  NATS            embedded, nats-server ${nats.version}`];
  const state = nats.connected ? '' : '   (not reachable yet; kvflow keeps trying)';
  return [data, `  NATS            ${nats.servers.join(', ')}${state}`];
}

function curlLine(url: string, keysRequired: boolean): string {
  const words = [
    `curl ${url}/functions/kv-bucket-create/invocations`,
    ...(keysRequired ? [authorization()] : []),
    '-H content-type:application/json',
    `-d ${shellWord('{"bucket":"hello"}')}`,
  ];
  return words.join(' ');
}

function authorization(): string {
  const variable = process.platform === 'win32' ? '%KVFLOW_KEY%' : '$KVFLOW_KEY';
  return `-H "Authorization: Bearer ${variable}"`;
}
