/** Lines of a text by where they are, so that many of them can be passed on as one piece of it. */
export interface JsonLines {
  text: string;
  /** Where each line begins, and where it ends: its line break is not in it. */
  starts: number[];
  ends: number[];
}

const BLANK = /^\s*$/;

/** The lines of a text but for the empty ones, without a byte order mark. The last may lack its line break. */
export function toJsonLines(text: string): JsonLines {
  const lines: JsonLines = { text, starts: [], ends: [] };
  for (let start = text.startsWith('\ufeff') ? 1 : 0; start < text.length; ) {
    const found = text.indexOf('\n', start);
    const end = found < 0 ? text.length : found;
    if (!isBlank(text, start, end)) {
      lines.starts.push(start);
      lines.ends.push(end);
    }
    start = end + 1;
  }
  return lines;
}

/** A line without its line break. */
export function lineAt({ text, starts, ends }: JsonLines, index: number): string {
  return text.slice(starts[index], ends[index]);
}

/** Whether a line has nothing but white space. Most begin with a brace: only of the others the pattern has to be asked. */
export function isBlank(text: string, start: number, end: number): boolean {
  return text[start] !== '{' && BLANK.test(text.slice(start, end));
}
