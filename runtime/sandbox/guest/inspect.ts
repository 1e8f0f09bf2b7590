/** Text of any value, as `console.log` and `util.inspect` print it. */
export type Inspect = (value: unknown) => string;

/** Builds it. Never throws and never prints more than a bounded amount. */
export function makeInspect(): Inspect {
  const MAX_ITEMS = 100;
  const MAX_DEPTH = 4;
  const quote = (text: string): string =>
    text.includes("'") ? JSON.stringify(text) : `'${text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}'`;

  const scalar = (value: unknown): string | undefined => {
    if (typeof value === 'string')
      return quote(value.length > 10_000 ? `${value.slice(0, 10_000)}...` : value);
    if (typeof value === 'bigint') return `${value}n`;
    if (typeof value === 'function') return `[Function: ${String(value.name) || '(anonymous)'}]`;
    if (typeof value !== 'object' || value === null) return Object.is(value, -0) ? '-0' : String(value);
    if (value instanceof Error) return String(value.stack ?? value);
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
    if (value instanceof RegExp) return String(value);
    if (value instanceof Promise) return 'Promise {}';
    return undefined;
  };

  const list = (open: string, items: string[], close: string, more: number): string => {
    if (more > 0) items.push(`... ${more} more`);
    return items.length === 0 ? open + close : `${open} ${items.join(', ')} ${close}`;
  };

  const show = (value: unknown, above: unknown[]): string => {
    const plain = scalar(value);
    if (plain !== undefined) return plain;
    const object = value as object;
    if (above.includes(object)) return '[Circular *1]';
    const next = [...above, object];
    const deep = above.length > MAX_DEPTH;
    if (Array.isArray(object) || ArrayBuffer.isView(object)) {
      const items = Array.from(object as ArrayLike<unknown>).slice(0, MAX_ITEMS);
      if (deep) return '[Array]';
      return list(
        '[',
        items.map(item => show(item, next)),
        ']',
        (object as unknown[]).length - items.length,
      );
    }
    if (deep) return '[Object]';
    if (object instanceof Map)
      return list(
        `Map(${object.size}) {`,
        [...object].slice(0, MAX_ITEMS).map(([k, v]) => `${show(k, next)} => ${show(v, next)}`),
        '}',
        object.size - MAX_ITEMS,
      );
    if (object instanceof Set)
      return list(
        `Set(${object.size}) {`,
        [...object].slice(0, MAX_ITEMS).map(v => show(v, next)),
        '}',
        object.size - MAX_ITEMS,
      );
    return record(object, next);
  };

  const record = (object: object, above: unknown[]): string => {
    const keys = Object.keys(object);
    const items = keys.slice(0, MAX_ITEMS).map(key => {
      const name = /^[A-Za-z_$][\w$]*$/.test(key) ? key : quote(key);
      const slot = Object.getOwnPropertyDescriptor(object, key);
      // A getter is named, never called: printing must not run the script's code.
      return `${name}: ${slot && 'value' in slot ? show(slot.value, above) : '[Getter]'}`;
    });
    const proto: unknown = Object.getPrototypeOf(object);
    const kind =
      proto === null ? '[Object: null prototype] ' : proto === Object.prototype ? '' : `${nameOf(proto)} `;
    return list(`${kind}{`, items, '}', keys.length - items.length);
  };
  const nameOf = (proto: unknown): string => {
    const slot = Object.getOwnPropertyDescriptor(proto as object, 'constructor');
    return typeof slot?.value === 'function' ? String(slot.value.name) : 'Object';
  };

  return value => {
    try {
      return show(value, []);
    } catch {
      return '[value that cannot be printed]';
    }
  };
}
