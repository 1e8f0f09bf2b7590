import type { Finder } from './find-forms.ts';
import { createFinder } from './find-forms.ts';
import { formsOf } from './secret-forms.ts';

/** Takes secrets out of whatever is told. */
export interface Mask {
  /** A message, which may have been cut in the middle of a secret. */
  text(text: string): string;
  /** JSON text: stays JSON. */
  json(text: string): string;
  /** Any JSON value; the same where it has no secret. */
  value<T>(value: T): T;
}

const MASKED = '***';
const MAX_DEPTH = 1_000;
/** So much of the beginning of a form is taken for it, however it goes on: what follows costs no second look. */
const ENOUGH = 128;
/** In a message less is enough: nobody goes on with its text. */
const ENOUGH_TOLD = 24;

/** Of secrets as they are, and in the forms that they are sent in; see {@link formsOf}. Takes time for each character once. */
export function createMask(secrets: readonly string[]): Mask {
  const forms = new Set(secrets.flatMap(formsOf));
  // A string that has a form has it escaped in JSON.
  const inJson = new Set([...forms].flatMap(form => [form, JSON.stringify(form).slice(1, -1)]));
  const ofValues = createFinder(forms, { enough: ENOUGH, cut: false });
  const ofJson = createFinder(inJson, { enough: ENOUGH, cut: false });
  const ofMessages = createFinder(forms, { enough: ENOUGH_TOLD, cut: true });
  const mayHave = (json: string): boolean => ofJson(json, 0) !== undefined;

  return {
    text: text => replaced(text, ofMessages),
    value: value => (mayHave(JSON.stringify(value) ?? '') ? (walk(value, ofValues) as typeof value) : value),
    json: json => (mayHave(json) ? JSON.stringify(walk(JSON.parse(json), ofValues)) : json),
  };
}

function walk(value: unknown, find: Finder, depth = 0): unknown {
  if (typeof value === 'string') return replaced(value, find);
  if (typeof value === 'number' || typeof value === 'bigint') return find(String(value), 0) ? MASKED : value;
  if (typeof value !== 'object' || value === null) return value;
  if (depth > MAX_DEPTH) return MASKED;
  if (Array.isArray(value)) return value.map(item => walk(item, find, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [replaced(key, find), walk(item, find, depth + 1)]),
  );
}

function replaced(text: string, find: Finder): string {
  let kept = '';
  let from = 0;
  for (let found = find(text, 0); found; found = find(text, from)) {
    kept += text.slice(from, found.start) + MASKED;
    from = found.end;
  }
  return from === 0 ? text : kept + text.slice(from);
}
