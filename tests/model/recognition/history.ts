/** Generated histories: what visitors did, and in which calls it is told. */
import { exactNumber } from '../../../contract/exact-number.ts';
import type { Happened, Spelling } from './oracle.ts';

/** A whole number from 0 to below the argument. */
export type Random = (below: number) => number;

/** An event as it is sent, with what the oracle is to know of it. */
export interface Sent extends Happened {
  /** Events that do not say when they happened, happened when they first arrived. */
  isTimed: boolean;
  json: Record<string, unknown>;
  /** Where its row has the id. */
  idColumn: 'user_id' | 'ctx_user_id';
}

/** One step of a run: calls that are made at once, or an undo, with calls at the same time that name nobody. */
export interface Step {
  calls: Sent[][];
  /** The visitor. */
  undo?: string;
}

/** One run. */
export interface History {
  events: Sent[];
  steps: Step[];
  /** What each call says besides. */
  more: { conflict: 'fill' | 'skip' | 'overwrite'; identification_nodes: string[]; normalize?: string[] };
  /** How ids and emails are compared. */
  spelling: Spelling;
}

/** Of any of these kinds, so that a column of the first does not take the others. */
const VALUES = [
  1,
  2.5,
  'text',
  true,
  '2026-01-01T00:00:00Z',
  [1, 'x'],
  2 ** 53,
  exactNumber('9007199254740993'),
  exactNumber('12345678901234567891'),
  exactNumber('1e17'),
  123456789012345680000,
];
const EMPTY = [undefined, '', 'null', 0, 'NaN', '[object Object]', ' ', '--', '…', '“null”', true, [1], {}];
/** Ids of two users as whole numbers, of which JavaScript does not tell all apart. */
const NUMBERS = [
  ['7', '8'],
  ['9007199254740992', '9007199254740993'],
  ['1234567890123456800', '1234567890123456801'],
  ['-9223372036854775808', '9223372036854775807'],
];
const PLAIN = ['/user/id', '/user/email'];
const ALTERNATIVES = ['/ctx/user/id||/user/id', '/user/email'];

