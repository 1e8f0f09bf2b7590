import type { FastifyInstance } from 'fastify';

/** A file of a page: served as it is, to anybody, for it holds no data. */
export interface PageFile {
  url: string;
  type: string;
  text: string;
}

/** Own files only, nothing inline, nothing from elsewhere, no frames: a stored value that is shown can run nothing. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const HEADERS = {
  'content-security-policy': POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-cache',
};

/** Serves a page's files. */
export function servePage(app: FastifyInstance, files: readonly PageFile[]): void {
  for (const { url, type, text } of files) {
    app.get(url, { config: { open: true } }, async (_request, reply) =>
      reply.headers(HEADERS).header('content-type', `${type}; charset=utf-8`).send(text),
    );
  }
}
