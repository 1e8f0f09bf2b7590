/** How a call recognizes users: its settings, how texts are compared, and what names nobody. */

import { NO_IDENTITY_VALUES, TIMESTAMP_NODE } from '../../contract/recognition-defaults.ts';
import type { AmendConflict } from '../core/destinations.ts';
import type { EventNode } from './event.ts';
import { parseNode } from './event.ts';

/** How one call recognizes users. Kept with what a call leaves to be finished, so it is plain JSON. */
export interface JobSettings {
  /** Undefined: nothing is written to a warehouse, recognized events are answered. */
  destination?: string | undefined;
  table: string;
  primaryKeyFields: string[];
  /** In the keys of events, see `keyTagOf`. */
  keyTag: string;
  anonymousIdNode: string;
  identificationNodes: string[];
  userAgentNode: string;
  /** When events happened. Missing in what a build before wrote down. */
  timestampNode?: string | undefined;
  /** How texts of nodes are compared, `<node>=<match>` each. Missing: as is usual. */
  normalize?: string[] | undefined;
  skipBots: boolean;
  noIdentityValues: string[];
  load: boolean;
  conflict: AmendConflict;
  lookbackMinutes: number;
  bucket: string;
  namespace: string;
}

/** What a call that says nothing else goes by: kvflow.yaml's `users_recognition`. */
export interface RecognitionDefaults {
  anonymousIdNode: string;
  identificationNodes: string[];
  noIdentityValues: string[];
  /** Where the user agent is. Default: `USER_AGENT_NODE`. */
  userAgentNode?: string | undefined;
  /** When events happened. Default: `TIMESTAMP_NODE`. */
  timestampNode?: string | undefined;
  /** How texts of nodes are compared, `<node>=<match>` each. Default: emails whatever their case, all else letter by letter. */
  normalize?: string[] | undefined;
  lookbackMinutes: number;
  /** Milliseconds after which a call that left its work unfinished is taken over. */
  reconcileAfterMs: number;
}

/** What kvflow does without a configuration. */
export const RECOGNITION_DEFAULTS: RecognitionDefaults = {
  anonymousIdNode: '/user/anonymous_id',
  identificationNodes: ['/user/id', '/user/email'],
  noIdentityValues: NO_IDENTITY_VALUES,
  lookbackMinutes: 10_080,
  reconcileAfterMs: 10_000,
};

/** Settings with their nodes read and their values looked up fast. */
export interface ReadSettings extends JobSettings {
  /** What of them is written down. */
  job: JobSettings;
  anonymousId: EventNode;
  identification: EventNode[];
  userAgent: EventNode;
  timestamp: EventNode;
  /** Other than is usual, by node. */
  matches: ReadonlyMap<string, Match>;
  noIdentity: ReadonlySet<string>;
  /** What names nobody, as a list for the warehouse: a column of an identity that holds it is as good as empty. */
  empty: readonly string[];
}

/** Reads the nodes once for all events of a call. */
export function readSettings(settings: JobSettings): ReadSettings {
  const noIdentity = new Set(settings.noIdentityValues.map(value => value.trim().toLowerCase()));
  return {
    ...settings,
    job: settings,
    anonymousId: parseNode(settings.anonymousIdNode),
    identification: settings.identificationNodes.map(parseNode),
    userAgent: parseNode(settings.userAgentNode),
    timestamp: parseNode(settings.timestampNode ?? TIMESTAMP_NODE),
    matches: readMatches(settings.normalize ?? []),
    noIdentity,
    empty: nobodyTexts(noIdentity),
  };
}

/** Nanoseconds that events and mappings are kept. */
export function windowOf({ lookbackMinutes }: Pick<ReadSettings, 'lookbackMinutes'>): number {
  return lookbackMinutes * 60_000_000_000;
}

/** How texts of a node are compared. What is stored stays as it was sent. */
export type Match =
  /** Letter by letter. */
  | 'exact'
  /** Without the spaces around them; a letter with an accent is one however it is put together (Unicode's NFC). */
  | 'trim'
  /** The same, and in whatever case. */
  | 'lower';

const EMAIL = /e?mail$/i;

/** Addresses are the same however their letters are written; of other ids nobody knows. */
export function usualMatch(node: string): Match {
  return EMAIL.test(node) ? 'lower' : 'exact';
}

/** What of the settings, `<node>=<match>` each, is not what is usual; by node. */
function readMatches(normalize: readonly string[]): ReadonlyMap<string, Match> {
  const matches = new Map<string, Match>();
  for (const one of normalize) {
    const at = one.lastIndexOf('=');
    const [node, match] = [one.slice(0, at), one.slice(at + 1)];
    if (isMatch(match) && match !== usualMatch(node)) matches.set(node, match);
  }
  return matches;
}

