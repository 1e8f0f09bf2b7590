import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below those that systems give to connections on their way out: one of these would take the port of a server that is stopped for a moment. */
const FIRST = 10_000;
const COUNT = 22_000;
const TRIES = 1_000;

// Test processes run side by side: each begins elsewhere, and none gives out a port twice in a row.
let next = randomInt(COUNT);

/** A port on loopback that nobody listens on, for a server that is started now and may be started again. */
export async function freePort(): Promise<number> {
  for (let i = 0; i < TRIES; i++) {
    const port = FIRST + (next++ % COUNT);
    if (await isFree(port)) return port;
  }
  throw new Error(`no port from ${FIRST} to ${FIRST + COUNT - 1} is free`);
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}
