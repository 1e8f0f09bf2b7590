import type { ConnectionOptions, NatsConnection } from '@nats-io/transport-node';
import { connect } from '@nats-io/transport-node';
import type { Call } from '../core/call.ts';
import type { KvStore } from '../core/ports/kv-store.ts';
import { connectionOptions, RECONNECT_WAIT_MS } from './connection-options.ts';
import { apiPrefix, createJsApi } from './js-api.ts';
import type { Repaired } from './kv/backup/repair.ts';
import { repairBackups } from './kv/backup/repair.ts';
import { whenMade } from './kv/bucket/when-made.ts';
import type { Inspection } from './kv/inspect.ts';
import { createInspection } from './kv/inspect.ts';
import { createNatsKv } from './kv/store.ts';
import type { Locator } from './locator.ts';
import { createLocator } from './locator.ts';
import type { NatsSettings } from './nats-settings.ts';
import { createOtherServers } from './other-servers.ts';
import { createPartedServer } from './parted-server.ts';
import type { Requests } from './requests.ts';
import { createRequests } from './requests.ts';

/** What of a logger this folder needs. */
export interface NatsLog {
  info(message: string): void;
  warn(message: string): void;
}

/** A NATS that is joined, or is being joined: requests wait a little for it and then answer UNAVAILABLE. */
export interface Nats extends Inspection {
  readonly requests: Requests;
  readonly kv: KvStore;
  /** Ends what backups and restores of processes that are gone left behind; `alone`: nobody else uses this NATS yet. */
  repairBackups(call: Call, options: { alone: boolean }): Promise<Repaired>;
  /** Calls back whenever anybody makes the bucket, where this account may hear of it. Answers what ends that. */
  whenMade(bucket: string, heard: () => void): () => void;
  connected(): boolean;
  /** How often the connection was lost and came back, since the start. */
  reconnects(): number;
  /** Undefined until the first connection. */
  serverInfo(): { version: string; serverName: string; url: string; maxPayload: number } | undefined;
  /** Resolves at the first connection; rejects when settings are refused, such as wrong credentials. */
  readonly joined: Promise<void>;
  /** The connection itself, for what else of this folder works on it. */
  readonly connection: Promise<NatsConnection>;
  close(): Promise<void>;
}

/** Joins NATS in the background, for good: it reconnects until closed. */
export function openNats(settings: NatsSettings, log: NatsLog): Nats {
  const closing = new AbortController();
  let connection: NatsConnection | undefined;
  let reconnects = 0;
  const locator = createLocator(settings);
  const isOurs = (nc: NatsConnection): boolean => locator?.isOurs(nc) ?? true;
  const others = createOtherServers(() => options);
  const options = connectionOptions(settings, locator?.here, others.choose);
  const connecting = options.then(known => dial(known, { locator, log, closed: closing.signal }));
  const requests = createRequests(connecting, {
    isOurs,
    hasOthers: settings.servers.length > 1,
    // Kvflow's own server is alone.
    ...(!locator && { suspect: createPartedServer(apiPrefix(settings.domain), others) }),
  });
  const joined = connecting.then(nc => {
    connection = nc;
    void report(nc, log, () => {
      if (!isOurs(nc)) return;
      reconnects++;
      log.info('NATS is back.');
    });
    void (locator ?? others).follow(nc);
  });
  joined.catch(error => log.warn(`NATS: ${error instanceof Error ? error.message : String(error)}`));
  const api = createJsApi(requests, settings.domain);
  return {
    requests,
    kv: createNatsKv({ requests, api, connecting, domain: settings.domain }),
    ...createInspection(api, requests),
    repairBackups: (call, options) => repairBackups(call, api, options),
    whenMade: (bucket, heard) => whenMade(connecting, bucket, heard),
    connected: () => requests.connected(),
    reconnects: () => reconnects,
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

interface DialOptions {
  locator: Locator | undefined;
  log: NatsLog;
  closed: AbortSignal;
}

/** Tries until NATS answers: at start it may not be up yet. What will not change, such as bad credentials, throws. */
async function dial(
  options: ConnectionOptions,
  { locator, log, closed }: DialOptions,
): Promise<NatsConnection> {
  let warned = false;
  for (;;) {
    try {
      const nc = await connect({ ...options, ...(locator && { servers: locator.here().servers }) });
      if (!closed.aborted && (locator?.isOurs(nc) ?? true)) return nc;
      await nc.close();
    } catch (error) {
      if (isFinal(error)) throw error;
      if (!warned) log.warn(`NATS is not reachable at ${[options.servers].flat().join(', ')}; trying on.`);
      warned = true;
    }
    if (closed.aborted) throw new Error('closed before NATS was reached');
    await new Promise(resolve => setTimeout(resolve, RECONNECT_WAIT_MS));
    await locator?.look();
  }
}

function isFinal(error: unknown): boolean {
  const { name, message } = error instanceof Error ? error : new Error('');
  // A busy machine was late to log in, whoever it is.
  if (/authentication timeout/i.test(message)) return false;
  return (
    name === 'AuthorizationError' ||
    name === 'InvalidArgumentError' ||
    name === 'UserAuthenticationExpiredError'
  );
}

async function report(nc: NatsConnection, log: NatsLog, onReconnect: () => void): Promise<void> {
  for await (const status of nc.status()) {
    if (status.type === 'disconnect') log.warn('NATS is gone; reconnecting.');
    if (status.type === 'reconnect') onReconnect();
    if (status.type === 'error') log.warn(`NATS: ${status.error.message}`);
  }
}

function describe(nc: NatsConnection) {
  const { version = '', server_name: serverName = '', max_payload: maxPayload = 0 } = nc.info ?? {};
  return { version, serverName, url: nc.getServer(), maxPayload };
}
