import { createStore } from '../lib/store.ts';

/** With which API key we call, and whether the server has refused that. */
export interface Session {
  /** Undefined: none is sent. */
  key: string | undefined;
  /** What the server said when it asked for another key; the login page is shown until there is one. */
  refused: string | undefined;
  /** Name of the API key, as far as the server has told it. */
  owner: string | undefined;
  /** Changes with a log-out and when another one logs in: every page begins anew then, and nothing of before is kept in it. */
  generation: number;
  /** Counts log-ins: what was asked before the last one is answered to somebody else. */
  logIns: number;
}

const NAME = 'kvflow.api-key';

/** The session of this tab. */
export const session = createStore<Session>({
  key: storedKey(),
  refused: undefined,
  owner: undefined,
  generation: 0,
  logIns: 0,
});

/** Takes the key for all further calls. It is kept as long as the tab, or on this computer where that is wished. */
export function logIn(key: string, { remember, owner }: { remember: boolean; owner: string }): void {
  forgetKey();
  storageOf(remember)?.setItem(NAME, key);
  const before = session.get();
  const another = before.owner !== undefined && before.owner !== owner;
  const generation = before.generation + (another ? 1 : 0);
  session.set({ key, refused: undefined, owner, generation, logIns: before.logIns + 1 });
}

/** The server has told whose key it is. */
export function noteOwner(owner: string): void {
  session.set({ ...session.get(), owner });
}

/** Forgets the key. */
export function logOut(): void {
  forgetKey();
  const { generation, logIns } = session.get();
  const refused = 'You have logged out.';
  session.set({ key: undefined, refused, owner: undefined, generation: generation + 1, logIns });
}

/** The server wants another key: shows the login page over whatever is open, which stays where it is. */
export function refuse(message: string): void {
  if (session.get().refused === undefined) session.set({ ...session.get(), refused: message });
}

/** The header that every call carries. */
export function authorization(): Record<string, string> {
  const { key } = session.get();
  return key === undefined ? {} : { authorization: `Bearer ${key}` };
}

function storedKey(): string | undefined {
  return storageOf(false)?.getItem(NAME) ?? storageOf(true)?.getItem(NAME) ?? undefined;
}

function forgetKey(): void {
  for (const remember of [false, true]) storageOf(remember)?.removeItem(NAME);
}

/** Undefined where the browser keeps nothing for us. */
function storageOf(remember: boolean): Storage | undefined {
  try {
    return remember ? localStorage : sessionStorage;
  } catch {
    return undefined;
  }
}
