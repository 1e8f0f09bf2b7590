import { invalidField } from '../../contract/errors.ts';

/**
 * The keys behind a caller's `cursor`, which is the last key of the page before; all without one. `filter` is what the keys were
 * listed by. Throws INVALID_INPUT at `/cursor` for what can be no key of the list.
 */
export function keysBehind(keys: readonly string[], filter: string, cursor: string | undefined): string[] {
  if (cursor === undefined) return [...keys];
  if (!covers(filter, cursor))
    throw invalidField('/cursor', 'must be the cursor that a call before has answered');
  return keys.filter(key => key > cursor);
}

/** Whether a key is one of a filter's: `*` stands for one token, `>` at the end for one or more. */
export function covers(filter: string, key: string): boolean {
  const [wanted, tokens] = [filter.split('.'), key.split('.')];
  const isOpen = wanted.at(-1) === '>';
  const fixed = isOpen ? wanted.slice(0, -1) : wanted;
  return (
    (isOpen ? tokens.length > fixed.length : tokens.length === fixed.length) &&
    fixed.every((token, at) => token === '*' || token === tokens[at])
  );
}
