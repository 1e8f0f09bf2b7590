import { createSandbox } from '../../runtime/sandbox/sandbox.ts';
import { startAccountServer } from './account-server.ts';
import type { JoinOptions, TestKvflow } from './kvflow.ts';
import { joinNats } from './kvflow.ts';

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
  const server = await startAccountServer(count);
  const runner = createSandbox({ warmWorkers: 0 });
  return {
    join: (options = {}) => {
      const account = server.take();
      if (!account) throw new Error(`all ${count} accounts are taken`);
      return joinNats(account, { ...options, scripting: { runner, ...options.scripting } });
    },
    [Symbol.asyncDispose]: async () => {
      await runner.close();
      await server[Symbol.asyncDispose]();
    },
  };
}
