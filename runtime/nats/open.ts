import { readFile } from 'node:fs/promises';
import type { ConnectionOptions, NatsConnection } from '@nats-io/transport-node';
import { connect, credsAuthenticator, nkeyAuthenticator } from '@nats-io/transport-node';
import type { KvStore } from '../core/ports.ts';
import { createJsApi } from './js-api.ts';
import { createNatsKv } from './kv/store.ts';
import type { Requests } from './requests.ts';
import { createRequests } from './requests.ts';

/** Which NATS to join and as whom. */
export interface NatsSettings {
  servers: string[];
  user?: string;
  password?: string;
  token?: string;
  credsFile?: string;
  nkeyFile?: string;
  tls?: { caFile?: string; certFile?: string; keyFile?: string };
  /** JetStream domain to work in. Default: the one of the server that is connected to. */
  domain?: string;
  /** Name of the connection, as `nats server report connections` shows it. Default: kvflow. */
  name?: string;
}

/** What of a logger this folder needs. */
export interface NatsLog {
  info(message: string): void;
  warn(message: string): void;
}

/** A NATS that is joined, or is being joined: requests wait a little for it and then answer UNAVAILABLE. */
export interface Nats {
  readonly requests: Requests;
  readonly kv: KvStore;
  connected(): boolean;
  /** Undefined until the first connection. */
  serverInfo(): { version: string; serverName: string; url: string; maxPayload: number } | undefined;
  /** Resolves at the first connection; rejects when settings are refused, such as wrong credentials. */
  readonly joined: Promise<void>;
  /** The connection itself, for what else of this folder works on it. */
  readonly connection: Promise<NatsConnection>;
  close(): Promise<void>;
}

const RECONNECT_WAIT_MS = 250;

/** Joins NATS in the background, for good: it reconnects until closed. */
export function openNats(settings: NatsSettings, log: NatsLog): Nats {
  const closing = new AbortController();
  let connection: NatsConnection | undefined;
  const connecting = toOptions(settings).then(options => dial(options, log, closing.signal));
  const requests = createRequests(connecting);
  const joined = connecting.then(nc => {
    connection = nc;
    void report(nc, log);
  });
  joined.catch(error => log.warn(`NATS: ${error instanceof Error ? error.message : String(error)}`));
  const api = createJsApi(requests, settings.domain);
  return {
    requests,
    kv: createNatsKv({ requests, api, connecting, domain: settings.domain }),
    connected: () => requests.connected(),
    serverInfo: () => (connection?.info ? describe(connection) : undefined),
    joined,
    connection: connecting,
    close: async () => {
      closing.abort();
      requests.close();
      await connection?.close();
    },
  };
}

/** Tries until NATS answers: at start it may not be up yet. What will not change, such as bad credentials, throws. */
async function dial(options: ConnectionOptions, log: NatsLog, closed: AbortSignal): Promise<NatsConnection> {
  let warned = false;
  for (;;) {
    try {
      const nc = await connect(options);
      if (!closed.aborted) return nc;
      await nc.close();
    } catch (error) {
      if (isFinal(error)) throw error;
      if (!warned) log.warn(`NATS is not reachable at ${[options.servers].flat().join(', ')}; trying on.`);
      warned = true;
    }
    if (closed.aborted) throw new Error('closed before NATS was reached');
    await new Promise(resolve => setTimeout(resolve, RECONNECT_WAIT_MS));
  }
}

function isFinal(error: unknown): boolean {
  const name = error instanceof Error ? error.name : '';
  return (
    name === 'AuthorizationError' ||
    name === 'InvalidArgumentError' ||
    name === 'UserAuthenticationExpiredError'
  );
}

async function toOptions(settings: NatsSettings): Promise<ConnectionOptions> {
  const { servers, user, password, token, tls } = settings;
  return {
    servers,
    name: settings.name ?? 'kvflow',
    ...(user !== undefined && { user }),
    ...(password !== undefined && { pass: password }),
    ...(token !== undefined && { token }),
    ...(tls && { tls }),
    ...(await authenticator(settings)),
    maxReconnectAttempts: -1,
    reconnectTimeWait: RECONNECT_WAIT_MS,
    reconnectJitter: 100,
    timeout: 5_000,
    pingInterval: 20_000,
    maxPingOut: 2,
    noAsyncTraces: true,
    ignoreAuthErrorAbort: true,
  };
}

async function authenticator({ credsFile, nkeyFile }: NatsSettings): Promise<Partial<ConnectionOptions>> {
  if (credsFile) return { authenticator: credsAuthenticator(await readFile(credsFile)) };
  if (!nkeyFile) return {};
  const seed = (await readFile(nkeyFile, 'utf8')).trim();
  return { authenticator: nkeyAuthenticator(new TextEncoder().encode(seed)) };
}

async function report(nc: NatsConnection, log: NatsLog): Promise<void> {
  for await (const status of nc.status()) {
    if (status.type === 'disconnect') log.warn('NATS is gone; reconnecting.');
    if (status.type === 'reconnect') log.info('NATS is back.');
    if (status.type === 'error') log.warn(`NATS: ${status.error.message}`);
  }
}

function describe(nc: NatsConnection) {
  const { version = '', server_name: serverName = '', max_payload: maxPayload = 0 } = nc.info ?? {};
  return { version, serverName, url: nc.getServer(), maxPayload };
}
