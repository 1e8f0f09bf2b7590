import { spawn } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { endsWithParent } from '../../runtime/nats/server/launcher.ts';
import { makeDataFolder } from './data-folder.ts';
import { freePort } from './free-port.ts';
import { natsServerPath } from './nats-binary.ts';
import { type Restartable, startRestartable } from './restartable.ts';

/** A real nats-server of a test's own, ended and cleaned up by `await using`. */
export interface TestNats extends Restartable, AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** With its configuration and, in `js`, its data. */
  readonly folder: string;
  /** Where JetStream keeps its files. */
  readonly store: string;
}

/** What to add to the configuration of a plain JetStream server. */
export interface TestNatsOptions {
  name?: string;
  domain?: string;
  port?: number;
  /** `sync_interval` of JetStream: `always`, or a duration. Default: the server's own. */
  sync?: string;
  /** Where its data is, a folder that is there and stays. Default: a temporary one of its own. */
  folder?: string;
  /** More of JetStream's section, such as `max_file_store: 1MB`. */
  jetstream?: string;
  /** Configuration text, such as a cluster or leafnodes section. */
  extra?: string;
}

/** Starts a nats-server on loopback with data in a temporary folder. */
export async function startNats(options: TestNatsOptions = {}): Promise<TestNats> {
  const binary = await natsServerPath();
  const port = options.port ?? (await freePort());
  const folder = options.folder ?? (await makeDataFolder('kvflow-nats-'));
  const config = join(folder, 'nats.conf');
  await writeFile(config, configText(options, port, folder));
  const server = await startRestartable(() => launch(binary, config));
  return {
    url: `nats://127.0.0.1:${port}`,
    port,
    folder,
    store: join(folder, 'js', 'jetstream'),
    ...server,
    [Symbol.asyncDispose]: async () => {
      server.resume();
      await server.stop('SIGKILL');
      if (!options.folder) await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Configuration text of an account with limits of JetStream, such as `max_streams: 1`, which everybody is in. */
export function accountWith(limits: string): string {
  return `no_auth_user: u\naccounts { A { jetstream { ${limits} }, users: [ { user: u, password: p } ] } }`;
}

function configText(options: TestNatsOptions, port: number, folder: string): string {
  const domain = options.domain ? `, domain: ${options.domain}` : '';
  const sync = options.sync ? `, sync_interval: ${options.sync}` : '';
  const more = options.jetstream ? `, ${options.jetstream}` : '';
  return [
    `server_name: ${options.name ?? `test-${port}`}`,
    `listen: 127.0.0.1:${port}`,
    `jetstream { store_dir: "${folder}/js"${domain}${sync}${more} }`,
    options.extra ?? '',
  ].join('\n');
}

async function launch(binary: string, config: string) {
  // A test run that is cut off takes its servers with it, where the system can see to that.
  const [program = binary, ...args] = [...(await endsWithParent()), binary, '-c', config];
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  await new Promise<void>((resolve, reject) => {
    child.stderr.on('data', chunk => {
      log = (log + chunk).slice(-10_000);
      if (log.includes('Server is ready')) resolve();
    });
    child.once('exit', code => reject(new Error(`nats-server ended with ${code}:\n${log}`)));
  });
  return child;
}
