/** `structuredClone` for what a script can hold. */
export function makeClone(): (value: unknown) => unknown {
  const refuse = (what: string): never => {
    throw new TypeError(`structuredClone: ${what} cannot be cloned.`);
  };
  const typed = (view: ArrayBufferView): unknown => {
    const buffer = view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength);
    const Type = view.constructor as new (buffer: ArrayBufferLike) => unknown;
    return new Type(buffer);
  };
  const special = (value: object): unknown => {
    if (value instanceof Date) return new Date(value.getTime());
    if (value instanceof RegExp) return new RegExp(value.source, value.flags);
    if (value instanceof ArrayBuffer) return value.slice(0);
    if (ArrayBuffer.isView(value)) return typed(value);
    if (value instanceof Promise || value instanceof WeakMap || value instanceof WeakSet)
      return refuse('a promise or a weak collection');
    if (value instanceof Boolean || value instanceof Number || value instanceof String)
      return Object(value.valueOf());
    return undefined;
  };
  const copy = (value: unknown, seen: Map<unknown, unknown>): unknown => {
    if (typeof value === 'function' || typeof value === 'symbol') return refuse(`a ${typeof value}`);
    if (typeof value !== 'object' || value === null) return value;
    const old = seen.get(value);
    if (old !== undefined) return old;
    const found = special(value);
    if (found !== undefined) {
      seen.set(value, found);
      return found;
    }
    return container(value, seen);
  };
  const container = (value: object, seen: Map<unknown, unknown>): unknown => {
    const out: object = emptyLike(value);
    seen.set(value, out);
    if (value instanceof Map && out instanceof Map)
      for (const [k, v] of value) out.set(copy(k, seen), copy(v, seen));
    else if (value instanceof Set && out instanceof Set) for (const v of value) out.add(copy(v, seen));
    else
      for (const key of Object.keys(value)) {
        const slot = {
          value: copy((value as Record<string, unknown>)[key], seen),
          writable: true,
          enumerable: true,
          configurable: true,
        };
        Object.defineProperty(out, key, slot);
      }
    return out;
  };
  const emptyLike = (value: object): object => {
    if (Array.isArray(value)) return new Array(value.length);
    if (value instanceof Map) return new Map();
    if (value instanceof Set) return new Set();
    if (value instanceof Error)
      return Object.assign(new Error(value.message), { name: value.name, stack: value.stack });
    return {};
  };
  return value => copy(value, new Map());
}
