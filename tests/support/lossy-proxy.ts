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
  /** How many answers were lost. */
  lost(): number;
}

/** Starts a proxy in front of a server on loopback. */
export async function startLossyProxy(port: number): Promise<LossyProxy> {
  let losing: string | undefined;
  let swallowing = false;
  let lost = 0;
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
    client.pipe(upstream);
    upstream.on('data', data => {
      if (losing === undefined || !data.includes(losing)) return void client.write(data);
      losing = undefined;
      lost += 1;
      if (!swallowing) client.destroy();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `nats://127.0.0.1:${(server.address() as AddressInfo).port}`,
    loseAnswer: text => {
      [losing, swallowing] = [text, false];
    },
    swallowAnswer: text => {
      [losing, swallowing] = [text, true];
    },
    lost: () => lost,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
