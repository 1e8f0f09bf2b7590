/** JSON pointers (RFC 6901). */

/** The pointer to a member, or an item, of what a pointer is to. */
export function pointerTo(pointer: string, name: string | number): string {
  return `${pointer}/${String(name).replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

/** The names that a pointer goes along, or of a part of one. */
export function namesOfPointer(pointer: string): string[] {
  return pointer.split('/').slice(1).map(nameOfToken);
}

/** The name that one token of a pointer stands for. */
export function nameOfToken(token: string): string {
  return token.replaceAll('~1', '/').replaceAll('~0', '~');
}
