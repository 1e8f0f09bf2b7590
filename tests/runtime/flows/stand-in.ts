/** Stands in for the flows' process, for what is about processes and not about Node-RED: it starts twenty times as fast. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { joinParent } from '../../../runtime/flows/child/parent.ts';

const parent = joinParent();
const { listen, api, safe } = await parent.order;
void parent.stopped.then(() => process.exit(0));
const server = createServer(async (request, response) => {
  const { url = '', method, headers } = request;
  if (url === '/flows/exit') process.exit(3);
  if (url === '/flows/throw') queueMicrotask(() => Promise.reject(new Error('a fault of a flow')));
  if (url === '/flows/shout') process.stdout.write('x'.repeat(1e6));
  if (url === '/flows/hang') for (;;);
  let bytes = 0;
  for await (const part of request) bytes += part.length;
  response.setHeader('x-several', ['one', 'two']).end(JSON.stringify({ method, headers, bytes, api, safe }));
});
server.on('upgrade', (_request, socket) => {
  socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\n');
  socket.pipe(socket);
});
server.listen(listen);
await once(server, 'listening');
parent.send({ kind: 'flows', running: !safe });
parent.send({ kind: 'ready' });
