/** What `require('events')` gives. */
export function makeEvents(): unknown {
  type Listener = (...args: unknown[]) => void;
  class EventEmitter {
    #map = new Map<unknown, Listener[]>();
    on(name: unknown, fn: Listener) {
      this.#map.set(name, [...(this.#map.get(name) ?? []), fn]);
      return this;
    }
    addListener(name: unknown, fn: Listener) {
      return this.on(name, fn);
    }
    once(name: unknown, fn: Listener) {
      const wrapper: Listener = (...args) => {
        this.off(name, wrapper);
        fn.apply(this, args);
      };
      return this.on(name, wrapper);
    }
    off(name: unknown, fn: Listener) {
      this.#map.set(
        name,
        (this.#map.get(name) ?? []).filter(other => other !== fn),
      );
      return this;
    }
    removeListener(name: unknown, fn: Listener) {
      return this.off(name, fn);
    }
    removeAllListeners(name?: unknown) {
      if (name === undefined) this.#map.clear();
      else this.#map.delete(name);
      return this;
    }
    emit(name: unknown, ...args: unknown[]) {
      const list = this.#map.get(name) ?? [];
      if (list.length === 0 && name === 'error') throw args[0] ?? new Error('Unhandled error');
      for (const fn of list) fn.apply(this, args);
      return list.length > 0;
    }
    listenerCount(name: unknown) {
      return this.#map.get(name)?.length ?? 0;
    }
    listeners(name: unknown) {
      return [...(this.#map.get(name) ?? [])];
    }
  }
  return Object.assign(EventEmitter, { EventEmitter, default: EventEmitter });
}
