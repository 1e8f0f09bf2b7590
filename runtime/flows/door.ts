import type { IncomingMessage } from 'node:http';
import { PackError } from '../../contract/errors.ts';
import type { Authenticator } from '../core/access.ts';
import type { EditorLogin } from './admin-auth.ts';

/** A log-in has a name and a key. */
const MAX_BYTES = 16 * 1024;

/** What a request of the editor is, before anything of the editor runs. */
export type AtTheDoor =
  /** May start it; `body` where it had to be read for that. */
  | { kind: 'enter'; body?: Buffer }
  /** A browser that wants the editor: it is shown where to log in. */
  | { kind: 'page' };

/**
 * Judges a request of the editor while the process of the flows has not begun and an API key is needed: strangers start
 * nothing. Throws PackError UNAUTHENTICATED.
 */
export async function judge(
  request: IncomingMessage,
  access: Authenticator,
  login: EditorLogin,
): Promise<AtTheDoor> {
  const path = (request.url ?? '').split('?', 1)[0];
  if (request.headers.authorization) {
    access.authenticate(request.headers.authorization);
    return { kind: 'enter' };
  }
  if (request.method === 'POST' && path === '/flows/auth/token') {
    const body = await read(request);
    const { username, password } = fields(body, request.headers['content-type']);
    if (typeof password === 'string' && (await login.authenticate(String(username ?? ''), password)))
      return { kind: 'enter', body };
    throw refused('This API key does not open the flow editor: it takes one that may do everything.');
  }
  if (request.method === 'GET' && path === '/flows/') return { kind: 'page' };
  throw refused(
    'The flow editor has not been started. Log in at /flows/ with an API key that may do everything.',
  );
}

async function read(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > MAX_BYTES) throw new PackError('PAYLOAD_TOO_LARGE', 'A log-in has at most 16 KiB.');
    parts.push(part);
  }
  return Buffer.concat(parts);
}

function fields(body: Buffer, type = ''): Record<string, unknown> {
  const text = body.toString('utf8');
  if (!type.startsWith('application/json')) return Object.fromEntries(new URLSearchParams(text));
  try {
    return { ...JSON.parse(text) };
  } catch {
    return {};
  }
}

function refused(message: string): PackError {
  return new PackError('UNAUTHENTICATED', message);
}
