/** A stored value as it is answered: text, or base64 where it is no UTF-8. */
export interface StoredText {
  value: string;
  encoding?: 'base64' | undefined;
}

/** The bytes of a value. */
export function bytesOf({ value, encoding }: StoredText): Uint8Array {
  if (encoding !== 'base64') return new TextEncoder().encode(value);
  const binary = atob(value);
  return Uint8Array.from(binary, char => char.charCodeAt(0));
}

/** Bytes as base64. */
export function toBase64(bytes: Uint8Array): string {
  const parts: string[] = [];
  // As many arguments as a call takes anywhere.
  for (let start = 0; start < bytes.length; start += 8_192) {
    parts.push(String.fromCharCode(...bytes.subarray(start, start + 8_192)));
  }
  return btoa(parts.join(''));
}

/** Text in lines of so many characters. */
export function inLines(text: string, width: number): string {
  return text.match(new RegExp(`.{1,${width}}`, 'gs'))?.join('\n') ?? '';
}

const HEX_WIDTH = 16;

/** How many lines {@link hexLine} has of so many bytes. */
export function hexLines(bytes: Uint8Array): number {
  return Math.ceil(bytes.length / HEX_WIDTH);
}

/** One line of 16 bytes as programs for bytes show it: where it is, in hex, as text. */
export function hexLine(bytes: Uint8Array, line: number): string {
  const some = [...bytes.subarray(line * HEX_WIDTH, (line + 1) * HEX_WIDTH)];
  const hex = some.map(byte => byte.toString(16).padStart(2, '0'));
  const halves = [hex.slice(0, 8).join(' ').padEnd(23), hex.slice(8).join(' ').padEnd(23)].join('  ');
  const text = some.map(byte => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('');
  return `${(line * HEX_WIDTH).toString(16).padStart(8, '0')}  ${halves}  ${text}`;
}

/** Bytes in hex without anything else, for copying. */
export function plainHex(bytes: Uint8Array): string {
  return Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('');
}

/** All lines of {@link hexLine}. */
export function hexDump(bytes: Uint8Array): string {
  return Array.from({ length: hexLines(bytes) }, (_, line) => hexLine(bytes, line)).join('\n');
}
