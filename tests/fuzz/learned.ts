import type { Random } from '../support/random.ts';

/** What calls answered, to be given again: revisions, cursors, receipts and the like. */
export interface Learned {
  /** Keeps what an answer says, together with the input that it answers. */
  keep(answer: unknown, input: unknown): void;
  /** One value that a property of this name had, whatever else went with it; undefined: none is known. */
  value(name: string): unknown;
  /** What went together, for those of the names that it has; undefined: nothing is known of a function that takes these. */
  together(names: readonly string[]): Record<string, unknown> | undefined;
}

type Fields = Record<string, unknown>;

const MAX_VALUES = 40;
const MAX_RECORDS = 60;
const OBJECTS_AN_ANSWER = 20;
/** Properties of answers, and what inputs call them. */
const CALLED: Record<string, readonly string[]> = {
  cursor: ['cursor'],
  revision: ['revision', 'expected_revision', 'start_seq', 'since_revision'],
  next_seq: ['start_seq'],
  next_id: ['after_id'],
  fence: ['fence'],
  receipt: ['receipt'],
  id: ['id'],
  version: ['version', 'script_version', 'release', 'script_release', 'before', 'after'],
  anonymous_id_hash: ['anonymous_id_hash'],
};
/** Properties that make what went with them worth remembering, by the one of them that is the rarest. */
const MARKS = ['cursor', 'receipt', 'fence', 'anonymous_id_hash', 'version', 'next_seq', 'revision'];

/** Remembers the last of each kind. */
export function createLearned(random: Random): Learned {
  const values = new Map<string, unknown[]>();
  const records = new Map<string, Fields[]>();
  return { keep, value, together };

  function keep(answer: unknown, input: unknown): void {
    const asked = isFields(input) ? input : {};
    for (const found of objectsIn(answer)) {
      const fields = named(found);
      for (const [name, one] of Object.entries(fields)) add(values, name, one, MAX_VALUES);
      const mark = MARKS.find(name => Object.hasOwn(found, name));
      if (mark) add(records, mark, { ...asked, ...plain(found), ...fields }, MAX_RECORDS);
    }
  }

  function value(name: string): unknown {
    const known = values.get(name);
    return known && random.pick(known);
  }

  function together(names: readonly string[]): Fields | undefined {
    const marks = MARKS.filter(mark => records.has(mark) && names.some(name => CALLED[mark]?.includes(name)));
    if (marks.length === 0) return undefined;
    const fields = random.pick(records.get(random.pick(marks)) ?? []);
    return Object.fromEntries(
      names.filter(name => Object.hasOwn(fields, name)).map(name => [name, fields[name]]),
    );
  }
}

/** The object, and those in it. */
function objectsIn(answer: unknown): Fields[] {
  const found: Fields[] = [];
  const look = (value: unknown) => {
    if (typeof value !== 'object' || value === null || found.length >= OBJECTS_AN_ANSWER) return;
    if (isFields(value)) found.push(value);
    for (const one of Object.values(value).slice(0, OBJECTS_AN_ANSWER)) look(one);
  };
  look(answer);
  return found;
}

/** What an answer says, under the names that inputs have for it. */
function named(found: Fields): Fields {
  const taken = Object.entries(found).flatMap(([name, value]) =>
    (Object.hasOwn(CALLED, name) ? (CALLED[name] ?? []) : []).map(called => [called, value]),
  );
  return Object.fromEntries(taken);
}

/** Without what holds more. */
function plain(found: Fields): Fields {
  return Object.fromEntries(Object.entries(found).filter(([, value]) => typeof value !== 'object'));
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function add<T>(to: Map<string, T[]>, name: string, one: T, most: number): void {
  to.set(name, [one, ...(to.get(name) ?? [])].slice(0, most));
}
