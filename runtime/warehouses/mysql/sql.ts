/** A name in backticks. */
export function quoted(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}

/** Text in quotes, for what cannot be bound: paths of JSON_TABLE and names of collations, never values. */
export function pathOf(index: number): string {
  return `'$[${index}]'`;
}
