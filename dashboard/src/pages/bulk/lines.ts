/** Hears how far reading has come. */
export type OnBytes = (bytes: number) => void;

/** A line of a file. */
export interface FileLine {
  text: string;
  /** It is UTF-8; of any other the text has replacement characters where it cannot be read. */
  readable: boolean;
}

/** The lines of a file, those together that were read together, without their ends: constant memory whatever the size. */
export async function* linesOf(file: Blob, onBytes: OnBytes = () => undefined): AsyncGenerator<FileLine[]> {
  const reader = file.stream().getReader();
  let rest: Uint8Array[] = [];
  let bytes = 0;
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) break;
      const lines: FileLine[] = [];
      let from = 0;
      for (let end = value.indexOf(NEWLINE); end >= 0; end = value.indexOf(NEWLINE, from)) {
        lines.push(lineOf([...rest, value.subarray(from, end)]));
        rest = [];
        from = end + 1;
      }
      if (from < value.length) rest.push(value.subarray(from));
      bytes += value.length;
      onBytes(bytes);
      if (lines.length > 0) yield lines;
    }
    if (rest.length > 0) yield [lineOf(rest)];
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

const NEWLINE = 10;
const UTF8 = new TextDecoder('utf-8', { fatal: true });

function lineOf(parts: Uint8Array[]): FileLine {
  const bytes = parts.length === 1 ? parts[0] : together(parts);
  try {
    return { text: withoutReturn(UTF8.decode(bytes)), readable: true };
  } catch {
    return { text: withoutReturn(new TextDecoder().decode(bytes)), readable: false };
  }
}

function together(parts: Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}
