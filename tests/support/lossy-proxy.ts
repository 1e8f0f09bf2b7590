import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { connect, createServer } from 'node:net';

/** A way to a server on which an answer can be lost. */
export interface LossyProxy extends AsyncDisposable {
  readonly url: string;
  /** Cuts the connection in place of the next answer that contains the text. */
  loseAnswer(text: string): void;
  /** Drops what comes in place of the next answer that contains the text: the connection stands, and nothing is said. */
  swallowAnswer(text: string): void;
  /** Answers something else in place of the next answer that contains the text. */
  alterAnswer(text: string, instead: string): void;
  /** From now on what the server sends takes so much longer, in milliseconds. */
  delay(ms: number): void;
  /** How many answers were lost. */
  lost(): number;
}

/**
 * Starts a proxy in front of a server on loopback. `asVersion`: what it says the server's version is. `dropsCommits`:
 * the last message of an atomic batch never comes to the server, so that every batch is left in its middle.
 */
export async function startLossyProxy(
  port: number,
  { asVersion, dropsCommits = false }: { asVersion?: string; dropsCommits?: boolean } = {},
): Promise<LossyProxy> {
  let losing: string | undefined;
  let swallowing = false;
  let altered: string | undefined;
  let lost = 0;
  let delayMs = 0;
  const sockets = new Set<Socket>();
  const server = createServer(client => {
    const upstream = connect(port, '127.0.0.1');
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    if (dropsCommits) {
      const passing = withoutCommits();
      client.on('data', (sent: Buffer) => upstream.write(passing(sent)));
    } else client.pipe(upstream);
    upstream.on('data', (received: Buffer) => {
      const data = asVersion && received.includes('INFO {') ? saying(received, asVersion) : received;
      if (delayMs > 0) return void setTimeout(() => client.write(data), delayMs);
      if (losing === undefined || !data.includes(losing)) return void client.write(data);
      losing = undefined;
      lost += 1;
      if (altered !== undefined) return void client.write(alter(Buffer.from(data), altered));
      if (!swallowing) client.destroy();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `nats://127.0.0.1:${(server.address() as AddressInfo).port}`,
    loseAnswer: text => {
      [losing, swallowing, altered] = [text, false, undefined];
    },
    swallowAnswer: text => {
      [losing, swallowing, altered] = [text, true, undefined];
    },
    alterAnswer: (text, instead) => {
      [losing, swallowing, altered] = [text, false, instead];
    },
    delay: ms => {
      delayMs = ms;
    },
    lost: () => lost,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

function saying(data: Buffer, version: string): Buffer {
  const text = data.toString('latin1').replace(/"version":"[^"]*"/, `"version":"${version}"`);
  return Buffer.from(text, 'latin1');
}

/** What a client sends, frame by frame, but for messages that commit a batch. */
function withoutCommits(): (sent: Buffer) => Buffer {
  let waiting = '';
  return sent => {
    waiting += sent.toString('latin1');
    let passed = '';
    for (let end = waiting.indexOf('\r\n'); end >= 0; end = waiting.indexOf('\r\n')) {
      const line = waiting.slice(0, end);
      const payload = /^H?PUB /i.test(line) ? Number(line.split(' ').at(-1)) + 2 : 0;
      const length = end + 2 + payload;
      if (waiting.length < length) break;
      const frame = waiting.slice(0, length);
      waiting = waiting.slice(length);
      if (payload === 0 || !frame.includes('Nats-Batch-Commit:')) passed += frame;
    }
    return Buffer.from(passed, 'latin1');
  };
}

/** The last message of what the server sent, with another payload. */
function alter(data: Buffer, payload: string): Buffer {
  const text = data.toString('latin1');
  const last = text.lastIndexOf('MSG ');
  const head = text.slice(last, text.indexOf('\r\n', last)).replace(/\d+$/, String(payload.length));
  return Buffer.from(`${text.slice(0, last)}${head}\r\n${payload}\r\n`, 'latin1');
}
