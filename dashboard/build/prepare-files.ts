import { createHash } from 'node:crypto';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants } from 'node:zlib';
import type { Plugin } from 'vite';

/** What the server is told of a file: see runtime/server/routes/dashboard.ts. */
interface BuiltFile {
  type: string;
  etag: string;
  hashed: boolean;
  encodings: string[];
}

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};
/** Below this a compressed copy saves nothing worth a second file. */
const SMALL = 1_000;
const brotli = promisify(brotliCompress);

/** After the build: compresses every file, and lists all of them in files.json, the only ones the server will serve. */
export function prepareFiles(): Plugin {
  return {
    name: 'kvflow-prepare-files',
    apply: 'build',
    async writeBundle({ dir }) {
      if (!dir) return;
      const paths = (await readdir(dir, { recursive: true })).map(path => join(dir, path));
      const files = await Promise.all(paths.map(path => prepare(path, dir)));
      const listed = Object.fromEntries(files.filter(file => file !== undefined));
      await writeFile(join(dir, 'files.json'), JSON.stringify(listed));
    },
  };
}

async function prepare(path: string, dir: string): Promise<[string, BuiltFile] | undefined> {
  const type = TYPES[extname(path)];
  if (!type || !(await stat(path)).isFile()) return undefined;
  const bytes = await readFile(path);
  const name = relative(dir, path).split(sep).join('/');
  return [
    name,
    {
      type,
      etag: `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`,
      hashed: name.startsWith('assets/'),
      encodings: bytes.length > SMALL ? await compress(path, bytes) : [],
    },
  ];
}

/**
 * Quality 9 takes a quarter of the time of 11, for files a few per cent larger. Who takes gzip alone gets it from the server, which
 * makes it as of any other answer: copies would be a fifth of the published package.
 */
async function compress(path: string, bytes: Buffer): Promise<string[]> {
  const params = { [constants.BROTLI_PARAM_QUALITY]: 9, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
  await writeFile(`${path}.br`, await brotli(bytes, { params }));
  return ['br'];
}
