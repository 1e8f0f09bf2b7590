import { extname, join } from 'node:path';
import { PackError } from '../../../contract/errors.ts';
import type { Thread } from '../shared/thread.ts';
import { startThread } from '../shared/thread.ts';
import type { Found, Question } from './worker.ts';

/** PGlite on a thread of its own. */
export type DatabaseThread = Thread<Question, Found>;

/** How to start it. */
export interface ThreadOptions {
  folder: string;
  /** What runs in the thread. Default: PGlite. */
  entry?: string | URL;
}

const PACKAGE = '@electric-sql/pglite';
// The same file as it is here: source or compiled.
const ENTRY = join(import.meta.dirname, `worker${extname(import.meta.filename)}`);

/** Starts the thread, and answers when the database is open. Throws UNSUPPORTED where the package is not installed. */
export async function openThread({ folder, entry = ENTRY }: ThreadOptions): Promise<DatabaseThread> {
  return await startThread({ entry, workerData: { folder }, name: 'pglite', explain: withoutPackage });
}

function withoutPackage(error: unknown): PackError | undefined {
  const { code } = error as { code?: unknown };
  if (code !== 'ERR_MODULE_NOT_FOUND' && code !== 'MODULE_NOT_FOUND') return undefined;
  const message = `the embedded warehouse needs a package: npm install ${PACKAGE}`;
  return new PackError('UNSUPPORTED', message, { cause: error });
}
