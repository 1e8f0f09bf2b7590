import { functions } from '../../functions/index.gen.ts';
import manifest from '../../manifest.json' with { type: 'json' };
import type { Envelope } from '../../runtime/core/envelope.ts';
import { isFailure } from '../../runtime/core/envelope.ts';
import type { Invoke, InvokeDependencies, InvokeOptions } from '../../runtime/core/invoke.ts';
import { createInvoke } from '../../runtime/core/invoke.ts';
import type { Manifest } from '../../runtime/core/manifest.ts';
import type { Open } from '../../runtime/core/open.ts';
import { createOpen } from '../../runtime/core/open.ts';
import type { KvStore } from '../../runtime/core/ports/kv-store.ts';
import type { Recognition } from '../../runtime/core/recognition-port.ts';
import { createStats } from '../../runtime/core/recognition-stats.ts';
import { createRegistry } from '../../runtime/core/registry.ts';
import type { Remote } from '../../runtime/core/remote.ts';
import type { Scripting } from '../../runtime/core/scripts.ts';
import { createSecretBox } from '../../runtime/core/secret-box.ts';
import { createAdminLog } from '../../runtime/core/state/admin-log.ts';
import { createLazyRemote } from '../../runtime/main/remote.ts';
import type { NatsSettings } from '../../runtime/nats/nats-settings.ts';
import type { Nats } from '../../runtime/nats/open.ts';
import { openNats } from '../../runtime/nats/open.ts';
import { createRecognition, NO_DESTINATIONS } from '../../runtime/recognition/create.ts';
import type { Parts } from '../../runtime/recognition/job.ts';
import { RECOGNITION_DEFAULTS } from '../../runtime/recognition/settings.ts';
import type { Sandbox } from '../../runtime/sandbox/sandbox.ts';
import type { SandboxOptions } from '../../runtime/sandbox/types.ts';
import type { Joined } from './account-server.ts';
import { forProcess } from './for-process.ts';
import type { TestNats } from './nats.ts';
import { startNats } from './nats.ts';
import { takeAccount } from './shared-nats.ts';

/** Every function, for all tests of a process; what they do not call is not compiled. */
export const registry = forProcess('registry', () =>
  createRegistry(manifest as unknown as Manifest, functions),
);
/** Encrypts the secrets of scripts in tests. */
const SECRETS = createSecretBox('5e'.repeat(32));
const silent = { info: () => undefined, warn: () => undefined };

/** kvflow's functions on a real NATS, outputs checked against their schemas. */
export interface TestKvflow extends AsyncDisposable {
  readonly nats: Nats;
  /** How another joins the same NATS. */
  readonly joined: Joined;
  readonly invoke: Invoke;
  readonly open: Open;
  readonly recognition: Recognition;
  /** Calls a function that must work and answers its data. */
  call(name: string, input: unknown, options?: InvokeOptions): Promise<Record<string, never>>;
  /** Calls a function that must fail and answers its error with the status. */
  fail(name: string, input: unknown, options?: InvokeOptions): Promise<TestError>;
}

/** The error of an envelope, with its status. */
export interface TestError {
  status_code: number;
  code: string;
  message: string;
  retryable: boolean;
  details?: Record<string, unknown>;
  errors?: { pointer: string; message: string }[];
}

/** How {@link joinNats} joins. */
export interface JoinOptions {
  validateOutput?: boolean;
  /** Keeps the log of administrative calls, as a server does. Default false. */
  adminLog?: boolean;
  /** How other kvflows are called. Default: none may be. */
  remote?: Remote;
  /** Told of each failure, with its cause. */
  onError?: InvokeDependencies['onError'];
  /** How scripts run. */
  sandbox?: SandboxOptions;
  /** What scripts have beside that. */
  scripting?: Partial<Scripting>;
  /** In place of recognition without destinations, with what kvflow does without a configuration. */
  recognition?: Partial<Parts> | ((kv: KvStore) => Partial<Parts>);
}

/** Joins a NATS that runs. */
export function joinNats(
  settings: Partial<NatsSettings> & { servers: string[] },
  {
    validateOutput = true,
    recognition: parts,
    onError,
    adminLog = false,
    sandbox,
    scripting: more,
    remote = createLazyRemote({ hosts: [], private: false }),
  }: JoinOptions = {},
): TestKvflow {
  const nats = openNats(settings, silent);
  let runner: Promise<Sandbox> | undefined;
  const scripting = async () => {
    // A test calls once or twice: a worker that waits for the next call would be started for nobody.
    runner ??= import('../../runtime/sandbox/sandbox.ts').then(({ createSandbox }) =>
      createSandbox({ warmWorkers: 0, ...sandbox }),
    );
    return { runner: await runner, kv: nats.kv, bucket: 'transform_kv', secrets: SECRETS, ...more };
  };
  const recognizing = createRecognition({
    kv: nats.kv,
    log: nats.kv,
    destinations: NO_DESTINATIONS,
    defaults: RECOGNITION_DEFAULTS,
    stats: createStats(),
    ...(typeof parts === 'function' ? parts(nats.kv) : parts),
  });
  const recognition = async () => recognizing;
  const shared = {
    registry,
    kv: nats.kv,
    ...(onError && { onError }),
    ...(adminLog && { adminLog: createAdminLog(nats.kv, () => undefined) }),
  };
  const invoke = createInvoke({
    ...shared,
    scripting,
    recognition,
    remote,
    validateOutput,
  });
  return {
    nats,
    joined: settings,
    invoke,
    open: createOpen(shared),
    recognition: recognizing,
    call: async (name, input, options) => data(name, await invoke(name, input, options)),
    fail: async (name, input, options) => error(name, await invoke(name, input, options)),
    [Symbol.asyncDispose]: async () => {
      await recognizing.close();
      await (await runner)?.close();
      await nats.close();
    },
  };
}

/** kvflow on an empty NATS: an account of the server that tests share. */
export async function startKvflow(options: JoinOptions = {}): Promise<TestKvflow> {
  const account = await takeAccount();
  return endingWith(joinNats(account.joined, options), account);
}

/** kvflow on a server of its own, for tests that do something to it, or have processes join it. */
export async function startWithServer(options: JoinOptions = {}): Promise<TestKvflow & { server: TestNats }> {
  const server = await startNats();
  return { ...endingWith(joinNats({ servers: [server.url] }, options), server), server };
}

/** What it stands on ends after it. */
export function endingWith<T extends AsyncDisposable>(kvflow: T, ground: AsyncDisposable): T {
  return {
    ...kvflow,
    [Symbol.asyncDispose]: async () => {
      await kvflow[Symbol.asyncDispose]();
      await ground[Symbol.asyncDispose]();
    },
  };
}

function data(name: string, envelope: Envelope): Record<string, never> {
  if (isFailure(envelope)) throw new Error(`${name} failed: ${JSON.stringify(envelope)}`);
  return envelope.data as Record<string, never>;
}

function error(name: string, envelope: Envelope): TestError {
  if (!isFailure(envelope)) throw new Error(`${name} worked: ${JSON.stringify(envelope)}`);
  return { status_code: envelope.status_code, ...envelope.error };
}
