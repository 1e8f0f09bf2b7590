import type { Authenticator } from '../core/access.ts';
import { mayEditFlows } from '../core/principal.ts';

/** A person at the editor, as Node-RED keeps it. */
export type EditorUser = { username: string; permissions: '*' } | { anonymous: true; permissions: '*' };

/** What Node-RED asks about people at the editor. */
export interface EditorLogin {
  authenticate(username: string, key: string): Promise<EditorUser | null>;
  users(username: string): Promise<EditorUser | null>;
  /** Who has not logged in. */
  default(): Promise<EditorUser | null>;
}

/**
 * Who may use the editor. While no API key is required everybody on this machine may; then a key is the password, and
 * only one that may do everything: flows run code on the server and reach every bucket.
 */
export function adminAuth(access: Authenticator): EditorLogin {
  // By the name that was typed, which is all that Node-RED keeps of a session. A key is asked for its rights on every
  // request, so that a revoked one ends its sessions. Kept while the flows' process
  // is started again, and not over a restart of kvflow.
  const keys = new Map<string, string>();
  return {
    authenticate: async (username, key) => {
      const held = keys.get(username);
      // One name for two keys would let the sessions of one live on by the other.
      if (!isValid(key) || (held !== undefined && held !== key && isValid(held))) return null;
      keys.set(username, key);
      return { username, permissions: '*' };
    },
    users: async username => {
      const key = keys.get(username);
      return key !== undefined && isValid(key) ? { username, permissions: '*' } : null;
    },
    default: async () => (access.required() ? null : { anonymous: true, permissions: '*' }),
  };

  function isValid(key: string): boolean {
    try {
      return mayEditFlows(access.authenticate(`Bearer ${key}`));
    } catch {
      return false;
    }
  }
}
