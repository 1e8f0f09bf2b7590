import { createSandbox } from '../../runtime/sandbox/sandbox.ts';
import type { JoinOptions, TestKvflow } from './kvflow.ts';
import { joinNats } from './kvflow.ts';
import { startNats } from './nats.ts';

const PASSWORD = 'of-all';
/** Files have fewer tests than that. */
const ENOUGH = 24;

/** A real nats-server, ended and cleaned up by `await using`, whose accounts see nothing of each other. */
export interface Accounts extends AsyncDisposable {
  /** A kvflow in the next account: it is as empty as a server of its own. Throws when there is none left. */
  join(options?: JoinOptions): TestKvflow;
}

/**
 * Starts one with so many accounts, and one sandbox for the scripts of all: for many tests that each need an empty NATS, at a
 * small part of the processor time of a server, and of a worker, for each.
 */
export async function startAccounts(count = ENOUGH): Promise<Accounts> {
  const names = Array.from({ length: count }, (_, i) => `account${i}`);
  const accounts = names.map(
    name => `${name} { jetstream: enabled, users: [{ user: ${name}, password: ${PASSWORD} }] }`,
  );
  const server = await startNats({ extra: `accounts {\n${accounts.join('\n')}\n}` });
  const runner = createSandbox({ warmWorkers: 0 });
  const left = names.values();
  return {
    join: (options = {}) => {
      const { value: user } = left.next();
      if (user === undefined) throw new Error(`all ${count} accounts are taken`);
      const scripting = { runner, ...options.scripting };
      return joinNats({ servers: [server.url], user, password: PASSWORD }, { ...options, scripting });
    },
    [Symbol.asyncDispose]: async () => {
      await runner.close();
      await server[Symbol.asyncDispose]();
    },
  };
}
