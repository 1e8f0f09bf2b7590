/** Arguments longer than this may be refused by the system; Linux takes 128 KiB. */
const LONGEST_BYTES = 100_000;

/** A word of sh, bash and zsh that means exactly this text. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** Whether a text is better given on standard input. */
export function isLong(text: string): boolean {
  return new Blob([text]).size > LONGEST_BYTES;
}

/** A command that is given a line of text on standard input. The line must not be `END`. */
export function withInput(command: string, line: string): string {
  return `${command} <<'END'\n${line}\nEND`;
}
