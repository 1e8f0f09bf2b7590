import { connect } from '@nats-io/transport-node';
import { startNats } from '../../support/nats.ts';

const [SYSTEM, PASSWORD] = ['system', 'of-all'];
const ACCOUNTS = `accounts {
  SYS { users: [{ user: ${SYSTEM}, password: ${PASSWORD} }] }
  MODEL { jetstream: enabled, users: [{ user: model, password: ${PASSWORD} }] }
}
system_account: SYS
no_auth_user: model`;

/** A real nats-server that says which connections have ended; ended and cleaned up by `await using`. */
export interface ModelServer extends AsyncDisposable {
  readonly url: string;
  /** Resolves once the connection of this name has ended: all that came over it is read by then. Asked before it ends. */
  left(name: string): Promise<void>;
}

/** Starts one. */
export async function startModelServer(): Promise<ModelServer> {
  const server = await startNats({ extra: ACCOUNTS });
  const system = await connect({ servers: server.url, user: SYSTEM, pass: PASSWORD });
  const awaited = new Map<string, () => void>();
  system.subscribe('$SYS.ACCOUNT.MODEL.DISCONNECT', {
    callback: (_error, message) => {
      const { name } = message.json<{ client: { name: string } }>().client;
      awaited.get(name)?.();
      awaited.delete(name);
    },
  });
  await system.flush();
  return {
    url: server.url,
    left: name => new Promise(resolve => awaited.set(name, resolve)),
    [Symbol.asyncDispose]: async () => {
      await system.close();
      await server[Symbol.asyncDispose]();
    },
  };
}
