/**
 * Puts a class in the place of `Error` that makes the same objects and cannot be given a formatter of stacks: Node asks the
 * global `Error` for one, whoever set it, and a script would so see the errors of others. The engine's own class is reached by
 * nothing then.
 */
export function guardErrorClass(): void {
  const Native = Error as ErrorConstructor & { prepareStackTrace: unknown };
  const formatter = Object.freeze(Native.prepareStackTrace);
  function guarded(...given: unknown[]): unknown {
    return Reflect.construct(Native, given, new.target ?? guarded);
  }
  for (const key of Reflect.ownKeys(Native)) {
    const slot = Object.getOwnPropertyDescriptor(Native, key);
    if (slot && key !== 'prepareStackTrace') Object.defineProperty(guarded, key, slot);
  }
  // What a script sets is passed over.
  Object.defineProperty(guarded, 'prepareStackTrace', {
    get: () => formatter,
    set() {},
    enumerable: false,
    configurable: false,
  });
  Object.defineProperty(Native.prototype, 'constructor', { value: guarded });
  for (const name of Object.getOwnPropertyNames(globalThis)) {
    const found: unknown = (globalThis as Record<string, unknown>)[name];
    if (typeof found === 'function' && Object.getPrototypeOf(found) === Native)
      Object.setPrototypeOf(found, guarded);
  }
  Object.defineProperty(globalThis, 'Error', { value: guarded });
}
