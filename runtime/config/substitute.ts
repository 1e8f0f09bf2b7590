import type { Problems } from './problems.ts';

/** Answers what a variable holds, undefined when it is not set or empty. */
export type Lookup = (name: string) => string | undefined;

const REFERENCE = /\$(\$?)\{([^}]*)\}/g;
const MALFORMED = `\${...} must hold the name of a variable, as in \${NAME} or \${NAME:-default}; write $\${ for the text itself`;
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * Puts variables in place of `${NAME}` and `${NAME:-default}`, in every text of a parsed file: after parsing, so that no
 * value can change the file's structure. `$${` stands for `${` itself.
 */
export function substitute(node: unknown, lookup: Lookup, problems: Problems, key = ''): unknown {
  if (typeof node === 'string') return inText(node, lookup, what => problems.add(`${key}: ${what}`));
  if (Array.isArray(node)) {
    const items = node.map((item, index) => substitute(item, lookup, problems, `${key}[${index}]`));
    return items.includes(undefined) ? undefined : items;
  }
  if (typeof node !== 'object' || node === null) return node;
  const entries = Object.entries(node).map(([name, value]) => {
    const at = key ? `${key}.${name}` : name;
    return [name, substitute(value, lookup, problems, at)];
  });
  return Object.fromEntries(entries);
}

/**
 * Undefined, as no file has it, where a variable is missing: the key, or the list around it, then counts as not given, and nothing
 * more is said about it.
 */
function inText(text: string, lookup: Lookup, complain: (what: string) => void): string | undefined {
  let complete = true;
  const fault = (what: string): string => {
    complete = false;
    complain(what);
    return '';
  };
  const result = text.replace(REFERENCE, (all, escaped: string, inside: string) => {
    if (escaped) return all.slice(1);
    const [name = '', ...fallback] = inside.split(':-');
    if (!NAME.test(name)) return fault(MALFORMED);
    const value = lookup(name) ?? (fallback.length > 0 ? fallback.join(':-') : undefined);
    return value ?? fault(`\${${name}} is not set; set it, or give a default: \${${name}:-default}`);
  });
  return complete ? result : undefined;
}
