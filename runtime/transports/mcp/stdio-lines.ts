import { PassThrough, type Readable, type Writable } from 'node:stream';
import type { JSONRPCMessage, Transport } from '@modelcontextprotocol/server';

/** JSON-RPC 2.0, section 5.1. */
const PARSE_ERROR = -32_700;
/** How long answers are waited for once the client has said all it had to say, in milliseconds: as long as any call may take. */
const LAST_ANSWERS_MS = 60_000;
const NEWLINE = 10;

/** What stands between stdin and the library, which drops a line that is no JSON and ends at once when its input does. */
export interface ReadableLines {
  /** Lines of JSON alone; it ends when stdin has ended and every request that came was answered. */
  input: Readable;
  /** The same transport, with its requests and answers counted. */
  counted(wire: Transport): Transport;
}

/** Answers what is no JSON with -32700, gives up on a line longer than `maxBytes`, and holds the end of stdin back until all requests were answered. */
export function readableLines(stdin: Readable, stdout: Writable, maxBytes: number): ReadableLines {
  const input = new PassThrough();
  const open = new Set<string | number>();
  let rest = Buffer.alloc(0);
  let ended = false;
  stdin.on('data', (chunk: Buffer) => {
    const bytes = Buffer.concat([rest, chunk]);
    const end = bytes.lastIndexOf(NEWLINE) + 1;
    rest = bytes.subarray(end);
    for (const line of lines(bytes.subarray(0, end))) take(line);
    if (rest.length > maxBytes) input.destroy(new Error(`A message has more than ${maxBytes} bytes.`));
  });
  stdin.on('error', error => input.destroy(error));
  stdin.on('end', () => {
    if (rest.length > 0) take(Buffer.concat([rest, Buffer.from('\n')]));
    // Lines that were just passed on are read in a turn of their own.
    setImmediate(() => {
      ended = true;
      setTimeout(() => input.end(), LAST_ANSWERS_MS).unref();
      endWhenAnswered();
    });
  });
  return { input, counted };

  function take(line: Buffer): void {
    const text = line.toString('utf8').trim();
    if (text === '') return;
    try {
      JSON.parse(text);
      input.write(line);
    } catch (error) {
      const message = `Parse error: ${error instanceof Error ? error.message : error}`;
      stdout.write(
        `${JSON.stringify({ jsonrpc: '2.0', id: null, error: { code: PARSE_ERROR, message } })}\n`,
      );
    }
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
  params?: { requestId?: string | number };
}

function* lines(bytes: Buffer): Generator<Buffer> {
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf(NEWLINE, start) + 1 || bytes.length;
    yield bytes.subarray(start, end);
    start = end;
  }
}
