import { once } from 'node:events';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';

/** What a server answered. */
export interface PlainAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

/** What is sent; `body` as JSON. */
export interface PlainRequest {
  method?: string;
  headers?: Record<string, string>;
  body?: unknown;
}

/** One request on a connection of its own: of several processes behind one port any may take it. */
export async function onNewConnection(url: string, sent: PlainRequest = {}): Promise<PlainAnswer> {
  const { body, headers } = sent;
  const method = sent.method ?? (body === undefined ? 'GET' : 'POST');
  const outgoing = request(url, {
    method,
    agent: false,
    headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
  });
  outgoing.end(body === undefined ? undefined : JSON.stringify(body));
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  return { status: response.statusCode ?? 0, headers: response.headers, body: await text(response) };
}
