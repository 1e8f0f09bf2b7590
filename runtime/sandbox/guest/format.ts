import type { Inspect } from './inspect.ts';

/** One text of several values, with `%s` and its like, as `console.log` and `util.format` make it. */
export type Format = (...args: unknown[]) => string;

/** Builds it. */
export function makeFormat(inspect: Inspect): Format {
  return (...args) => {
    const [first, ...rest] = args;
    if (args.length === 1 && typeof first === 'string') return first;
    if (typeof first !== 'string')
      return args.map(arg => (typeof arg === 'string' ? arg : inspect(arg))).join(' ');
    const head = first.replace(/%[sdifjoOc%]/g, spec => {
      if (spec === '%%') return '%';
      if (rest.length === 0) return spec;
      const arg = rest.shift();
      if (spec === '%c') return '';
      if (spec === '%s') return typeof arg === 'string' ? arg : inspect(arg);
      if (spec === '%d') return String(Number(arg));
      if (spec === '%i') return String(Number.parseInt(String(arg), 10));
      if (spec === '%f') return String(Number.parseFloat(String(arg)));
      return spec === '%j' ? JSON.stringify(arg) : inspect(arg);
    });
    return [head, ...rest.map(arg => (typeof arg === 'string' ? arg : inspect(arg)))].join(' ');
  };
}
