/** Sends requests on keep-alive connections, the next one on each as soon as the last is answered. */
import { Agent, request } from 'node:http';
import type { Load } from './http.ts';

process.on('message', async (load: Load) => {
  try {
    await run(load);
    process.send?.({});
  } catch (error) {
    process.send?.({ error: String(error) });
  }
});
process.send?.({});

async function run({ url, body, requests, connections }: Load): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const payloads = [body].flat().map(text => Buffer.from(text));
  let sent = 0;
  const worker = async () => {
    while (sent < requests) await post(url, payloads[sent++ % payloads.length] as Buffer, agent);
  };
  await Promise.all(Array.from({ length: connections }, worker));
  agent.destroy();
}

function post(url: string, payload: Buffer, agent: Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': payload.length };
    const outgoing = request(url, { method: 'POST', agent, headers }, answer => {
      answer.resume();
      answer.on('end', () =>
        answer.statusCode === 200 ? resolve() : reject(new Error(`status ${answer.statusCode}`)),
      );
    });
    outgoing.on('error', reject);
    outgoing.end(payload);
  });
}
