import { type KeyTerm, parseKeyQuery } from '../../../contract/key-query.ts';

/**
 * A search for keys as JavaScript over a change of Live, whose `$` has `key` and `value`. What asks for the age or the end of an
 * item has no meaning there and is left out. Undefined where the search is not understood, or nothing of it is left.
 */
export function searchExpression(search: string): string | undefined {
  try {
    const tests = parseKeyQuery(search).flatMap(term => testOf(term) ?? []);
    return tests.length === 0 ? undefined : tests.join(' && ');
  } catch {
    return undefined;
  }
}

function testOf(term: KeyTerm): string | undefined {
  switch (term.kind) {
    case 'part':
      return `$.key.toLowerCase().includes(${JSON.stringify(term.text.toLowerCase())})`;
    case 'glob':
      return `new RegExp(${JSON.stringify(globSource(term.text))}, 's').test($.key)`;
    case 'regex':
      return `new RegExp(${JSON.stringify(term.text)}, ${JSON.stringify(term.ignoreCase ? 'i' : '')}).test($.key)`;
    case 'value':
      return `String(typeof $.value === 'object' ? JSON.stringify($.value) : $.value).includes(${JSON.stringify(term.text)})`;
    case 'js':
      return `(${term.text})`;
    default:
      return undefined;
  }
}

function globSource(glob: string): string {
  const source = glob.replace(/[\\^$.|+()[\]{}]/g, '\\$&');
  return `^${source.replaceAll('*', '.*').replaceAll('?', '.')}$`;
}
