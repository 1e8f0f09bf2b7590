/** Keys of transform's bucket: `<namespace>.<key of $kv>`, in which `%`, `.` and `~` are written as `%25`, `%2E` and `%7E`. */

/** A key of `$kv` with its namespace. */
export interface SessionKey {
  namespace: string;
  key: string;
  /** The key is too long for a bucket: only its beginning is known. */
  shortened: boolean;
}

/** What a stored key stands for. */
export function readSessionKey(stored: string): SessionKey {
  const dot = stored.indexOf('.');
  // A key that transform did not write is shown as it is.
  if (dot < 0) return { namespace: '', key: stored, shortened: false };
  const token = stored.slice(dot + 1);
  const hash = /~[0-9a-f]{64}$/.exec(token);
  const key = hash ? `${fromToken(token.slice(0, hash.index))}…` : fromToken(token);
  return { namespace: fromToken(stored.slice(0, dot)), key, shortened: hash !== null };
}

/** A namespace or a key of `$kv`, short enough to be stored as it is, as its part of a stored key. */
export function sessionToken(text: string): string {
  return text === ''
    ? '%'
    : text.replace(/[%.~]/g, char => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

function fromToken(token: string): string {
  if (token === '%') return '';
  return token.replace(/%(25|2E|7E)/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
