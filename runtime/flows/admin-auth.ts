import type { Authenticator } from '../core/access.ts';
import type { Principal } from '../core/principal.ts';

/** A person at the editor, as Node-RED keeps it. */
interface EditorUser {
  username: string;
  permissions: '*';
}

/**
 * Who may use the editor. While no API key is required everybody on this machine may; then a key is the password, and
 * only one that may do everything: flows run code on the server and reach every bucket.
 */
export function adminAuth(access: Authenticator) {
  // Asked again on every request, so that a revoked key ends its sessions. Not kept over a restart.
  const keys = new Map<string, string>();
  return {
    type: 'credentials',
    authenticate: async (_username: string, key: string): Promise<EditorUser | null> => {
      const user = check(key);
      if (user) keys.set(user.username, key);
      return user;
    },
    users: async (username: string): Promise<EditorUser | null> => {
      const key = keys.get(username);
      return key === undefined ? null : check(key);
    },
    // Node-RED has a user named anonymous for those who have not logged in.
    default: async (): Promise<EditorUser | null> =>
      access.required() ? null : { username: 'anonymous', permissions: '*' },
  };

  function check(key: string): EditorUser | null {
    try {
      const principal = access.authenticate(`Bearer ${key}`);
      return mayDoEverything(principal) ? { username: principal.name, permissions: '*' } : null;
    } catch {
      return null;
    }
  }
}

function mayDoEverything({ functions, buckets, readOnly }: Principal): boolean {
  return !readOnly && functions.includes('*') && buckets.includes('*');
}
