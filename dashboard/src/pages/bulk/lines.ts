/** Hears how far reading has come. */
export type OnBytes = (bytes: number) => void;

/**
 * The lines of a file, those together that were read together, without their ends: constant memory whatever the size.
 * Text that is no UTF-8 has replacement characters, as the server's reader would have.
 */
export async function* linesOf(file: Blob, onBytes: OnBytes = () => undefined): AsyncGenerator<string[]> {
  const decoder = new TextDecoder();
  const reader = file.stream().getReader();
  let rest = '';
  let bytes = 0;
  try {
    for (;;) {
      const { value, done } = await reader.read();
      const text = done ? decoder.decode() : decoder.decode(value, { stream: true });
      const lines = (rest + text).split('\n');
      rest = done ? '' : (lines.pop() ?? '');
      if (done && lines.at(-1) === '') lines.pop();
      bytes += value?.length ?? 0;
      onBytes(bytes);
      if (lines.length > 0) yield lines.map(withoutReturn);
      if (done) return;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}
