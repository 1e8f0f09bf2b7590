import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { PackError } from '../../../contract/errors.ts';

/** One file of the built dashboard, as the build lists it in files.json. */
interface BuiltFile {
  type: string;
  etag: string;
  /** Its name never comes back with another content. */
  hashed: boolean;
  /** Copies compressed beforehand, best first. */
  encodings: string[];
}

/** The built dashboard's files by their path below its folder. */
type BuiltFiles = Record<string, BuiltFile>;

/** Where the dashboard's own addresses begin: no route of the API is below it, now or later. */
const BASE = '/ui/';
const PAGE = 'index.html';
const EXTENSION = { br: '.br', gzip: '.gz' } as Record<string, string>;

/**
 * Own files only, no frames, and no script but those files: a stored value that is shown can run nothing. Styles may be
 * inline, which Mantine and the code editor need; they can load nothing from elsewhere either.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const HEADERS = {
  'content-security-policy': POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  vary: 'accept-encoding',
};

/**
 * The dashboard, built into `folder`. GET / answers its page, and so does every address below /ui/ that is no file:
 * which bucket or key it shows is read from the address by the browser. Everything else stays the API's. The files hold
 * no data and need no API key; the calls that the page makes do. Nothing is kept in memory.
 */
export function dashboardRoute(folder: string): FastifyPluginAsync {
  let listed: Promise<BuiltFiles> | undefined;
  return async app => {
    const open = { config: { open: true } };
    app.get('/', open, (request, reply) => serve(PAGE, request, reply));
    app.get('/ui', open, (_request, reply) => reply.redirect('/'));
    app.get<{ Params: { '*': string } }>(`${BASE}*`, open, async (request, reply) => {
      const path = request.params['*'];
      const files = await list();
      if (Object.hasOwn(files, path)) return await serve(path, request, reply);
      // A page of an older build asks for its own files: they are gone, and a page in their place would only confuse.
      if (path.startsWith('assets/')) throw noFile(path);
      return await serve(PAGE, request, reply);
    });
  };

  function list(): Promise<BuiltFiles> {
    listed ??= readFile(join(folder, 'files.json'), 'utf8').then(text => JSON.parse(text) as BuiltFiles);
    return listed;
  }

  async function serve(path: string, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const file = (await list())[path];
    if (!file) throw noFile(path);
    reply.headers(HEADERS).header('etag', file.etag);
    reply.header('cache-control', file.hashed ? 'public, max-age=31536000, immutable' : 'no-cache');
    if (request.headers['if-none-match'] === file.etag) return reply.code(304).send();
    const encoding = file.encodings.find(name => accepts(request.headers['accept-encoding'], name));
    if (encoding) reply.header('content-encoding', encoding);
    const bytes = await readFile(join(folder, path + (encoding ? (EXTENSION[encoding] ?? '') : '')));
    return reply.header('content-type', file.type).send(bytes);
  }
}

/** Whether the header names the encoding without refusing it by `q=0`. */
function accepts(header: string | string[] | undefined, encoding: string): boolean {
  const offered = [header ?? ''].flat().join().split(',');
  return offered.some(one => {
    const [name = '', quality = ''] = one.split(';').map(part => part.trim().toLowerCase());
    return name === encoding && !/^q=0(\.0*)?$/.test(quality);
  });
}

function noFile(path: string): PackError {
  return new PackError(
    'ROUTE_NOT_FOUND',
    `The dashboard has no file ${path}: kvflow was updated, maybe. Load the page anew.`,
  );
}
