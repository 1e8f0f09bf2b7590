import { parseExactNumbers } from '../../../../contract/exact-number.ts';
import { isObject } from '../../lib/is-object.ts';
import { pathTo } from '../../router/location.ts';

/** Longer addresses are cut off by what they are pasted into. */
const LONGEST = 4_000;

/** The address of a function's page with its input, where that is small enough; the server never sees a fragment. */
export function functionLink(name: string, input?: unknown): string {
  const path = pathTo('functions', name);
  if (!isObject(input) || Object.keys(input).length === 0) return path;
  const fragment = `#input=${encodeURIComponent(JSON.stringify(input))}`;
  return fragment.length > LONGEST ? path : path + fragment;
}

/** The input in a fragment such as {@link functionLink} makes; undefined where there is none. */
export function inputOfFragment(hash: string): Record<string, unknown> | undefined {
  const [, text] = /^#input=(.*)$/s.exec(hash) ?? [];
  if (text === undefined) return undefined;
  try {
    const input: unknown = parseExactNumbers(decodeURIComponent(text));
    return isObject(input) ? input : undefined;
  } catch {
    return undefined;
  }
}
