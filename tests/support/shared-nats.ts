import { rmSync } from 'node:fs';
import type { AccountServer, Joined } from './account-server.ts';
import { startAccountServer } from './account-server.ts';
import { forProcess } from './for-process.ts';

/** What as many tests leave behind is little. */
const ACCOUNTS = 64;

/** An account that nobody else has, until it is given back by `await using`. */
export interface Account extends AsyncDisposable {
  readonly joined: Joined;
}

interface Shared {
  take(): Account | undefined;
}

const shared = forProcess('shared nats', (): { current?: Promise<Shared> } => ({}));

/**
 * An empty NATS at a fifth of the processor time of a server of its own: the next account of a server that all tests of this process
 * share. Once its accounts have all been taken another one is started, and it ends when the last is given back.
 */
export async function takeAccount(): Promise<Account> {
  for (;;) {
    shared.current ??= startShared();
    const current = shared.current;
    const account = await current.then(server => server.take()).catch(error => leave(current, error));
    if (account) return account;
    leave(current);
  }
}

/** The next who asks starts another. */
function leave(server: Promise<Shared>, error?: unknown): void {
  if (shared.current === server) delete shared.current;
  if (error) throw error;
}

async function startShared(): Promise<Shared> {
  const server = await startAccountServer(ACCOUNTS);
  // It lasts as long as the process, and does not keep it from ending.
  server.unref();
  const end = () => endNow(server);
  process.once('exit', end);
  let users = 0;
  let isUsedUp = false;
  return { take };

  function take(): Account | undefined {
    const joined = server.take();
    if (!joined) {
      isUsedUp = true;
      void endIfUnused();
      return undefined;
    }
    users++;
    return { joined, [Symbol.asyncDispose]: giveBack };
  }

  async function giveBack(): Promise<void> {
    users--;
    await endIfUnused();
  }

  async function endIfUnused(): Promise<void> {
    if (!isUsedUp || users > 0) return;
    process.off('exit', end);
    await server[Symbol.asyncDispose]();
  }
}

/** Nothing can be waited for any more. */
function endNow(server: AccountServer): void {
  void server.stop('SIGKILL');
  rmSync(server.folder, { recursive: true, force: true });
}
