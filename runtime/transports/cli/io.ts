import { fstatSync } from 'node:fs';
import { Readable, type Writable } from 'node:stream';
import { EXIT, usageError } from './exit-codes.ts';
import { readOpenFile } from './file-input.ts';

/** The process as a command sees it. */
export interface Io {
  /** Answers: one line. */
  print(line: string): void;
  /** Text or bytes as they are, as fast as the reader takes them; `onWritten` is told once they are read no more. */
  write(data: string | Uint8Array, onWritten?: () => void): Promise<void>;
  /** Whether people read the answers. */
  readonly isTerminal?: boolean;
  /** Whether people read what is told. */
  readonly isErrorTerminal?: boolean;
  /** Whether nobody reads what is written any more. */
  isClosed?: () => boolean;
  /** Everything else: one line on stderr. */
  tell(line: string): void;
  /** Writes over the last line of stderr; only where that is a terminal. */
  overwrite?: ((line: string) => void) | undefined;
  readonly stdin: Readable;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The io of this very process. A reader that goes away, such as `head`, is no error; a full disk is one line and exit code 1. */
export function processIo(): Io {
  let closed = false;
  let stdin: Readable | undefined;
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    closed = true;
    if (error.code === 'EPIPE') return;
    process.stderr.write(`kvflow: the output cannot be written: ${error.message}\n`);
    process.exit(EXIT.failed);
  });
  // Nobody is left to be told that nobody reads what is told.
  process.stderr.on('error', () => undefined);
  return {
    print: line => void process.stdout.write(`${line}\n`),
    write: async (data, onWritten) => {
      if (closed || process.stdout.write(data, onWritten)) return;
      await drained(process.stdout);
    },
    isTerminal: process.stdout.isTTY === true,
    isErrorTerminal: process.stderr.isTTY === true,
    isClosed: () => closed,
    tell: line => void process.stderr.write(`${line}\n`),
    overwrite: process.stderr.isTTY ? line => void process.stderr.write(`\r\x1b[K${line}`) : undefined,
    get stdin() {
      stdin ??= openStdin();
      return stdin;
    },
    env: process.env,
  };
}

function openStdin(): Readable {
  try {
    const input = fstatSync(0);
    // Node reads nothing of one, as if it were empty.
    if (input.isDirectory()) return Readable.from(refuseFolder());
    if (input.isFile()) return readOpenFile(0);
  } catch {
    // Closed, or none: as Node has it.
  }
  return process.stdin;
}

// biome-ignore lint/correctness/useYield: it fails before there is anything to yield.
async function* refuseFolder(): AsyncGenerator<Buffer> {
  throw usageError('Standard input is a folder: give a file, or a pipe');
}

/** Resolves when it takes more, or never will: its end is told by `error` and `close`, in this order. */
function drained(stream: Writable): Promise<void> {
  return new Promise(resolve => {
    const events = ['drain', 'error', 'close'];
    const done = (): void => {
      for (const event of events) stream.off(event, done);
      resolve();
    };
    for (const event of events) stream.on(event, done);
  });
}

/** How this command line was called, so that what it prints can be pasted: it need not be on the PATH. */
export function programName(env: Io['env']): string {
  if (env.npm_lifecycle_event === 'kvflow') return 'npm run -s kvflow --';
  return env.npm_command === 'exec' ? 'npx kvflow' : 'kvflow';
}

/** Text as one word of a shell: in double quotes for Windows' cmd, in single quotes elsewhere. */
export function shellWord(text: string, platform: string = process.platform): string {
  if (/^[\w@%+=:,./-]+$/.test(text)) return text;
  if (platform === 'win32') return `"${text.replaceAll('"', '\\"')}"`;
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** Columns, padded to their widest cell. */
export function table(rows: string[][]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map(row => row[column]?.length ?? 0)));
  return rows.map(row =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

/** Up to the first full stop. */
export function firstSentence(text: string): string {
  return text.split(/(?<=\.)\s/, 1)[0] ?? text;
}
