import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { request } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Pair } from './certificates.ts';

/** A server that speaks HTTPS and passes on to one that does not. */
export interface HttpsFront extends AsyncDisposable {
  port: number;
}

/** `clientCa`: clients must have a certificate of this authority. */
export async function startHttpsFront(
  target: string,
  { cert, key, clientCa }: Pair & { clientCa?: string },
): Promise<HttpsFront> {
  const files = {
    cert: await readFile(cert),
    key: await readFile(key),
    ...(clientCa && { ca: await readFile(clientCa), requestCert: true, rejectUnauthorized: true }),
  };
  const server = createServer(files, (incoming, outgoing) => {
    const { method, headers, url = '/' } = incoming;
    const passed = request(new URL(url, target), { method, headers }, answer => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    passed.on('error', () => outgoing.destroy());
    incoming.pipe(passed);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
