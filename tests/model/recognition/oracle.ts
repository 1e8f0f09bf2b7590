/**
 * Whose an event is, as docs/recognition.md says it: rows as a function of the set of events. It shares nothing with the
 * product, so that both would have to be wrong in the same way.
 */

/** An event of a visitor; `id` and `email` are what it says of its user. */
export interface Happened {
  key: string;
  visitor: string;
  time: number;
  id?: string;
  email?: string;
  /** It named its user, and that was undone. */
  undone?: boolean;
}

/** How texts are compared: letter by letter, or whatever their case and the spaces around them. */
export interface Spelling {
  id: 'exact' | 'lower';
  email: 'exact' | 'lower';
}

/** What the columns of an identity hold. */
export interface Who {
  id?: string;
  email?: string;
}

/** Rows by key. `last`: as with `overwrite`, anonymous events are of who logged in last. */
export function rowsOf(
  events: readonly Happened[],
  { last = false, spelling = USUAL }: { last?: boolean; spelling?: Spelling } = {},
): Record<string, Who> {
  const rows: Record<string, Who> = {};
  for (const event of events) {
    const logins = events.filter(one => one.visitor === event.visitor && isLogin(one) && !one.undone);
    const stays = staysOf(logins.sort(byTime), spelling);
    const stay = last && !isLogin(event) ? stays.at(-1) : stayAt(stays, event);
    rows[event.key] = { ...(event.undone ? {} : stay?.who), ...said(event) };
  }
  return rows;
}

const USUAL: Spelling = { id: 'exact', email: 'lower' };

interface Stay {
  begins: Happened;
  who: Who;
}

/** Users one after the other. Of a name in several spellings the first counts. */
function staysOf(logins: readonly Happened[], spelling: Spelling): Stay[] {
  const stays: Stay[] = [];
  for (const login of logins) {
    const last = stays.at(-1);
    if (last && agree(last.who, said(login), spelling)) last.who = { ...said(login), ...last.who };
    else stays.push({ begins: login, who: said(login) });
  }
  return stays;
}

/** The one of the last login until then, else the first. */
function stayAt(stays: readonly Stay[], event: Happened): Stay | undefined {
  return stays.findLast(({ begins }) => byTime(begins, event) <= 0) ?? stays[0];
}

function agree(one: Who, other: Who, { id, email }: Spelling): boolean {
  const differs = (a?: string, b?: string) => a !== undefined && b !== undefined && a !== b;
  return (
    !differs(plain(one.id, id), plain(other.id, id)) &&
    !differs(plain(one.email, email), plain(other.email, email))
  );
}

function plain(text: string | undefined, as: 'exact' | 'lower'): string | undefined {
  return as === 'exact' ? text : text?.trim().toLowerCase();
}

function byTime(a: Happened, b: Happened): number {
  return a.time - b.time || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0);
}

function isLogin({ id, email }: Happened): boolean {
  return id !== undefined || email !== undefined;
}

function said({ id, email }: Happened): Who {
  return { ...(id !== undefined && { id }), ...(email !== undefined && { email }) };
}
