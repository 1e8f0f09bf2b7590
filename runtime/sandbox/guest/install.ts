/** Adds a global that nobody can write to. One that is a class keeps its own name, whatever the bundle calls it. */
export function install(name: string, value: unknown): void {
  if (typeof value === 'function') Object.defineProperty(value, 'name', { value: name });
  Object.defineProperty(globalThis, name, {
    value,
    writable: false,
    enumerable: false,
    configurable: false,
  });
}
