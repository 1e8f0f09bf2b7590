import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { KV } from '@nats-io/kv';

/** What somebody would write who wants nothing but this one put over HTTP. */
export async function bareServer(kv: KV) {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', chunk => chunks.push(chunk));
    request.on('end', async () => {
      const { key, value } = JSON.parse(Buffer.concat(chunks).toString());
      const revision = await kv.put(key, value);
      const text = JSON.stringify({ status_code: 200, data: { bucket: 'bench', key, revision } });
      response.writeHead(200, {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(text),
      });
      response.end(text);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
