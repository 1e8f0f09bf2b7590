/**
 * A number for a text, 31 bits: the same for the same text, and seldom the same for two. For sets of texts that are looked into a
 * few times only: V8 enters each text that a Set or Map is asked for into a table of its own first, and takes it out again when
 * it is forgotten, which takes ten times as long as this.
 */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash >>> 1;
}

/** Whether no text comes twice. */
export function areDistinct(texts: readonly string[]): boolean {
  const hashes = new Set<number>();
  for (const text of texts) hashes.add(hashOf(text));
  return hashes.size === texts.length || new Set(texts).size === texts.length;
}
