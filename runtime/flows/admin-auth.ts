import type { Authenticator } from '../core/access.ts';
import type { Principal } from '../core/principal.ts';
import { isUnlimited } from '../core/principal.ts';

/** A person at the editor, as Node-RED keeps it. */
type EditorUser = { username: string; permissions: '*' } | { anonymous: true; permissions: '*' };

/**
 * Who may use the editor. While no API key is required everybody on this machine may; then a key is the password, and
 * only one that may do everything: flows run code on the server and reach every bucket.
 */
export function adminAuth(access: Authenticator) {
  // By the name that was typed, which is all that Node-RED keeps of a session. A key is asked for its rights on every
  // request, so that a revoked one ends its sessions. Not kept over a restart.
  const keys = new Map<string, string>();
  return {
    type: 'credentials',
    authenticate: async (username: string, key: string): Promise<EditorUser | null> => {
      const held = keys.get(username);
      // One name for two keys would let the sessions of one live on by the other.
      if (!isValid(key) || (held !== undefined && held !== key && isValid(held))) return null;
      keys.set(username, key);
      return { username, permissions: '*' };
    },
    users: async (username: string): Promise<EditorUser | null> => {
      const key = keys.get(username);
      return key !== undefined && isValid(key) ? { username, permissions: '*' } : null;
    },
    default: async (): Promise<EditorUser | null> =>
      access.required() ? null : { anonymous: true, permissions: '*' },
  };

  function isValid(key: string): boolean {
    try {
      return mayDoEverything(access.authenticate(`Bearer ${key}`));
    } catch {
      return false;
    }
  }
}

function mayDoEverything(who: Principal): boolean {
  return isUnlimited(who) && who.flows === true;
}
