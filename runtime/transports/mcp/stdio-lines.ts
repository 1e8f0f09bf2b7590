import { PassThrough, type Readable, type Writable } from 'node:stream';
import type { JSONRPCMessage, Transport } from '@modelcontextprotocol/server';
import type { Read } from './stdio-message.ts';
import { readMessages, tooLong } from './stdio-message.ts';

/** How long answers are waited for once the client has said all it had to say, in milliseconds: as long as any call may take. */
const LAST_ANSWERS_MS = 60_000;
const NEWLINE = 10;

/** What stands between stdin and the library, which drops a line that is no JSON and ends at once when its input does. */
export interface ReadableLines {
  /** Messages alone, one a line; it ends when stdin has ended and every request that came was answered. */
  input: Readable;
  /** The same transport, with its requests and answers counted. */
  counted(wire: Transport): Transport;
}

/** Answers what is no message itself, leaves out a line longer than `maxBytes`, and holds the end of stdin back until all requests were answered. */
export function readableLines(stdin: Readable, stdout: Writable, maxBytes: number): ReadableLines {
  const input = new PassThrough();
  const open = new Set<string | number>();
  /** Arguments of calls that the library has not read yet. */
  const given = new Map<string | number, object>();
  let parts: Buffer[] = [];
  let bytes = 0;
  let ended = false;
  stdin.on('data', (chunk: Buffer) => {
    let from = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, from)) {
      keep(chunk.subarray(from, end));
      endLine();
      from = end + 1;
    }
    keep(chunk.subarray(from));
  });
  stdin.on('error', error => input.destroy(error));
  stdin.on('end', () => {
    endLine();
    // Lines that were just passed on are read in a turn of their own.
    setImmediate(() => {
      ended = true;
      setTimeout(() => input.end(), LAST_ANSWERS_MS).unref();
      endWhenAnswered();
    });
  });
  return { input, counted };

  /** Memory holds no more of a line than may be read of it. */
  function keep(part: Buffer): void {
    bytes += part.length;
    if (bytes <= maxBytes) parts.push(part);
    else parts = [];
  }

  function endLine(): void {
    const line = bytes > maxBytes ? undefined : Buffer.concat(parts);
    parts = [];
    bytes = 0;
    if (!line) stdout.write(tooLong(maxBytes));
    else
      for (const read of readMessages(line))
        if ('fault' in read) stdout.write(read.fault);
        else pass(read);
  }

  function pass({ message, call }: Extract<Read, { message: string }>): void {
    if (call) given.set(call.id, call.arguments);
    input.write(message);
  }

  function endWhenAnswered(): void {
    if (ended && open.size === 0) input.end();
  }

  function counted(wire: Transport): Transport {
    const outer: Transport = {
      start: () => wire.start(),
      close: () => wire.close(),
      send: async (message, options) => {
        await wire.send(message, options);
        const { id, method } = message as { id?: string | number; method?: string };
        if (id === undefined || method !== undefined) return;
        open.delete(id);
        endWhenAnswered();
      },
    };
    wire.onclose = () => {
      // A stream that is read keeps the process alive.
      stdin.pause();
      outer.onclose?.();
    };
    wire.onerror = error => outer.onerror?.(error);
    wire.onmessage = (message, extra) => {
      const { id, method, params } = message as Incoming;
      const exact = id === undefined ? undefined : given.get(id);
      if (exact && params) params.arguments = exact;
      if (id !== undefined) given.delete(id);
      // A stream of updates is answered when it ends, which is when the client goes.
      if (id !== undefined && method !== undefined && !method.startsWith('subscriptions/')) open.add(id);
      if (method === 'notifications/cancelled' && params?.requestId !== undefined)
        open.delete(params.requestId);
      outer.onmessage?.(message as JSONRPCMessage, extra);
    };
    return outer;
  }
}

interface Incoming {
  id?: string | number;
  method?: string;
  params?: { requestId?: string | number; arguments?: object };
}