/** A text as it is compared. */
export function normalized(text: string, match: Match): string {
  if (match === 'exact') return text;
  const plain = text.normalize('NFC').trim();
  return match === 'trim' ? plain : plain.toLowerCase();
}

function isMatch(text: string): text is Match {
  return text === 'exact' || text === 'trim' || text === 'lower';
}

/** What is no id, whatever the settings say: what programs write where they have none. */
const NEVER = ['', 'nan', 'true', 'false', 'infinity', '-infinity'];
const never = new Set(NEVER);
/** `[object Object]`, and the same of any class. */
const PRINTED = /^\[object .*\]$/;
/**
 * A zero as programs print it: `0`, `-0`, `+0.00`, `0.0e+00`, `0x0`, a UUID of zeros. `0e462` may be an id of
 * hexadecimal digits. */
const ZEROS = /^[{(]?[+-]?(?:0x)?[.,]?0[0.,:-]*(?:e[+-]?0+)?[)}]?$/;
/** Quotes and brackets as people set them, as in `(null)`, `"null"`, `„null“`, `[[undefined]]`. All are one UTF-16 unit. */
const QUOTE = /[\p{Ps}\p{Pe}\p{Pi}\p{Pf}"'`´<>\\]/u;
const MAX_QUOTES = 8;
const PLAIN = /^[a-z1-9]/;
const LETTER = /\p{L}/u;
const LETTER_OR_DIGIT = /[\p{L}\p{N}]/u;
/** Characters that are not to be seen, such as a zero-width space or U+0000; spaces and line ends stay. */
const UNSEEN = /\p{Cf}|(?!\s)\p{Cc}/gu;
const SEEN = /^[ -~]*$/;
const DIGIT = /\p{Nd}/u;
const DIGITS = /\p{Nd}/gu;

/** What {@link isNobody} says of, as a list for a warehouse: `others`, and of what never is an id whatever is commonly stored. */
function nobodyTexts(others: ReadonlySet<string>): string[] {
  return ['0', '00000000-0000-0000-0000-000000000000', '[object object]', ...NEVER, ...others];
}

/**
 * Whether a text or number names nobody; `others` are what the settings say does not, trimmed and in lower case. In quotes or
 * brackets it is the same as without, and so it is in wide letters and the digits of any script. Text without a letter
 * or a digit names nobody: punctuation, emoji.
 */
export function isNobody(id: string, others: ReadonlySet<string>): boolean {
  if (SEEN.test(id)) return saysNobody(id.trim().toLowerCase(), others);
  // Half a surrogate pair is a mistake that is told, and no way to say nobody.
  if (!id.isWellFormed()) return false;
  const text = id.replace(UNSEEN, '').trim().toLowerCase();
  if (isOfAnotherScript(text)) return others.has(text);
  return saysNobody(text, others) || saysNobody(inPlainLetters(text), others);
}

/** Whether a text begins with a letter that is no form of one of ASCII: it says none of the words for nobody. */
function isOfAnotherScript(text: string): boolean {
  const first = text.charAt(0);
  return first > '\u007f' && LETTER.test(first) && first.normalize('NFKC') === first;
}

function saysNobody(text: string, others: ReadonlySet<string>): boolean {
  if (never.has(text) || others.has(text)) return true;
  // Most ids begin so, and are told at once.
  if (PLAIN.test(text)) return false;
  if (!LETTER_OR_DIGIT.test(text)) return true;
  let inside = text;
  for (let quotes = 0; quotes <= MAX_QUOTES; quotes += 1) {
    if (never.has(inside) || others.has(inside) || ZEROS.test(inside) || PRINTED.test(inside)) return true;
    if (!QUOTE.test(inside.charAt(0)) || !QUOTE.test(inside.slice(-1))) return false;
    inside = inside.slice(1, -1).trim();
  }
  return false;
}

/** Wide letters and digits of other scripts as those of ASCII. */
function inPlainLetters(text: string): string {
  return text.normalize('NFKC').toLowerCase().replace(DIGITS, toPlainDigit).trim();
}

/** Each script has its ten digits in one run from zero (Unicode Standard, 4.6). */
function toPlainDigit(digit: string): string {
  const code = digit.codePointAt(0) ?? 0;
  let zero = code;
  while (DIGIT.test(String.fromCodePoint(zero - 1))) zero -= 1;
  return String((code - zero) % 10);
}
