import type { TestNats } from './nats.ts';
import { startNats } from './nats.ts';

const PASSWORD = 'of-all';

/** Where a NATS is, and as whom it is joined. */
export interface Joined {
  servers: string[];
  user?: string;
  password?: string;
}

/** A real nats-server whose accounts see nothing of each other. */
export interface AccountServer extends TestNats {
  /** How to join the next account, which is as empty as a server of its own; undefined when all are taken. */
  take(): Joined | undefined;
}

/** Starts one with so many accounts. */
export async function startAccountServer(count: number): Promise<AccountServer> {
  const names = Array.from({ length: count }, (_, i) => `account${i}`);
  const accounts = names.map(
    name => `${name} { jetstream: enabled, users: [{ user: ${name}, password: ${PASSWORD} }] }`,
  );
  const server = await startNats({ extra: `accounts {\n${accounts.join('\n')}\n}` });
  const left = names.values();
  return {
    ...server,
    take: () => {
      const { value: user } = left.next();
      return user === undefined ? undefined : { servers: [server.url], user, password: PASSWORD };
    },
  };
}
