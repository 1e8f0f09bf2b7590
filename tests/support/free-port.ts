import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

/** Below those that systems give to connections on their way out: one of these would take the port of a server that is stopped for a moment. */
const FIRST = 10_000;
const BLOCK = 200;
const BLOCKS = 110;
const TRIES = 1_000;

/** A process's own ports: nobody else gives them out while it listens on the first of them. */
interface Block {
  readonly first: number;
  next: number;
}

/** One for all files of a process, which load this anew. */
const KEPT = Symbol.for('kvflow.ports');
const kept = globalThis as { [KEPT]?: Promise<Block> };

/**
 * A port on loopback that nobody listens on, for a server that is started now and may be started again. Test processes run side by
 * side, and runs do: each gives out ports of its own, and none twice in a row.
 */
export async function freePort(): Promise<number> {
  kept[KEPT] ??= claimBlock();
  const block = await kept[KEPT];
  for (let i = 0; i < TRIES; i++) {
    const port = block.first + 1 + (block.next++ % (BLOCK - 1));
    if (await isFree(port)) return port;
  }
  throw new Error(`no port from ${block.first} to ${block.first + BLOCK - 1} is free`);
}

async function claimBlock(): Promise<Block> {
  const begin = randomInt(BLOCKS);
  for (let i = 0; i < BLOCKS; i++) {
    const first = FIRST + ((begin + i) % BLOCKS) * BLOCK;
    const claim = await listenOn(first);
    // It lasts as long as the process, and does not keep it from ending.
    claim?.unref();
    if (claim) return { first, next: 0 };
  }
  throw new Error(`every block of ports from ${FIRST} on belongs to another process`);
}

async function isFree(port: number): Promise<boolean> {
  const server = await listenOn(port);
  if (!server) return false;
  server.close();
  await once(server, 'close');
  return true;
}

/** Undefined where somebody listens there. */
async function listenOn(port: number): Promise<Server | undefined> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
    return server;
  } catch {
    return undefined;
  }
}
