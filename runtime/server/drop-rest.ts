import type { IncomingMessage } from 'node:http';

/** How long a client may go on sending what is not wanted; milliseconds. */
const LINGER_MS = 1_000;

/** The client is to read the answer before its connection ends, which it would not if what it still sends met a closed one. */
export function dropRest(body: IncomingMessage): void {
  body.resume();
  setTimeout(() => body.complete || body.destroy(), LINGER_MS).unref();
}
