import { readFile } from 'node:fs/promises';
import type { ConnectionOptions, ReconnectToServerHandler } from '@nats-io/transport-node';
import {
  credsAuthenticator,
  nkeyAuthenticator,
  usernamePasswordAuthenticator,
} from '@nats-io/transport-node';
import type { NatsSettings, ServerLocation } from './nats-settings.ts';

/** Between two attempts to join. */
export const RECONNECT_WAIT_MS = 250;

const TIMEOUT_MS = 5_000;
/** A server that answers neither of two pings is left at the third. One that has no others to go to is given longer. */
const [PING_MS, PING_OF_SEVERAL_MS] = [20_000, 2_000];
/** On this machine a server that says nothing for so long is another program that has its port now. */
const LOCAL_TIMEOUT_MS = 2_000;

/**
 * What the client library is told.
 * @param here where a server is that may move, asked at every attempt; undefined for one that stays.
 * @param choose which of several servers is next.
 */
export async function connectionOptions(
  settings: NatsSettings,
  here: (() => ServerLocation) | undefined,
  choose: ReconnectToServerHandler,
): Promise<ConnectionOptions> {
  const { servers, token, tls } = settings;
  return {
    servers,
    name: settings.name ?? 'kvflow',
    ...(here ? credentialsThere(here) : userOf(settings)),
    ...(token !== undefined && { token }),
    ...(tls && { tls }),
    ...(settings.onlyThese && { ignoreClusterUpdates: true }),
    ...(await authenticator(settings)),
    maxReconnectAttempts: -1,
    reconnectTimeWait: RECONNECT_WAIT_MS,
    reconnectJitter: 100,
    timeout: here ? LOCAL_TIMEOUT_MS : TIMEOUT_MS,
    pingInterval: servers.length > 1 ? PING_OF_SEVERAL_MS : PING_MS,
    maxPingOut: 2,
    ...(!here && { reconnectToServer: choose }),
    noAsyncTraces: true,
    ignoreAuthErrorAbort: true,
  };
}

function userOf({ user, password }: NatsSettings): Partial<ConnectionOptions> {
  return { ...(user !== undefined && { user }), ...(password !== undefined && { pass: password }) };
}

function credentialsThere(here: () => ServerLocation): Partial<ConnectionOptions> {
  const authenticator = usernamePasswordAuthenticator(
    () => here().user,
    () => here().password,
  );
  return { authenticator };
}

async function authenticator(settings: NatsSettings): Promise<Partial<ConnectionOptions>> {
  const { credsFile, nkeyFile } = settings;
  const encoder = new TextEncoder();
  const creds = credsFile ? await readFile(credsFile) : settings.creds && encoder.encode(settings.creds);
  if (creds) return { authenticator: credsAuthenticator(creds) };
  const seed = nkeyFile ? await readFile(nkeyFile, 'utf8') : settings.nkey;
  return seed ? { authenticator: nkeyAuthenticator(encoder.encode(seed.trim())) } : {};
}
