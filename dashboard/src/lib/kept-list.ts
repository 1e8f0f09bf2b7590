import { createStore } from './store.ts';

/** A list that this browser keeps, for one API key: what was seen, what is a favourite. */
export interface KeptList {
  get(): readonly string[];
  subscribe(listener: () => void): () => void;
  /** Puts a text first; one that is there moves there. */
  add(text: string): void;
  remove(text: string): void;
}

/** Makes a list of at most so many texts, the latest first. Where the browser keeps nothing it lasts as long as the page. */
export function createKeptList(name: string, most: number): KeptList {
  const place = `kvflow.${name}`;
  const store = createStore<readonly string[]>(read(place));
  addEventListener('storage', ({ key }) => key === place && store.set(read(place)));
  const keep = (texts: readonly string[]) => {
    store.set(texts);
    try {
      localStorage.setItem(place, JSON.stringify(texts));
    } catch {
      // A browser that keeps nothing, or has no room left.
    }
  };
  return {
    get: store.get,
    subscribe: store.subscribe,
    add: text => keep([text, ...store.get().filter(other => other !== text)].slice(0, most)),
    remove: text => keep(store.get().filter(other => other !== text)),
  };
}

function read(place: string): readonly string[] {
  try {
    const texts: unknown = JSON.parse(localStorage.getItem(place) ?? '[]');
    return Array.isArray(texts) ? texts.filter(text => typeof text === 'string') : [];
  } catch {
    return [];
  }
}
