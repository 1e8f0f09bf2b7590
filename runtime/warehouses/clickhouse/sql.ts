/** A name in backticks. */
export function quoted(name: string): string {
  return `\`${name.replace(/[\\`]/g, character => `\\${character}`)}\``;
}
