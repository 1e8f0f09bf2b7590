/** An HTTP server that serves each caller three requests a minute, however many of it there are. */
import { createServer } from 'node:http';

const KVFLOW = process.env.KVFLOW_URL ?? 'http://127.0.0.1:4280';
const LIMIT = 3;
const MINUTE_NS = 60_000_000_000;

async function call(name, input) {
  const response = await fetch(`${KVFLOW}/functions/${name}/invocations`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(process.env.KVFLOW_KEY && { authorization: `Bearer ${process.env.KVFLOW_KEY}` }),
    },
    body: JSON.stringify(input),
  });
  const { data, error } = await response.json();
  if (error) throw new Error(`${name}: ${error.code}: ${error.message}`);
  return data;
}

await call('kv-bucket-create', { bucket: 'limits', key_ttl: true });

const server = createServer(async (request, response) => {
  const caller = request.headers['x-user'] ?? 'nobody';
  // One atomic step: the first starts the minute, one beyond the limit is not taken.
  const { applied, reset_at } = await call('kv-key-increment', {
    bucket: 'limits',
    key: `requests.${caller}`,
    max: LIMIT,
    ttl: MINUTE_NS,
  });
  if (applied) response.end('hello\n');
  else response.writeHead(429, { 'retry-after': new Date(reset_at).toUTCString() }).end('too many\n');
});

await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
for (const user of ['ada', 'ada', 'ada', 'ada', 'grace']) {
  const { status } = await fetch(`http://127.0.0.1:${server.address().port}`, {
    headers: { 'x-user': user },
  });
  console.log(user, status);
}
server.close();
server.closeAllConnections();