/** Mulberry32: small, and the same everywhere. */
export function randomOf(seed: number): Random {
  let state = seed >>> 0;
  return below => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/**
 * Any run. `prefix` begins the keys of its events; `mayBeAtOnce`: some have calls that are made at the same time; `isRenamed`: the
 * users have one email, which is the id of the first; `isNumbered`: their ids are whole numbers, some of them sent as text.
 */
export function historyOf(
  random: Random,
  {
    prefix,
    mayBeAtOnce,
    hasValues,
    isRenamed = false,
    isNumbered = false,
    firstKey,
  }: {
    prefix: string;
    mayBeAtOnce: boolean;
    hasValues: boolean;
    isRenamed?: boolean;
    isNumbered?: boolean;
    /** Keys of events are whole numbers, the next 64,000 of this one. */
    firstKey?: bigint | undefined;
  },
): History {
  const conflict = (['fill', 'fill', 'fill', 'fill', 'overwrite', 'skip'] as const)[random(6)] ?? 'fill';
  const isOther = random(3) === 0;
  // Only `fill` gives the same rows for partial identities and two users in whatever order they come.
  const kinds = conflict === 'fill' ? 5 : 2;
  const users = conflict === 'skip' ? 1 : 2;
  const isAtOnce = random(3) === 0 && mayBeAtOnce;
  const isLoose = conflict === 'fill' && random(4) === 0;
  const isExact = conflict === 'fill' && random(4) === 0;
  const idNode = isOther ? ALTERNATIVES[0] : PLAIN[0];
  const normalize = [...(isLoose ? [`${idNode}=lower`] : []), ...(isExact ? ['/user/email=exact'] : [])];
  const numbers = isNumbered ? NUMBERS[random(NUMBERS.length)] : undefined;
  const events = Array.from({ length: 2 + random(9) }, (_, at) => {
    const isTimed = isAtOnce || random(5) > 0;
    const kind = [0, 1, 2, 3, 4][random(kinds) + (kinds === 2 ? 2 : 0)] ?? 4;
    const isSpelled = conflict === 'fill' && random(8) === 0;
    const drawn = random(1_000);
    const key =
      firstKey !== undefined
        ? String(firstKey + BigInt(at) + 64n * BigInt(drawn))
        : `${prefix}-${drawn}-${at}`;
    const event = eventOf(random, { key, kind, users, isOther, isTimed, isSpelled, isRenamed, numbers });
    if (firstKey !== undefined) event.json.event_id = exactNumber(key);
    if (hasValues) event.json.n = VALUES[random(VALUES.length)];
    return event;
  });
  return {
    events,
    steps: stepsOf(random, events, { isAtOnce, isUndone: random(3) === 0 }),
    more: {
      conflict,
      identification_nodes: isOther ? ALTERNATIVES : PLAIN,
      ...(normalize.length > 0 && { normalize }),
    },
    spelling: { id: isLoose ? 'lower' : 'exact', email: isExact ? 'exact' : 'lower' },
  };
}

interface EventOptions {
  key: string;
  /** 0: an id, 1: an email, 2: both, else neither. */
  kind: number;
  users: number;
  isOther: boolean;
  isTimed: boolean;
  /** Its id and email are in other letters. */
  isSpelled: boolean;
  isRenamed: boolean;
  /** By user. */
  numbers: readonly string[] | undefined;
}

/** One event of two visitors; some times are equal. */
function eventOf(
  random: Random,
  { key, kind, users, isOther, isTimed, isSpelled, isRenamed, numbers }: EventOptions,
): Sent {
  const visitor = `v${random(2)}`;
  const user = random(users);
  const time = random(8);
  const [letter, host] = isSpelled ? [' U', '@X'] : ['u', '@x'];
  const address = `${letter}${isRenamed ? 0 : user}${host}`;
  const name = numbers?.[user] ?? (isRenamed && user === 0 ? address : `${letter}${user}`);
  const id = kind === 0 || kind === 2 ? name : undefined;
  const email = kind === 1 || kind === 2 ? address : undefined;
  const empty = () => EMPTY[random(EMPTY.length)];
  const isElsewhere = isOther && random(2) === 0;
  const own = id === undefined ? empty() : numbers && !isSpelled ? exactNumber(id) : id;
  return {
    key,
    visitor,
    time,
    isTimed,
    ...(id !== undefined && { id }),
    ...(email !== undefined && { email }),
    idColumn: isElsewhere ? 'ctx_user_id' : 'user_id',
    json: {
      event_id: key,
      ...(isTimed && { timestamp: new Date(Date.UTC(2026, 0, 1) + time * 1_000).toISOString() }),
      ...(isElsewhere && { ctx: { user: { id: own } } }),
      user: { anonymous_id: visitor, ...(!isElsewhere && { id: own }), email: email ?? empty() },
    },
  };
}

/** In any order, in calls of any size; some of them again, or then refused; sometimes at once, or with an undo in between. */
function stepsOf(
  random: Random,
  events: readonly Sent[],
  { isAtOnce, isUndone }: { isAtOnce: boolean; isUndone: boolean },
): Step[] {
  const again = events.filter(() => random(3) === 0);
  // Sent again after all others, or anywhere in between, in the same call too.
  const isMixed = random(2) === 0;
  const first = shuffled(random, isMixed ? [...events, ...again] : events).flatMap(event =>
    random(8) === 0 ? [event, refused(event)] : [event],
  );
  const calls = callsOf(random, isMixed ? first : [...first, ...again]);
  const steps: Step[] = [];
  while (calls.length > 0) steps.push({ calls: calls.splice(0, isAtOnce ? 1 + random(3) : 1) });
  if (!isUndone) return steps;
  const undo = `v${random(2)}`;
  const nameless = steps.filter(({ calls }) =>
    calls.flat().every(({ id, email }) => (id ?? email) === undefined),
  );
  const meanwhile = random(2) === 0 ? nameless[random(nameless.length)] : undefined;
  if (meanwhile) meanwhile.undo = undo;
  else steps.splice(random(steps.length + 1), 0, { undo, calls: [] });
  return steps;
}

/** A version of an event that no warehouse stores. */
function refused(event: Sent): Sent {
  return { ...event, json: { ...event.json, refused: 1, __sql_type_refused: '?' } };
}

/** Events in calls of one to three. */
export function callsOf(random: Random, events: readonly Sent[]): Sent[][] {
  const rest = [...events];
  const calls: Sent[][] = [];
  while (rest.length > 0) calls.push(rest.splice(0, 1 + random(3)));
  return calls;
}

/** Every event twice more, in calls and an order of their own. */
export function againOf(random: Random, events: readonly Sent[]): Sent[][] {
  return callsOf(random, shuffled(random, [...events, ...events]));
}

/** In any order. */
export function shuffled<T>(random: Random, all: readonly T[]): T[] {
  return all
    .map(one => ({ one, by: random(1e6) }))
    .sort((a, b) => a.by - b.by)
    .map(({ one }) => one);
}

/** Whether it says the same as what was undone just before it and just after. */
function isBetween(undone: readonly Sent[], login: Sent): boolean {
  const when = ({ isTimed, time, key }: Sent) => (isTimed ? `${time} ${key}` : undefined);
  const at = when(login);
  if (at === undefined) return false;
  const sorted = undone.toSorted((a, b) => ((when(a) ?? '~') < (when(b) ?? '~') ? -1 : 1));
  const next = sorted.findIndex(one => (when(one) ?? '~') > at);
  const isAlike = (one?: Sent) => one !== undefined && one.id === login.id && one.email === login.email;
  return isAlike(sorted[next - 1]) && isAlike(sorted[next]);
}

/** What the oracle is to know: which logins were undone, and when those events happened that do not say it. */
export function happenedIn({ events, steps }: History): Happened[] {
  const arrived = new Map<string, number>();
  const undone = new Set<string>();
  for (const step of steps) {
    if (step.undo !== undefined) {
      const logins = events.filter(
        ({ visitor, id, email }) => visitor === step.undo && (id ?? email) !== undefined,
      );
      const known = logins.filter(({ key }) => arrived.has(key));
      for (const login of logins) if (known.includes(login) || isBetween(known, login)) undone.add(login.key);
    }
    for (const { key } of step.calls.flat()) if (!arrived.has(key)) arrived.set(key, arrived.size);
  }
  return events.map(event => ({
    ...event,
    time: event.isTimed ? event.time : 1_000 + (arrived.get(event.key) ?? 0),
    undone: undone.has(event.key),
  }));
}
