import { SCRIPT_TYPES } from '../../generated/script-names.ts';
import type { ScriptName } from './script-types.ts';
import { STANDARD_NAMES } from './standard-names.ts';

/** What is known of an expression: a value as samples have it, a type of transform.d.ts, a function of it, or what browsers have too. */
export type Known =
  | { value: unknown }
  | { type: string }
  | { calls: string; params: string[] }
  | { standard: unknown };

/** What the editor knows beside the text of the script. */
export interface ScriptFacts {
  /** A sample of the events. */
  event: unknown;
  variables: Record<string, unknown>;
  /** Names of secrets. */
  secrets: readonly string[];
  /** Stored scripts that may be imported, as `lib:name`. */
  libraries: readonly string[];
}

/** A member that can be named. */
export interface Member {
  name: string;
  signature: string;
  about: string;
  kind: string;
}

/** A name that a script sees without declaring it. */
export function globalOf(name: string, facts: ScriptFacts): Known | undefined {
  if (/^(\$|_|event)$/.test(name)) return { value: facts.event };
  const declared = SCRIPT_TYPES['']?.[name] ?? SCRIPT_TYPES.TransformGlobals?.[name];
  if (declared) return ofName(declared, facts) ?? browsers(name);
  if (Object.hasOwn(facts.variables, name)) return { value: facts.variables[name] };
  return STANDARD_NAMES.includes(name) ? browsers(name) : undefined;
}

/** What a member of something is. */
export function memberOf(known: Known | undefined, name: string, facts: ScriptFacts): Known | undefined {
  if (!known) return undefined;
  if ('type' in known) {
    const member = SCRIPT_TYPES[known.type]?.[name];
    return member && ofName(member, facts);
  }
  if ('calls' in known) return undefined;
  const owner = 'value' in known ? known.value : known.standard;
  if (owner === null || owner === undefined || !(name in Object(owner))) return undefined;
  const value: unknown = (owner as Record<string, unknown>)[name];
  return 'value' in known && Object.hasOwn(Object(owner), name) ? { value } : { standard: value };
}

/** All members of something, what it inherits included. */
export function membersOf(known: Known): Member[] {
  if ('type' in known)
    return Object.entries(SCRIPT_TYPES[known.type] ?? {}).map(([name, { signature, about, kind }]) => ({
      name,
      signature,
      about,
      kind,
    }));
  if ('calls' in known) return [];
  const owner = 'value' in known ? known.value : known.standard;
  return owner === null || owner === undefined ? [] : valueMembers(owner);
}

/** What a call of it answers. */
export function answerOf(known: Known | undefined, facts: ScriptFacts): Known | undefined {
  return known && 'calls' in known ? ofType(known.calls, facts) : undefined;
}

/** What `await` makes of it. */
export function awaited(known: Known | undefined, facts: ScriptFacts): Known | undefined {
  if (!known || !('type' in known)) return known;
  const [, inner] = /^Promise<(.*)>$/.exec(known.type) ?? [];
  return inner === undefined ? known : ofType(inner, facts);
}

/** A type as it is written. Of several the first counts; `any` is not known. */
export function ofType(type: string, facts: ScriptFacts): Known | undefined {
  if (type === 'TransformEvent') return { value: facts.event };
  if (type === 'TransformEvent[]') return { value: [facts.event] };
  if (type === 'TransformSecrets')
    return { value: Object.fromEntries(facts.secrets.map(name => [name, ''])) };
  if (/^Promise</.test(type) || SCRIPT_TYPES[type]) return { type };
  const [, answer] = /^\([^()]*\) => (.*)$/.exec(type) ?? [];
  if (answer !== undefined) return { calls: answer, params: [] };
  const [, object] = /^\{(.*)\}/.exec(type) ?? [];
  if (object !== undefined)
    return {
      value: Object.fromEntries([...object.matchAll(/(\w+)\??:/g)].map(([, name]) => [name, undefined])),
    };
  const [, last] = / & (\w+)$/.exec(type) ?? [];
  if (last !== undefined) return { type: last };
  if (/^(string|')/.test(type)) return { value: '' };
  if (/^number/.test(type)) return { value: 0 };
  return /\[\]$/.test(type) ? { value: [] } : undefined;
}

function ofName({ kind, type, params = [] }: ScriptName, facts: ScriptFacts): Known | undefined {
  return kind === 'function' ? { calls: type, params } : ofType(type, facts);
}

/** What the browser has by that name: the language is the same, and so are the classes of the web. */
function browsers(name: string): Known | undefined {
  const standard = (globalThis as Record<string, unknown>)[name];
  return standard === undefined ? undefined : { standard };
}

function valueMembers(owner: unknown): Member[] {
  const found = new Map<string, Member>();
  for (
    let at = Object(owner) as object | null;
    at && at !== Object.prototype;
    at = Object.getPrototypeOf(at)
  ) {
    if (at === Function.prototype) break;
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(at)))
      if (/^[A-Za-z_$][\w$]*$/.test(name) && name !== 'constructor' && !found.has(name))
        found.set(name, { name, signature: shown(value), about: '', kind: kindOf(value) });
  }
  return [...found.values()];
}

function kindOf(value: unknown): string {
  return typeof value === 'function' ? 'function' : 'property';
}

/** A value of a sample in a few words. */
function shown(value: unknown): string {
  if (value === undefined || typeof value === 'function') return '';
  if (Array.isArray(value)) return `array of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'object';
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
