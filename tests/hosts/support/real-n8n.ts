/** n8n itself as a process, with our package installed as its users install it, and its REST API as the editor uses it. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { endsWithParent } from '../../../runtime/nats/server/launcher.ts';
import { buildN8n } from '../../../scripts/build-n8n.ts';
import { freePort } from '../../support/free-port.ts';
import { PATIENCE } from '../../support/patience.ts';
import { withOurNode } from './n8n-install.ts';

/** A running n8n, logged in to as its owner. */
export interface RealN8n extends AsyncDisposable {
  readonly url: string;
  /** What the owner logs in with. */
  readonly owner: { email: string; password: string };
  /** The session, as a cookie header. */
  readonly cookie: string;
  /** Asks what the editor would; answers its `data`. Throws with the answer when it is a failure. */
  rest<T = Record<string, unknown>>(method: string, path: string, body?: unknown): Promise<T>;
  /** Saves a workflow and turns it on; answers its id. */
  activate(workflow: object): Promise<string>;
  /** What the latest execution of a workflow failed with; empty when it worked or there is none. */
  lastFailure(workflowId: string): Promise<string>;
  /** What n8n printed so far. */
  log(): string;
}

/** Milliseconds that its first start takes at most: it makes its database then. */
const START_MS = 120_000 * PATIENCE;
const PACKAGE = join(import.meta.dirname, '../../../hosts/n8n');
const owner = { email: 'owner@example.com', password: 'A-password-0f-the-test' };
const run = promisify(execFile);

/** Starts the n8n of a folder on a database of its own. */
export async function startN8n(path: string): Promise<RealN8n> {
  const home = await mkdtemp(join(tmpdir(), 'kvflow-n8n-'));
  const [port, brokerPort] = await Promise.all([freePort(), freePort()]);
  await installPackage(home);
  const n8n = await launch(path, settings(home, port, brokerPort));
  const url = `http://127.0.0.1:${port}`;
  try {
    await ready(n8n);
    const cookie = await setUp(url);
    const rest = restOf(url, cookie);
    return {
      url,
      owner,
      cookie,
      rest,
      activate: async workflow => {
        const { id, versionId } = await rest<{ id: string; versionId: string }>(
          'POST',
          '/workflows',
          workflow,
        );
        await rest('POST', `/workflows/${id}/activate`, { versionId });
        return id;
      },
      lastFailure: id => lastFailure(rest, id),
      log: n8n.log,
      [Symbol.asyncDispose]: end,
    };
  } catch (error) {
    await end();
    throw error;
  }

  async function end(): Promise<void> {
    if (n8n.child.exitCode === null && n8n.child.signalCode === null) {
      n8n.child.kill('SIGTERM');
      await once(n8n.child, 'exit');
    }
    await rm(home, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** As "npm install" in n8n's folder for community nodes leaves it. */
async function installPackage(home: string): Promise<void> {
  await buildN8n();
  const { stdout } = await run('npm', ['pack', '--silent', '--pack-destination', home], {
    cwd: PACKAGE,
    env: withOurNode(),
  });
  const target = join(home, '.n8n/nodes/node_modules/n8n-nodes-kvflow');
  await mkdir(target, { recursive: true });
  await run('tar', ['-xzf', join(home, stdout.trim()), '--strip-components=1', '-C', target]);
}

function settings(home: string, port: number, brokerPort: number): Record<string, string> {
  return {
    N8N_USER_FOLDER: home,
    N8N_PORT: String(port),
    N8N_LISTEN_ADDRESS: '127.0.0.1',
    N8N_RUNNERS_BROKER_PORT: String(brokerPort),
    N8N_SECURE_COOKIE: 'false',
    N8N_DIAGNOSTICS_ENABLED: 'false',
    N8N_VERSION_NOTIFICATIONS_ENABLED: 'false',
    N8N_TEMPLATES_ENABLED: 'false',
    N8N_PERSONALIZATION_ENABLED: 'false',
    N8N_HIRING_BANNER_ENABLED: 'false',
    N8N_PUBLIC_API_DISABLED: 'true',
  };
}

async function launch(path: string, env: Record<string, string>) {
  const bin = join(path, 'node_modules/n8n/bin/n8n');
  // A test run that is cut off takes n8n with it, where the system can see to that.
  const [program = '', ...args] = [...(await endsWithParent()), process.execPath, bin, 'start'];
  const child = spawn(program, args, {
    cwd: env.N8N_USER_FOLDER,
    env: withOurNode(env),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      printed = (printed + text).slice(-50_000);
    });
  }
  return { child, log: () => printed };
}

/** n8n says when its editor is there; one that ended or takes too long explains itself by what it printed. */
async function ready({ child, log }: Awaited<ReturnType<typeof launch>>): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const fail = (why: string) => {
      clearTimeout(timer);
      reject(new Error(`n8n ${why}:\n${log()}`));
    };
    const timer = setTimeout(() => fail('is not ready'), START_MS);
    child.once('exit', code => fail(`ended with ${code}`));
    child.stdout.on('data', () => {
      if (!/Editor is now accessible/.test(log())) return;
      clearTimeout(timer);
      resolve();
    });
  });
}

/** Makes the owner's account and answers its session. */
async function setUp(url: string): Promise<string> {
  const answer = await fetch(`${url}/rest/owner/setup`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...owner, firstName: 'Ada', lastName: 'Lovelace' }),
  });
  if (!answer.ok) throw new Error(`n8n made no owner: ${answer.status} ${await answer.text()}`);
  return answer.headers
    .getSetCookie()
    .map(cookie => cookie.split(';')[0])
    .join('; ');
}

async function lastFailure(rest: RealN8n['rest'], workflowId: string): Promise<string> {
  const filter = encodeURIComponent(JSON.stringify({ workflowId }));
  const { results } = await rest<{ results: { id: string }[] }>('GET', `/executions?filter=${filter}`);
  const [latest] = results;
  if (!latest) return '';
  const { data } = await rest<{ data: unknown }>('GET', `/executions/${latest.id}`);
  return /error/.test(String(data)) ? String(data) : '';
}

function restOf(url: string, cookie: string): RealN8n['rest'] {
  return async (method, path, body) => {
    const answer = await fetch(`${url}/rest${path}`, {
      method,
      headers: { cookie, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path} was answered with ${answer.status}: ${text}`);
    const parsed = JSON.parse(text);
    return parsed.data ?? parsed;
  };
}
