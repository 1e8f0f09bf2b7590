import type { NodeValue } from '../event/classify.ts';
import { isNodeValue } from '../event/classify.ts';
import { fieldsOf, isListOf, isText, isTime } from '../state/shapes.ts';
import type { Login } from './logins.ts';
import { compareTimes, isSame, shortToken } from './logins.ts';

/** Logins that were undone: sent again, they say nothing; nor does what says the same and happened between two of them. */
export interface Undone {
  /** In few characters each. */
  undone?: readonly string[];
  /** Of logins in a row that said the same: the first and the last that were known, what is in between was not kept. */
  undoneSpans?: readonly Span[];
}

interface Span {
  from: Pick<Login, 'at' | 'by'>;
  to: Pick<Login, 'at' | 'by'>;
  identity: NodeValue[];
}

/** More were undone too long ago to be sent again. */
const MAX_UNDONE = 256;
const MAX_SPANS = 32;

/** All that named a visitor until now, as undone; `before`: what was undone already, `seen`: logins that do not say when they happened. */
export function undoLogins(
  logins: readonly Login[],
  { seen = [], ...before }: Undone & { seen?: readonly string[] | undefined },
): Undone {
  const tokens = logins.map(({ by }) => shortToken(by));
  const undone = [...new Set([...(before.undone ?? []), ...seen, ...tokens])];
  const spans = [...(before.undoneSpans ?? []), ...spansOf(logins)].slice(-MAX_SPANS);
  return { undone: undone.slice(-MAX_UNDONE), ...(spans.length > 0 && { undoneSpans: spans }) };
}

/** Whether a login was undone. */
export function isUndone({ undone, undoneSpans }: Undone, login: Login): boolean {
  if (undone?.includes(shortToken(login.by))) return true;
  return (
    undoneSpans?.some(
      ({ from, to, identity }) =>
        compareTimes(from, login) <= 0 && compareTimes(login, to) <= 0 && isSame(identity, login.identity),
    ) ?? false
  );
}

function spansOf(logins: readonly Login[]): Span[] {
  return logins.flatMap((to, index) => {
    const from = logins[index - 1];
    if (!from || !isSame(from.identity, to.identity)) return [];
    return [{ from: pick(from), to: pick(to), identity: to.identity }];
  });
}

function pick({ at, by }: Login): Pick<Login, 'at' | 'by'> {
  return { at, by };
}

/** Whether a stored value is a span. */
export function isSpan(value: unknown): boolean {
  const { from, to, identity } = fieldsOf(value);
  const ends = [from, to].map(fieldsOf).every(({ at, by }) => isTime(at) && isText(by));
  return ends && isListOf(identity, isNodeValue);
}
