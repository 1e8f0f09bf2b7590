/**
 * Freezes everything the script's realm is made of, so that no event can leave anything behind for the next.
 *
 */
export function freezeRealm(extra: unknown[]): void {
  // Where a script assigns a property of the same name on its own object (`this.name = ...` in an error class,
  // `x.toString = ...`), a frozen prototype would swallow it: there the slot becomes a getter with a setter
  // that defines the property on the receiver.
  const overridable = (proto: object, keys: PropertyKey[]): void => {
    for (const key of keys) {
      const slot = Object.getOwnPropertyDescriptor(proto, key);
      if (!slot?.configurable || !('value' in slot)) continue;
      const { value } = slot;
      Object.defineProperty(proto, key, {
        get: () => value,
        set(this: unknown, next: unknown) {
          if (this === proto || typeof this !== 'object' || this === null) return;
          Object.defineProperty(this, key, {
            value: next,
            writable: true,
            enumerable: true,
            configurable: true,
          });
        },
        enumerable: false,
        configurable: false,
      });
    }
  };
  const errors = [
    Error,
    AggregateError,
    EvalError,
    RangeError,
    ReferenceError,
    SyntaxError,
    TypeError,
    URIError,
  ];
  overridable(
    Object.prototype,
    Reflect.ownKeys(Object.prototype).filter(key => key !== '__proto__'),
  );
  for (const error of errors) overridable(error.prototype, ['constructor', 'name', 'message', 'toString']);
  overridable(Function.prototype, ['toString', 'constructor', 'call', 'apply', 'bind']);
  overridable(Array.prototype, ['toString', 'toLocaleString']);
  overridable(Date.prototype, ['toString', 'toJSON']);

  // RegExp.$1 and its like keep the last match of whoever ran before.
  for (const key of Reflect.ownKeys(RegExp))
    if (/^(\$.|\$[1-9]|input|lastMatch|lastParen|leftContext|rightContext)$/.test(String(key)))
      Reflect.deleteProperty(RegExp, key);

  const seen = new Set<unknown>();
  // Each of some thousand objects once, and nothing of what is no object: this is a part of every worker's start.
  const walk = (root: unknown): void => {
    const queue: object[] = [];
    const meet = (value: unknown): void => {
      if (value === null || (typeof value !== 'object' && typeof value !== 'function') || seen.has(value))
        return;
      seen.add(value);
      queue.push(value);
    };
    meet(root);
    for (let value = queue.pop(); value !== undefined; value = queue.pop()) {
      try {
        if (!ArrayBuffer.isView(value)) Object.freeze(value);
        meet(Object.getPrototypeOf(value));
        for (const key of Reflect.ownKeys(value)) {
          const slot = Object.getOwnPropertyDescriptor(value, key);
          meet(slot?.value);
          meet(slot?.get);
          meet(slot?.set);
        }
      } catch {
        // vm2's own proxies of host objects (Buffer) refuse to be frozen, and refuse to be written to.
      }
    }
  };

  interface IteratorHelpers {
    from(x: unknown): unknown;
    prototype: { map: { call(self: unknown, fn: (x: unknown) => unknown): unknown } };
  }
  const helpers = (globalThis as unknown as { Iterator: IteratorHelpers }).Iterator;
  // Prototypes that no property leads to, only an instance does.
  const hidden: unknown[] = [
    async () => {},
    function* () {},
    async function* () {},
    (function* () {})(),
    (async function* () {})(),
    [][Symbol.iterator](),
    new Map()[Symbol.iterator](),
    new Set()[Symbol.iterator](),
    ''[Symbol.iterator](),
    'a'.matchAll(/a/g),
    helpers.prototype.map.call((function* () {})(), (x: unknown) => x),
    helpers.from({ next: () => ({ done: true, value: 0 }) }),
  ];
  for (const item of hidden) walk(Object.getPrototypeOf(item));
  freezeSegments();
  for (const item of extra) walk(item);
  walk(globalThis);
}

/**
 * The prototypes of segments, too, are led to by instances alone. The first Segmenter of a process looks for all locales, a
 * twentieth of a worker's start: so they are frozen when a script first asks for the class, which nothing else leads to.
 */
function freezeSegments(): void {
  const { Segmenter } = Intl;
  let isFrozen = false;
  Object.defineProperty(Intl, 'Segmenter', {
    get() {
      if (isFrozen) return Segmenter;
      const segments = new Segmenter().segment('a');
      for (const one of [segments, segments[Symbol.iterator]()]) freezeOwn(Object.getPrototypeOf(one));
      isFrozen = true;
      return Segmenter;
    },
    set: undefined,
    enumerable: false,
    configurable: false,
  });
  freezeOwn(Segmenter);
  freezeOwn(Segmenter.prototype);
}

/** An object and the functions that are its own; what they inherit from is frozen already. */
function freezeOwn(value: object): void {
  Object.freeze(value);
  for (const key of Reflect.ownKeys(value)) {
    const slot = Object.getOwnPropertyDescriptor(value, key);
    for (const part of [slot?.value, slot?.get, slot?.set])
      if (typeof part === 'function') Object.freeze(part);
  }
}
