import { session } from '../api/session.ts';

/** Answers what was made under a name before, or makes it. Only the last few are kept, and none for another API key. */
export function createRecent<T>(most: number): (name: string, make: () => T) => T {
  const kept = new Map<string, T>();
  let { generation } = session.get();
  session.subscribe(() => {
    if (session.get().generation !== generation) kept.clear();
    ({ generation } = session.get());
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
