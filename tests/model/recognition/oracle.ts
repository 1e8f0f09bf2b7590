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
}

/** What the columns of an identity hold. */
export interface Who {
  id?: string;
  email?: string;
}

/** Rows by key. */
export function rowsOf(events: readonly Happened[]): Record<string, Who> {
  const rows: Record<string, Who> = {};
  for (const event of events) {
    const logins = events.filter(one => one.visitor === event.visitor && isLogin(one)).sort(byTime);
    rows[event.key] = { ...whoAt(logins, event), ...said(event) };
  }
  return rows;
}

/** All that the stay knows in which the event happened: the one of the last login until then, else the first. */
function whoAt(logins: readonly Happened[], event: Happened): Who {
  const stays: { begins: Happened; who: Who }[] = [];
  for (const login of logins) {
    const last = stays.at(-1);
    if (last && agree(last.who, said(login))) last.who = { ...last.who, ...said(login) };
    else stays.push({ begins: login, who: said(login) });
  }
  const until = stays.filter(({ begins }) => byTime(begins, event) <= 0);
  return (until.at(-1) ?? stays[0])?.who ?? {};
}

function agree(one: Who, other: Who): boolean {
  const differs = (a?: string, b?: string) => a !== undefined && b !== undefined && a !== b;
  return !differs(one.id, other.id) && !differs(one.email, other.email);
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
