import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { Io } from './io.ts';

/** Asks for a secret without showing it; where nobody can be asked it is what standard input holds. */
export async function readSecret({ stdin, tell }: Io, question: string): Promise<string> {
  if (!('isTTY' in stdin && stdin.isTTY)) return (await text(stdin)).trim();
  tell(question);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: stdin, output: silent, terminal: true });
  try {
    return (await lines.question('')).trim();
  } finally {
    lines.close();
  }
}
