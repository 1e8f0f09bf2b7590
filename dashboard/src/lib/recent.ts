import { session } from '../api/session.ts';

/** Answers what was made under a name before, or makes it. Only the last few are kept, and none for another API key. */
export function createRecent<T>(most: number): (name: string, make: () => T) => T {
  const kept = new Map<string, T>();
  let key = session.get().key;
  session.subscribe(() => {
    if (session.get().key !== key) kept.clear();
    key = session.get().key;
  });
  return (name, make) => {
    const found = kept.get(name) ?? make();
    kept.delete(name);
    kept.set(name, found);
    const [oldest] = kept.keys();
    if (kept.size > most && oldest !== undefined) kept.delete(oldest);
    return found;
  };
}
