/** Who a visitor was when: the events that named the visitor, in the order in which they happened. */

import { hash } from 'node:crypto';
import { fieldsOf, isListOf, isText, isTime } from '../event.ts';
import type { NodeValue } from './identity.ts';
import { addUp, contradict, covers, isNodeValue } from './identity.ts';

/** An event that named the visitor. */
export interface Login {
  /** When it happened, in milliseconds since 1970. */
  at: number;
  /** Its token. */
  by: string;
  identity: NodeValue[];
}

/** Logins in a row that do not contradict each other: one user. */
export interface Stay {
  /** The first of them. */
  at: number;
  from: string;
  identity: NodeValue[];
  /** The last that added something. */
  by: string;
  /** Some of them wrote the same value in different letters. */
  isMixed: boolean;
}

/** More say nothing more of who was here when, but of very old ones. */
const MAX_LOGINS = 32;
/** Up to here all are kept: one that comes late may part any two of them. */
const MAX_ALIKE = 16;
/** Ids are seldom longer than 50; JSON may take six bytes for each, and a mapping is to fit into a message. */
const MAX_CHARACTERS = 40_000;

/** Later by event time; at the same time by the primary key, so that the order of arrival never decides. */
export function compareTimes(a: { at: number; by: string }, b: { at: number; by: string }): number {
  return a.at - b.at || (a.by < b.by ? -1 : a.by > b.by ? 1 : 0);
}

/** With more logins in their places, made shorter once for all; the same list where they are known. One that is sent again with other words replaces itself. */
export function withLogins(logins: readonly Login[], more: readonly Login[]): readonly Login[] {
  const byToken = new Map(logins.map(login => [login.by, login]));
  let isNew = false;
  for (const login of more) {
    const known = byToken.get(login.by);
    if (known && known.at === login.at && isSame(known.identity, login.identity)) continue;
    byToken.set(login.by, login);
    isNew = true;
  }
  if (!isNew) return logins;
  const next = bounded(thinned([...byToken.values()].sort(compareTimes)));
  return next.length === logins.length && next.every((one, index) => one === logins[index]) ? logins : next;
}

/** The users of a visitor's device one after the other; the same objects for the same list. */
export function staysOf(logins: readonly Login[]): readonly Stay[] {
  let stays = known.get(logins);
  if (!stays) {
    stays = toStays(logins);
    known.set(logins, stays);
  }
  return stays;
}

const known = new WeakMap<readonly Login[], readonly Stay[]>();

function toStays(logins: readonly Login[]): Stay[] {
  const stays: Stay[] = [];
  let before: NodeValue[] | undefined;
  for (const { at, by, identity } of logins) {
    // Most logins of a visitor say the same.
    if (before && isSame(before, identity)) continue;
    before = identity;
    const last = stays.at(-1);
    if (!last || contradict(last.identity, identity))
      stays.push({ at, from: by, identity: [...identity], by, isMixed: false });
    else {
      last.isMixed ||= isMixed(last.identity, identity);
      if (covers(last.identity, identity)) continue;
      // The first to write a value writes it for all.
      const known = new Set(last.identity.map(({ node }) => node));
      last.identity = [...last.identity, ...identity.filter(({ node }) => !known.has(node))];
      last.by = by;
    }
  }
  return stays;
}

/** A token in few characters, for long lists of them. */
export function shortToken(token: string): string {
  return hash('sha256', token, 'base64').slice(0, 10);
}

/** Of many logins in a row that say the same the first and the last tell nearly all; the oldest in between go first. */
function thinned(logins: Login[]): Login[] {
  let isTooMany = logins.length - MAX_ALIKE;
  return logins.filter((login, index) => {
    const before = logins[index - 1];
    const after = logins[index + 1];
    if (isTooMany <= 0 || !before || !after) return true;
    const isAlike = isSame(before.identity, login.identity) && isSame(login.identity, after.identity);
    if (isAlike) isTooMany -= 1;
    return !isAlike;
  });
}

function bounded(logins: Login[]): Login[] {
  while (logins.length > MAX_LOGINS || isLong(logins)) {
    const [first, second, ...rest] = logins as [Login, Login];
    const identity = addUp(first.identity, second.identity);
    logins = [{ ...second, identity }, ...rest];
  }
  return logins;
}

/** Whether what they say is too much to be kept of all of them. */
function isLong(said: readonly Pick<Login, 'identity'>[]): boolean {
  if (said.length < 2) return false;
  let characters = 0;
  for (const { identity } of said) for (const { value } of identity) characters += String(value).length;
  return characters > MAX_CHARACTERS;
}

function isMixed(known: readonly NodeValue[], other: readonly NodeValue[]): boolean {
  return other.some(({ node, value }) =>
    known.some(one => one.node === node && String(one.value) !== String(value)),
  );
}

/** Whether two say just the same. */
function isSame(a: readonly NodeValue[], b: readonly NodeValue[]): boolean {
  return (
    a.length === b.length &&
    b.every(({ node, value }) => a.some(one => one.node === node && one.value === value))
  );
}

/** Whether a stored value says who somebody is, and by which event. */
export function isNamed(value: unknown): boolean {
  const { identity, by } = fieldsOf(value);
  return isListOf(identity, isNodeValue) && isText(by);
}

/** Whether a stored value is a login. */
export function isLogin(value: unknown): value is Login {
  return isNamed(value) && isTime(fieldsOf(value).at);
}

/** Logins that were undone: sent again, they say nothing; nor does what says the same and happened between two of them. */
export interface Undone {
  /** In few characters each. */
  undone?: readonly string[];
  /**
   * The last of them as they were: who asks to be forgotten was known by them. Of two in a row that said the same, from the one to
   * the other: what is in between was not kept.
   */
  undoneSpans?: readonly Span[];
}

interface Span {
  from: Pick<Login, 'at' | 'by'>;
  to: Pick<Login, 'at' | 'by'>;
  identity: NodeValue[];
}

/** More were undone too long ago to be sent again. */
const MAX_UNDONE = 256;
const MAX_SPANS = 64;

/** All that named a visitor until now, as undone; `before`: what was undone already, `seen`: logins that do not say when they happened. */
export function undoLogins(
  logins: readonly Login[],
  { seen = [], ...before }: Undone & { seen?: readonly string[] | undefined },
): Undone {
  const tokens = logins.map(({ by }) => shortToken(by));
  const undone = [...new Set([...(before.undone ?? []), ...seen, ...tokens])];
  let spans = [...(before.undoneSpans ?? []), ...spansOf(logins)].slice(-MAX_SPANS);
  while (isLong(spans)) spans = spans.slice(1);
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
  return logins.map((to, index) => {
    const before = logins[index - 1];
    const from = before && isSame(before.identity, to.identity) ? before : to;
    return { from: pick(from), to: pick(to), identity: to.identity };
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
